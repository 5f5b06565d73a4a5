import type { Case } from "../support/case.ts";
import { measure } from "../support/measure.ts";
import type { Bench, Driver } from "./database.ts";
import { Book, bookValues } from "./models.ts";

const ROWS = 10_000;
const BATCH = 1000;
const columns = ["title", "contact", "pages", "price", "in_print", "published_on", "created_at", "author_id"];

/** Many new rows, beside INSERTs of as many rows each that are written by hand. */
export const bulkCreate: Case<Bench> = {
  name: "bulkCreate",
  title: "10,000 new rows: `bulkCreate()`",
  async run({ driver, database }) {
    const sqlite = database.name === "sqlite";
    const all = Array.from({ length: ROWS }, (_, n) => bookValues(n));
    const sql = insertSql(sqlite);
    const figures = await measure(
      {
        "core-framework": () =>
          Book.objects.bulkCreate(
            all.map((values) => new Book(values)),
            { batchSize: BATCH },
          ),
        driver: () => byHand(driver, sql, all, sqlite),
      },
      { rounds: 9, turnMs: 1 },
    );
    return { figures, targets: [{ subject: "core-framework", against: "driver", atMost: 1.5 }] };
  },
};

function insertSql(sqlite: boolean): string {
  let position = 0;
  const row = () => `(${columns.map(() => (sqlite ? "?" : `$${++position}`)).join(", ")})`;
  return `INSERT INTO bench_book (${columns}) VALUES ${Array.from({ length: BATCH }, row).join(", ")} RETURNING id`;
}

async function byHand(
  driver: Driver,
  sql: string,
  all: readonly ReturnType<typeof bookValues>[],
  sqlite: boolean,
): Promise<unknown[]> {
  const ids: unknown[] = [];
  await driver.all("BEGIN");
  for (let start = 0; start < all.length; start += BATCH) {
    const params: unknown[] = [];
    for (const book of all.slice(start, start + BATCH)) {
      const { title, contact, pages, price, inPrint, publishedOn, createdAt, authorId } = book;
      const at = createdAt.toISOString();
      params.push(title, contact, pages, price, sqlite ? Number(inPrint) : inPrint, publishedOn, at, authorId);
    }
    ids.push(...(await driver.all(sql, params)));
  }
  await driver.all("COMMIT");
  return ids;
}
