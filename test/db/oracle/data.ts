import type { Connection } from "core-framework/db";
import { models } from "./models.ts";
import type { Random } from "./random.ts";
import { type Data, type Kind, type Row, schema } from "./schema.ts";

// Few values, so that random queries meet them: equal texts, texts that differ in case or accent only, what LIKE and
// regular expressions would take for signs, a character outside of the basic plane and one that UTF-16 puts after it.
const letters = ["a", "A", "b", "B", "é", "É", "ß", "z", "Z", "%", "_", "\\", "1", " ", "😀", "～", "日", "'", '"'];
const texts = ["", "a", "A", "b", "ab", "Ab", "AB", "é", "É", "a%", "a_b", "a\\b", "😀", "～", "10", "Zz"];
const dates = ["2023-12-31", "2024-01-01", "2024-02-29", "2024-03-01", "2020-12-28", "2021-01-03", "2024-07-15"];
const times = ["00:00:00", "00:00:00.000001", "12:30:45", "12:30:45.123456", "23:59:59.999999", "12:30:45.100000"];
const uuids = ["0e984725-c51c-4bf4-9960-e1c80e27aba0", "f47ac10b-58cc-4372-a567-0e02b2c3d479"];
const documents = [1, "a", true, [1, 2], { a: 1 }, [], "A"];

/** A value of a column, as a row holds it. */
const makers: Readonly<Record<Kind, (random: Random) => unknown>> = {
  text: (random) => (random.chance(70) ? random.pick(texts) : random.many(1, 3, () => random.pick(letters)).join("")),
  integer: (random) => random.pick([-2, 0, 1, 2, 3, 4, 10]),
  // Quarters, which a double holds exactly: SQLite has no other decimals.
  decimal: (random) => (random.integer(-4, 12) / 4).toFixed(2),
  float: (random) => random.integer(-4, 12) / 4,
  boolean: (random) => random.chance(50),
  date: (random) => random.pick(dates),
  datetime: (random) => `${random.pick(dates)}T${random.pick(times)}Z`,
  uuid: (random) => random.pick(uuids),
  json: (random) => random.pick(documents),
};

export function randomValue(random: Random, kind: Kind): unknown {
  return makers[kind](random);
}

/** Rows of every model; some relations lead nowhere. Made in an order in which keys can refer to what is there. */
export function randomData(random: Random): Data {
  const tables: Record<string, readonly Row[]> = {};
  const sizes = { Author: 6, Tag: 5, Profile: 4, Publisher: 3, Book: 8, Review: 9 };
  for (const [name, size] of Object.entries(sizes)) {
    const count = random.integer(size === 3 || random.chance(15) ? 0 : 2, size);
    const rows = Array.from({ length: dependable(name, tables) ? count : 0 }, (_, index) =>
      randomRow(random, name, index + 1, tables),
    );
    tables[name] = oncePer(rows, unique[name]);
  }
  return { tables, pairs: { "Book.tags": randomPairs(random, tables) } };
}

/** The columns that make a relation one-to-one. */
const unique: Readonly<Record<string, string>> = { Profile: "authorId", Publisher: "headId" };

/** What must refer to a row cannot be there without any. */
function dependable(name: string, tables: Readonly<Record<string, readonly Row[]>>): boolean {
  return Object.values(schema[name].links).every(({ own, optional, to }) => {
    return own === undefined || optional || tables[to].length > 0;
  });
}

function randomRow(random: Random, name: string, id: number, tables: Readonly<Record<string, readonly Row[]>>): Row {
  const { columns, links } = schema[name];
  const row: Record<string, unknown> = { id };
  for (const [column, { kind, null: nullable }] of Object.entries(columns)) {
    if (column !== "id") row[column] = nullable && random.chance(25) ? null : randomValue(random, kind);
  }
  for (const { own, to, optional } of Object.values(links)) {
    if (own === undefined) continue;
    // A row of the same model may refer to itself and to those before it.
    const ids = to === name ? Array.from({ length: id }, (_, index) => index + 1) : tables[to].map((other) => other.id);
    row[own] = ids.length === 0 || (optional && random.chance(30)) ? null : random.pick(ids);
  }
  return row as Row;
}

function oncePer(rows: readonly Row[], column = "id"): Row[] {
  const isFirst = (row: Row, index: number) =>
    row[column] === null || rows.findIndex((other) => other[column] === row[column]) === index;
  return rows.filter(isFirst);
}

function randomPairs(random: Random, { Book, Tag }: Record<string, readonly Row[]>): [number, number][] {
  const all = Book.flatMap((book) => Tag.map((tag): [number, number] => [book.id, tag.id]));
  return all.filter(() => random.chance(30));
}

/** Puts the data into a database, in place of what was there. */
export async function load(connection: Connection, { tables, pairs }: Data): Promise<void> {
  await connection.execute('DELETE FROM "oracle_book_tags"');
  for (const name of Object.keys(tables).reverse()) {
    await connection.execute(`UPDATE "oracle_author" SET "mentor_id" = NULL`);
    await connection.execute(`UPDATE "oracle_tag" SET "parent_id" = NULL`);
    await connection.execute(`DELETE FROM "${models[name]._meta.dbTable}"`);
  }
  for (const [name, rows] of Object.entries(tables)) {
    const model = models[name] as unknown as new (values: object) => never;
    const { objects } = models[name] as unknown as { objects: { bulkCreate(objects: unknown[]): Promise<unknown> } };
    await objects.bulkCreate(rows.map((row) => new model({ ...row })));
  }
  for (const [book, tag] of pairs["Book.tags"]) {
    await connection.execute(`INSERT INTO "oracle_book_tags" ("book_id", "tag_id") VALUES (${book}, ${tag})`);
  }
}
