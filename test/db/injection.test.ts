import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  atomic,
  Case,
  Coalesce,
  Collate,
  type Connection,
  Count,
  connections,
  Exists,
  F,
  JSONObject,
  KT,
  OuterRef,
  Prefetch,
  Q,
  StringAgg,
  Subquery,
  Value,
  When,
  Window,
} from "core-framework/db";
import {
  DataError,
  FieldError,
  ImproperlyConfigured,
  NotSupportedError,
  ProgrammingError,
} from "../../core/exceptions.ts";
import { forEachDatabase } from "../support/databases.ts";
import { connectTo } from "./connect.ts";
import { Author, Book, models, Review, Sample } from "./models.ts";
import { inheritedNames, mark, payloads, values } from "./payloads.ts";
import { createTables } from "./schema.ts";
import { type Statement, statementsOf } from "./statements.ts";

/** A queryset for which the compiler checks no names. */
type Untyped = Record<string, (...args: unknown[]) => Untyped & PromiseLike<unknown>>;

/** Each takes a name from elsewhere and puts it where a query has names. */
const places: Record<string, (books: Untyped, name: string) => PromiseLike<unknown>> = {
  "orderByNames()": (books, name) => books.orderByNames([name]),
  "orderByNames() after a relation": (books, name) => books.orderByNames([`author__${name}`]),
  "orderBy()": (books, name) => books.orderBy(name),
  "an expression to order by": (books, name) => books.orderBy(F(name).desc({ nullsLast: true })),
  "earliest()": (books, name) => books.earliest(name),
  "distinct()": (books, name) => books.distinct(name),
  "a key of filter()": (books, name) => books.filter({ [name]: 1 }),
  "a key of exclude()": (books, name) => books.exclude({ [name]: "x" }),
  "a key of a Q": (books, name) => books.filter(Q({ [name]: 1 }).not()),
  "a key of get()": (books, name) => books.get({ [name]: 1 }),
  "a key of getOrCreate()": (books, name) => books.getOrCreate({ [name]: 1 }),
  "a key of a When()": (books, name) => books.annotate({ n: Case(When({ [name]: 1 }, 1)) }),
  "where()": (books, name) => books.where(name, "x"),
  "a lookup": (books, name) => books.where(`title__${name}`, "x"),
  "a lookup of a date": (books, name) => books.where(`createdAt__year__${name}`, 1),
  "a path of F()": (books, name) => books.filter({ title: F(name) }),
  "a path of OuterRef()": (books, name) =>
    books.filter(Exists(Review.objects.filter({ book: OuterRef(name) }) as never)),
  "a path inside a Subquery()": (books, name) =>
    books.annotate({ n: Subquery((Review.objects.all() as never as Untyped).values(name).slice(0, 1) as never) }),
  "a key of annotate()": (books, name) => books.annotate({ [name]: Count("reviews") }),
  "a key of annotate() that is ordered by": (books, name) =>
    books.annotate({ [name]: Count("reviews") }).orderByNames([name]),
  "a key of annotate() that is filtered by": (books, name) =>
    books.annotate({ [name]: Count("reviews") }).where(name, 1),
  "a key of alias()": (books, name) => books.alias({ [name]: Count("reviews") }).orderByNames([name]),
  "a key of aggregate()": (books, name) => books.aggregate({ [name]: Count("reviews") }),
  "a path of Count()": (books, name) => books.annotate({ n: Count(name) }),
  "a filter of Count()": (books, name) => books.annotate({ n: Count("reviews", { filter: { [name]: 1 } }) }),
  "a column of a function": (books, name) => books.annotate({ n: Coalesce(name, Value("x")) }),
  "a column of a window": (books, name) => books.annotate({ n: Window(Count("*"), { partitionBy: name } as never) }),
  "a path of KT()": (books, name) => books.annotate({ n: KT(`${name}__x`) }),
  "a delimiter": (books, name) => books.annotate({ n: StringAgg("reviews__text", name) }),
  "a member of a JSON object": (books, name) => books.annotate({ n: JSONObject({ [name]: "title" }) }),
  "a collation": (books, name) => books.annotate({ n: Collate("title", name) }),
  "values()": (books, name) => books.values(name),
  "values() that group": (books, name) => books.values(name).annotate({ n: Count("*") }),
  "valuesList()": (books, name) => books.valuesList("id", name),
  "valuesList() with flat": (books, name) => books.valuesList(name, { flat: true }),
  "only()": (books, name) => books.only(name),
  "defer()": (books, name) => books.defer(name),
  "selectRelated()": (books, name) => books.selectRelated(name),
  "prefetchRelated()": (books, name) => books.prefetchRelated(name),
  "a property to prefetch into": (books, name) => books.prefetchRelated(new Prefetch("reviews", { toAttr: name })),
  "a relation to lock": (books, name) => atomic(async () => books.selectForUpdate({ of: [name] })),
  "inBulk()": (books, name) => books.inBulk([1], { fieldName: name }),
  "bulkUpdate()": (books, name) => books.bulkUpdate([new Book({ id: 1, title: "x" })], [name]),
  "bulkCreate()": (books, name) =>
    books.bulkCreate([new Book({ title: "x", authorId: 1 })], {
      updateConflicts: true,
      uniqueFields: [name],
      updateFields: [name],
    }),
  "the format of explain()": (books, name) => books.explain({ format: name }),
  "an option of explain()": (books, name) => books.explain({ [name]: true }),
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
        const unknown = place === "a collation" ? [ImproperlyConfigured, ProgrammingError] : [];
        for (const name of [...payloads, ...inheritedNames]) {
          await assertHarmless(name, () => use(books(), name), unknown);
        }
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
        for (const value of values) {
          const sent = await statementsOf(connection, () => Book.objects.where(`title__${lookup}`, value));
          assert.equal(sent.length, 1);
          assert.ok(!sent[0].sql.includes(mark), sent[0].sql);
          assert.ok(JSON.stringify(sent[0].params).includes(mark));
        }
      });
    }

    test("of in, range, an expression and create()", async () => {
      for (const value of values) {
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

  /**
   * Refused before anything is sent; or a statement, in which the name is quoted if it is there at all.
   *
   * @param unknown the errors of a database that does not know the name
   */
  async function assertHarmless(
    name: string,
    use: () => PromiseLike<unknown>,
    unknown: readonly (new (...args: never[]) => Error)[] = [],
  ): Promise<void> {
    const about = JSON.stringify(name);
    let error: unknown = null;
    const run = async () => {
      try {
        await use();
      } catch (thrown) {
        error = thrown;
      }
    };
    const sent = await statementsOf(connection, run);
    const expected = sent.length === 0 ? refusals : unknown;
    assert.ok(error === null || expected.some((kind) => error instanceof kind), `${about}: ${String(error)}`);
    assert.ok(sent.length <= 2, `${about}: ${sent.map(({ sql }) => sql).join("; ")}`);
    for (const statement of sent) assert.ok(!unquoted(statement).includes(mark), `${about}: ${statement.sql}`);
  }
});

/** What says that a name or a value means nothing. */
const refusals = [FieldError, DataError, NotSupportedError, ImproperlyConfigured];

/** A statement without what stands between quotes that are closed. */
function unquoted({ sql }: Statement): string {
  return sql.replace(/"(?:[^"]|"")*"|'(?:[^']|'')*'/g, "");
}
