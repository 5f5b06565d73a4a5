import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Connection, Count, connections, F, Q } from "core-framework/db";
import { FieldError } from "../../core/exceptions.ts";
import { forEachDatabase } from "../support/databases.ts";
import { connectTo } from "./connect.ts";
import { Author, Book, models, Sample } from "./models.ts";
import { inheritedNames, mark, payloads } from "./payloads.ts";
import { createTables } from "./schema.ts";
import { type Statement, statementsOf } from "./statements.ts";

/** A queryset for which the compiler checks no names. */
type Untyped = Record<string, (...args: unknown[]) => Untyped & PromiseLike<unknown>>;

/** Each takes a name from elsewhere and puts it where a query has names. */
const places: Record<string, (books: Untyped, name: string) => PromiseLike<unknown>> = {
  "orderByNames()": (books, name) => books.orderByNames([name]),
  "orderByNames() after a relation": (books, name) => books.orderByNames([`author__${name}`]),
  "orderBy()": (books, name) => books.orderBy(name),
  "a key of filter()": (books, name) => books.filter({ [name]: 1 }),
  "a key of exclude()": (books, name) => books.exclude({ [name]: "x" }),
  "a key of a Q": (books, name) => books.filter(Q({ [name]: 1 }).not()),
  "a key of get()": (books, name) => books.get({ [name]: 1 }),
  "where()": (books, name) => books.where(name, "x"),
  "a lookup": (books, name) => books.where(`title__${name}`, "x"),
  "a path of F()": (books, name) => books.filter({ title: F(name) }),
  "a key of annotate()": (books, name) => books.annotate({ [name]: Count("reviews") }),
  "a key of annotate() that is ordered by": (books, name) =>
    books.annotate({ [name]: Count("reviews") }).orderByNames([name]),
  "a path of Count()": (books, name) => books.annotate({ n: Count(name) }),
  "a filter of Count()": (books, name) => books.annotate({ n: Count("reviews", { filter: { [name]: 1 } }) }),
  "values()": (books, name) => books.values(name),
  "valuesList()": (books, name) => books.valuesList("id", name),
  "valuesList() with flat": (books, name) => books.valuesList(name, { flat: true }),
  "selectRelated()": (books, name) => books.selectRelated(name),
  "prefetchRelated()": (books, name) => books.prefetchRelated(name),
  "a key of update()": (books, name) => books.filter({ id: 1 }).update({ [name]: 1 }),
  "a path in update()": (books, name) => books.filter({ id: 1 }).update({ title: F(name) }),
};

forEachDatabase((_name, makeUrl) => {
  let connection: Connection;
  const books = () => Book.objects.all() as unknown as Untyped;

  before(async () => {
    connection = await connectTo(makeUrl);
    await createTables(connection, models);
    const author = await Author.objects.create({ name: "Ana" });
    await Book.objects.create({ title: "The Sea", author });
  });
  after(() => connections.closeAll());

  describe("a name from elsewhere is no SQL", () => {
    for (const [place, use] of Object.entries(places)) {
      test(`as ${place}`, async () => {
        for (const name of [...payloads, ...inheritedNames]) await assertHarmless(name, () => use(books(), name));
      });
    }

    test("as a key of a JSON document", async () => {
      const samples = () => Sample.objects.all() as unknown as Untyped;
      for (const name of payloads) {
        await assertHarmless(name, () => samples().where(`data__${name}`, "x"));
        await assertHarmless(name, () => samples().orderByNames([`data__${name}`]));
        await assertHarmless(name, () => samples().values(`data__${name}`));
      }
    });

    test("and nothing is lost or added by any of it", async () => {
      assert.deepEqual([await Author.objects.count(), await Book.objects.count()], [1, 1]);
      assert.deepEqual(await Book.objects.valuesList("title", { flat: true }), ["The Sea"]);
    });
  });

  describe("a value from elsewhere is a parameter", () => {
    const lookups = "exact iexact contains icontains startswith istartswith endswith iendswith gt lt".split(" ");
    for (const lookup of lookups) {
      test(`of ${lookup}`, async () => {
        for (const value of payloads.filter((payload) => !payload.includes("\0"))) {
          const sent = await statementsOf(connection, () => Book.objects.where(`title__${lookup}`, value));
          assert.equal(sent.length, 1);
          assert.ok(!sent[0].sql.includes(mark), sent[0].sql);
          assert.ok(JSON.stringify(sent[0].params).includes(mark));
        }
      });
    }

    test("of in, range, an expression and create()", async () => {
      for (const value of payloads.filter((payload) => !payload.includes("\0"))) {
        const sent = await statementsOf(connection, async () => {
          await Book.objects.filter({ title__in: [value, value] });
          await Book.objects.filter({ title__range: [value, value] });
          await Book.objects.filter({ id: 0 }).update({ title: value });
          const author = await Author.objects.create({ name: value });
          assert.equal((await Author.objects.get({ name: value })).id, author.id);
          await author.delete();
        });
        for (const { sql } of sent) assert.ok(!sql.includes(mark), sql);
      }
    });
  });

  /** A FieldError before anything is sent, or one statement in which the name is quoted if it is there at all. */
  async function assertHarmless(name: string, use: () => PromiseLike<unknown>): Promise<void> {
    let error: unknown = null;
    const sent = await statementsOf(connection, async () => {
      try {
        await use();
      } catch (thrown) {
        error = thrown;
      }
    });
    const about = JSON.stringify(name);
    if (error) assert.ok(error instanceof FieldError, `${about}: ${String(error)}`);
    if (error) assert.equal(sent.length, 0, `${about}: ${sent[0]?.sql}`);
    assert.ok(sent.length <= 1, about);
    for (const statement of sent) assert.ok(!unquoted(statement).includes(mark), `${about}: ${statement.sql}`);
  }
});

/** A statement without what stands between quotes that are closed. */
function unquoted({ sql }: Statement): string {
  return sql.replace(/"(?:[^"]|"")*"/g, "").replace(/'(?:[^']|'')*'/g, "");
}
