import { connections } from "core-framework/db";
import type { Case, Outcome } from "../support/case.ts";
import { measure } from "../support/measure.ts";
import type { Bench } from "./database.ts";
import { Book, bookValues } from "./models.ts";
import { PlainBook } from "./typeorm.ts";

/** One changed column of a loaded object; TypeORM's `save()` reads the row first. */
export const save: Case<Bench> = {
  name: "save",
  title: "One changed column: `save()`",
  async run({ driver, typeorm, database }) {
    const repository = typeorm.getRepository(PlainBook);
    const [book, other] = [await Book.objects.get({ id: 1 }), await repository.findOneByOrFail({ id: 2 })];
    const [first, second] = database.name === "sqlite" ? ["?", "?"] : ["$1", "$2"];
    const sql = `UPDATE bench_book SET pages = ${first} WHERE id = ${second}`;
    let pages = 1;
    const figures = await measure({
      "core-framework": () => Object.assign(book, { pages: pages++ }).save(),
      TypeORM: () => repository.save(Object.assign(other, { pages: pages++ })),
      driver: () => driver.all(sql, [pages++, 3]),
    });
    return {
      figures,
      targets: [{ subject: "core-framework", against: "TypeORM", atMost: 0.5 }],
      remarks: [await statements(book)],
    };
  },
};

/** One statement, with the changed column only. */
async function statements(book: Book): Promise<NonNullable<Outcome["remarks"]>[number]> {
  const connection = connections.get();
  const sent: string[] = [];
  const { execute } = connection;
  connection.execute = function (this: typeof connection, sql, ...rest) {
    sent.push(sql);
    return execute.call(this, sql, ...rest);
  };
  try {
    await Object.assign(book, { pages: book.pages + 1 }).save();
  } finally {
    connection.execute = execute;
  }
  const met = sent.length === 1 && /^UPDATE "bench_book" SET "pages" = \S+ WHERE "id" = \S+$/.test(sent[0]);
  return { text: `\`save()\` sends: ${sent.map((sql) => `\`${sql}\``).join(", ")}`, met };
}

/** One new object. */
export const create: Case<Bench> = {
  name: "create",
  title: "One new row: `create()`",
  async run({ driver, typeorm, database }) {
    const repository = typeorm.getRepository(PlainBook);
    const columns = ["title", "contact", "pages", "price", "in_print", "published_on", "created_at", "author_id"];
    const marks = columns.map((_, index) => (database.name === "sqlite" ? "?" : `$${index + 1}`));
    const sql = `INSERT INTO bench_book (${columns}) VALUES (${marks}) RETURNING id`;
    const created = new Date().toISOString();
    const byHand = [
      "The Sea",
      "a@example.com",
      1,
      "1.50",
      database.name === "sqlite" ? 1 : true,
      "2020-01-01",
      created,
      1,
    ];
    const values = bookValues(1);
    const figures = await measure(
      {
        "core-framework": () => Book.objects.create(values),
        TypeORM: () => repository.save(repository.create(values)),
        driver: () => driver.all(sql, byHand),
      },
      { rounds: 15 },
    );
    return { figures, targets: [{ subject: "core-framework", against: "TypeORM", atMost: 0.5 }] };
  },
};
