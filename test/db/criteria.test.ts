import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { type Connection, connections, Q } from "core-framework/db";
import { DataError, FieldError } from "../../core/exceptions.ts";
import { forEachDatabase } from "../support/databases.ts";
import { connectTo } from "./connect.ts";
import { Author, Book, Category, models, Review } from "./models.ts";
import { createTables } from "./schema.ts";
import { statementsOf } from "./statements.ts";

/** Values as a request's JSON would have them, which other libraries take for operators. */
const operatorObjects: readonly unknown[] = [
  { $ne: 1 },
  { $gt: 0 },
  { $or: [{}, {}] },
  { _type: "not", _value: 1 },
  { "@instanceof": "FindOperator", _type: "not", _value: 1 },
  { type: "raw", value: "1 OR 1=1" },
  { not: 1 },
  { in: [1, 2] },
  { gt: 0 },
  { raw: "1=1" },
  { toString: "1" },
  { valueOf: 1 },
  { queryState: {} },
  { shape: "V", value: 1 },
  { sql: "1 OR 1=1", params: [] },
  { length: 1, 0: 1 },
  {},
  [],
  [1],
  [[1]],
  [{ $ne: 1 }],
];

forEachDatabase((_name, makeUrl) => {
  let connection: Connection;

  before(async () => {
    connection = await connectTo(makeUrl);
    await createTables(connection, models);
  });
  after(() => connections.closeAll());

  beforeEach(async () => {
    for (const model of [Review, Book, Author, Category]) await model.objects.all().delete();
    const [ana, bob] = [await Author.objects.create({ name: "Ana" }), await Author.objects.create({ name: "Bob" })];
    await Book.objects.create({ title: "The Sea", author: ana });
    await Book.objects.create({ title: "A Lake", author: bob });
  });

  /** Refused, and nothing was sent. */
  async function assertRefused(run: () => unknown, error: new (...args: never[]) => Error, about = ""): Promise<void> {
    let thrown: unknown = null;
    const sent = await statementsOf(connection, async () => {
      try {
        await run();
      } catch (reason) {
        thrown = reason;
      }
    });
    assert.ok(thrown instanceof error, `${about}: ${String(thrown)}`);
    assert.deepEqual(sent, [], about);
  }

  describe("criteria that say nothing", () => {
    test("get() of nothing finds no arbitrary row", async () => {
      for (const none of [{}, Q(), Q({})]) {
        await assert.rejects(Book.objects.get(none), Book.MultipleObjectsReturned);
      }
      await assert.rejects(Book.objects.get(), Book.MultipleObjectsReturned);
    });

    test("undefined is refused wherever a condition stands", async () => {
      const books = Book.objects.all() as unknown as Record<string, (...args: unknown[]) => unknown>;
      for (const method of ["filter", "exclude", "get", "getOrCreate", "updateOrCreate"]) {
        await assertRefused(() => books[method](undefined), FieldError, `${method}(undefined)`);
        await assertRefused(() => books[method]({ id: undefined }), FieldError, `${method}({ id: undefined })`);
        await assertRefused(() => books[method]({ author__name: undefined }), FieldError, method);
        await assertRefused(() => books[method]({ id__in: [1, undefined] }), FieldError, `${method} in`);
        await assertRefused(() => books[method]({ title: "The Sea", id: undefined }), FieldError, method);
      }
      await assertRefused(() => books.filter(Q({ id: undefined })), FieldError);
      await assertRefused(() => books.filter(Q({ title: "x" }).or({ id: undefined })), FieldError);
      await assertRefused(() => books.where("id", undefined), FieldError);
      assert.equal(await Book.objects.count(), 2);
    });

    test("what is no object of conditions is refused", async () => {
      const books = Book.objects.all() as unknown as Record<string, (...args: unknown[]) => unknown>;
      for (const wrong of [null, undefined, 1, "id", "", true, [], [["id", 1]], () => ({ id: 1 }), Symbol("id")]) {
        for (const method of ["filter", "exclude", "get"]) {
          await assertRefused(() => books[method](wrong), FieldError, `${method}(${String(wrong)})`);
        }
      }
    });

    test("update() and delete() of everything must say so", async () => {
      const { objects } = Book;
      for (const narrowed of [objects.filter(), objects.filter({}), objects.filter(Q()), objects.exclude({})]) {
        await assertRefused(() => narrowed.update({ pages: 1 }), FieldError);
        await assertRefused(() => narrowed.delete(), FieldError);
      }
      for (const arranged of [objects.orderBy("id"), objects.reverse(), objects.distinct(), objects.using(null)]) {
        await assertRefused(() => arranged.delete(), FieldError);
      }
      assert.equal(await Book.objects.filter({ pages: 1 }).count(), 0);
      assert.equal(await Book.objects.all().update({ pages: 1 }), 2);
      assert.equal((await Book.objects.all().delete())[0], 2);
    });

    test("an empty list is no row, never all of them", async () => {
      assert.equal(await Book.objects.filter({ id__in: [] }).count(), 0);
      assert.equal((await Book.objects.filter({ id__in: [] }).delete())[0], 0);
      assert.equal(await Book.objects.filter({ id__in: [] }).update({ pages: 9 }), 0);
      assert.equal(await Book.objects.none().update({ pages: 9 }), 0);
      assert.equal(await Book.objects.count(), 2);
    });
  });

  describe("objects where a value is expected", () => {
    const keys = ["id", "pk", "author", "author__id", "authorId", "title", "price", "rating", "publishedOn"];
    const lookups = ["", "__exact", "__gt", "__in", "__contains", "__isnull"];

    test("are never operators, in any lookup", async () => {
      for (const value of operatorObjects) {
        for (const key of keys.flatMap((name) => lookups.map((lookup) => `${name}${lookup}`))) {
          // A list is what __in takes: of values, which objects are not.
          if (key.endsWith("__in") && Array.isArray(value) && value.every((item) => typeof item === "number")) continue;
          await assertNoOperator(() => Book.objects.where(key, value), `${key}: ${JSON.stringify(value)}`);
        }
      }
    });

    test("are no values to store", async () => {
      for (const value of operatorObjects) {
        const about = JSON.stringify(value);
        for (const field of ["title", "pages", "price", "authorId"]) {
          await assertNoOperator(() => Book.objects.filter({ id: 0 }).update({ [field]: value } as never), about);
          await assertNoOperator(
            () => Book.objects.create({ title: "x", authorId: 1, [field]: value } as never),
            `${field}: ${about}`,
          );
        }
      }
      assert.equal(await Book.objects.count(), 2);
    });

    async function assertNoOperator(run: () => unknown, about: string): Promise<void> {
      const refused = async () => {
        try {
          await run();
        } catch (error) {
          if (error instanceof FieldError || error instanceof DataError) return;
          throw error;
        }
        assert.fail(`${about} was taken`);
      };
      assert.deepEqual(await statementsOf(connection, refused), [], about);
    }
  });

  describe("raw", () => {
    test("takes a template, never text", async () => {
      const text = "SELECT * FROM library_book";
      // @ts-expect-error text is no template
      await assertRefused(async () => Book.objects.raw(text), FieldError);
      const books = Book.objects.all() as unknown as { raw(...args: unknown[]): unknown };
      for (const forged of [
        [text],
        [[text]],
        { raw: [text] },
        { 0: text, length: 1 },
        null,
        undefined,
        new String(text),
      ]) {
        await assertRefused(async () => books.raw(forged), FieldError, String(forged));
      }
    });

    test("makes parameters of what stands in the template", async () => {
      const name = `x' OR '1'='1`;
      const sent = await statementsOf(connection, async () => {
        assert.equal((await Book.objects.raw`SELECT * FROM library_book WHERE title = ${name}`).length, 0);
        assert.equal((await Book.objects.raw`SELECT * FROM library_book WHERE title = ${"The Sea"}`).length, 1);
      });
      assert.deepEqual(
        sent.map(({ params }) => params),
        [[name], ["The Sea"]],
      );
      assert.ok(!sent[0].sql.includes("OR"));
    });
  });

  describe("the number of statements", () => {
    beforeEach(async () => {
      const [author] = await Author.objects.all();
      const categories = [await Category.objects.create({ name: "a" }), await Category.objects.create({ name: "b" })];
      const objects = Array.from({ length: 100 }, (_, index) => new Book({ title: `Book ${index}`, author }));
      for (const book of await Book.objects.bulkCreate(objects)) {
        await book.categories.add(...categories);
        await Review.objects.create({ book, stars: 5 });
      }
    });

    test("is one for a list and one more for each relation to many", async () => {
      const sent = await statementsOf(connection, async () => {
        const books = await Book.objects.selectRelated("author").prefetchRelated("categories", "reviews");
        for (const book of books) {
          assert.ok(book.author.name);
          assert.equal((await book.categories).length, book.title.startsWith("Book") ? 2 : 0);
          await book.reviews;
        }
      });
      assert.equal(sent.length, 3);
    });

    test("is the same where the relations are not asked for in advance", async () => {
      const sent = await statementsOf(connection, async () => {
        for (const book of await Book.objects.all()) {
          await book.author;
          await book.categories;
          await book.reviews;
        }
      });
      assert.ok(sent.length <= 4, `${sent.length} statements`);
    });
  });
});
