import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { connections } from "core-framework/db";
import type { Case } from "../support/case.ts";
import type { Bench, DatabaseName } from "./database.ts";
import { Book } from "./models.ts";

const ROWS = 1_000_000;
const WARM_UP = 50_000;
const MOST = 20;
const MEGABYTE = 1024 * 1024;

/** A table that does not fit a small memory, one object after another. */
export const iterator: Case<Bench> = {
  name: "iterator",
  title: "A million objects, one after another: `iterator()`",
  async run({ database }) {
    await fill(database.name);
    // What the heap of a process grows to with the first rows, whoever reads them, is not the iterator's.
    await iterate(WARM_UP);
    const before = process.cpuUsage();
    const { grown, count } = await iterate(ROWS);
    const { user, system } = process.cpuUsage(before);
    const perRow = (user + system) / count;
    const text = `RSS grew by ${grown.toFixed(1)} MB over ${count.toLocaleString("en")} rows, at most ${MOST}; ${WARM_UP.toLocaleString("en")} were read before to warm up.`;
    return {
      figures: { "core-framework": { median: perRow, least: perRow } },
      targets: [],
      remarks: [{ text, met: grown < MOST && count === ROWS }],
    };
  },
};

async function fill(name: DatabaseName): Promise<void> {
  await Book.objects.all().delete();
  const numbers =
    name === "sqlite"
      ? `WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${ROWS})`
      : `WITH numbers AS (SELECT generate_series(1, ${ROWS}) AS n)`;
  const row =
    "'The Sea, part ' || n, 'reader' || n || '@example.com', n % 900, 12.50, n % 3 = 0, '2020-02-29', '2024-02-29 12:30:45.250+00', 1";
  const columns = "title, contact, pages, price, in_print, published_on, created_at, author_id";
  const values =
    name === "sqlite"
      ? row.replace("+00", "")
      : row.replace("'2020-02-29'", "$&::date").replace("+00'", "$&::timestamptz");
  await connections.get().execute(`${numbers} INSERT INTO bench_book (${columns}) SELECT ${values} FROM numbers`);
}

async function iterate(limit: number): Promise<{ grown: number; count: number }> {
  collectGarbage();
  const start = process.memoryUsage.rss();
  let most = start;
  let count = 0;
  for await (const book of Book.objects.all().slice(0, limit).iterator()) {
    if (book.pages >= 0) count++;
    if (count % 10_000 === 0) most = Math.max(most, process.memoryUsage.rss());
  }
  return { grown: (most - start) / MEGABYTE, count };
}

function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
}
