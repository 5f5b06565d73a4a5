// fixture.json has a shape of its own, which other implementations of this app read as well: here it becomes Django's.
import { readFile } from "node:fs/promises";
import { Duration } from "core-framework";
import { makePassword } from "core-framework/auth";

type Row = Record<string, unknown>;
type Tables = Record<string, Row[]>;

/** An object as Django's fixtures have it. */
interface DjangoObject {
  model: string;
  pk: unknown;
  fields: Row;
}

const models = {
  users: "auth.user",
  authors: "library.author",
  categories: "library.category",
  books: "library.book",
  reviews: "library.review",
  events: "library.auditevent",
  notes: "library.note",
  shelves: "library.shelf",
  profiles: "library.profile",
  orders: "library.order",
  order_items: "library.orderitem",
  samples: "library.sample",
};

/** The fixture in Django's form. Its passwords are hashed, which takes a second or two. */
export async function djangoFixture(): Promise<DjangoObject[]> {
  const tables = JSON.parse(await readFile(new URL("fixture.json", import.meta.url), "utf8")) as Tables;
  await Promise.all((tables.users ?? []).map(hashPassword));
  tables.samples?.forEach(nameSpan);
  gather(tables, "books", "categories", { pairs: "book_categories", from: "book_id", to: "category_id" });
  gather(tables, "shelves", "books", { pairs: "shelf_books", from: "shelf_id", to: "book_id" });
  return Object.entries(models).flatMap(([table, model]) => (tables[table] ?? []).map((row) => toObject(model, row)));
}

async function hashPassword(user: Row): Promise<void> {
  user.password = await makePassword(user.password as string);
}

function nameSpan(sample: Row): void {
  const seconds = sample.span_seconds as number | null;
  delete sample.span_seconds;
  sample.span = seconds === null ? null : String(new Duration(BigInt(Math.round(seconds * 1e6))));
}

/** A table of pairs becomes a list of keys in each row. */
function gather(
  tables: Tables,
  table: string,
  field: string,
  { pairs, from, to }: Record<"pairs" | "from" | "to", string>,
): void {
  for (const row of tables[table] ?? []) {
    row[field] = (tables[pairs] ?? []).filter((pair) => pair[from] === row.id).map((pair) => pair[to]);
  }
}

/** Django's fixtures name a foreign key by its field, `author`, not by its column. */
function toObject(model: string, { id, ...row }: Row): DjangoObject {
  return {
    model,
    pk: id,
    fields: Object.fromEntries(Object.entries(row).map(([name, value]) => [name.replace(/_id$/, ""), value])),
  };
}
