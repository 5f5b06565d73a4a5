import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import {
  atomic,
  type Connection,
  Count,
  connections,
  F,
  FETCH_ONE,
  FETCH_PEERS,
  Prefetch,
  QuerySet,
  RAISE,
} from "core-framework/db";
import { FieldError, NotSupportedError, TransactionManagementError } from "../../core/exceptions.ts";
import { forEachDatabase } from "../support/databases.ts";
import { connectTo } from "./connect.ts";
import { Author, Book, Category, models, Review } from "./models.ts";
import { createTables } from "./schema.ts";
import { fillShelf } from "./shelf.ts";
import { statementsOf } from "./statements.ts";

forEachDatabase((vendor, makeUrl) => {
  let connection: Connection;
  let shelf: Awaited<ReturnType<typeof fillShelf>>;

  before(async () => {
    connection = await connectTo(makeUrl);
    await createTables(connection, models);
  });
  after(() => connections.closeAll());
  beforeEach(async () => {
    shelf = await fillShelf();
  });

  describe("columns", () => {
    test("only() loads these columns, and reading another one says what to do", async () => {
      const book = await Book.objects.only("title").get({ title: "The Sea" });
      assert.deepEqual([book.title, book.id], ["The Sea", shelf.sea.id]);
      const whole = book as unknown as Book;
      assert.throws(() => whole.pages, /"pages" of library.Book was not loaded/);
      assert.deepEqual([whole.getDeferredFields().has("pages"), whole.getDeferredFields().has("title")], [true, false]);
      await whole.refreshFromDb({ fields: ["pages"] });
      assert.equal(whole.pages, 100);
      whole.title = "The Big Sea";
      await whole.save();
      const again = await Book.objects.get({ id: book.id });
      assert.deepEqual([again.title, again.pages, again.price], ["The Big Sea", 100, "12.50"]);
    });

    test("defer() leaves columns out, of related rows as well", async () => {
      const book = await Book.objects.defer("price", "pages").get({ title: "The Sea" });
      assert.equal(book.title, "The Sea");
      assert.throws(() => (book as unknown as Book).price, /was not loaded/);
      const [joined] = await Book.objects.selectRelated("author").only("title", "author__name").orderBy("pages");
      assert.equal(joined.author.name, "Ana");
      assert.throws(() => joined.author.email, /was not loaded/);
      assert.throws(() => Book.objects.only("nope" as "title"), FieldError);
    });

    test("a column that was not loaded can be set, and is then saved", async () => {
      const book = (await Book.objects.only("title").get({ title: "The Sea" })) as unknown as Book;
      book.pages = 7;
      await book.save();
      assert.equal((await Book.objects.get({ id: book.id })).pages, 7);
    });
  });

  describe("related rows", () => {
    test("Prefetch says which rows, in what order and where to", async () => {
      const best = Review.objects.orderBy("-stars");
      const books = await Book.objects
        .orderBy("pages")
        .prefetchRelated(
          new Prefetch("reviews", { queryset: best }),
          new Prefetch("reviews", { queryset: best.filter({ stars__lt: 3 }), toAttr: "poor" }),
        );
      assert.deepEqual(
        [...books[0].reviews].map(({ stars }) => stars),
        [5, 2],
      );
      assert.deepEqual(
        books.map(({ poor }) => poor.map(({ stars }) => stars)),
        [[2], [], []],
      );
      assert.throws(
        () => Book.objects.prefetchRelated("reviews", new Prefetch("reviews", { queryset: best })),
        /already seen with a different queryset/,
      );
      assert.throws(
        () => new Prefetch("reviews", { queryset: Review.objects.values("stars") as never }),
        /cannot use raw/,
      );
    });

    test("a slice is taken of the rows of each object", async () => {
      const one = Review.objects.orderBy("-stars").slice(0, 1);
      const two = Category.objects.orderBy("name").slice(1, 2);
      const books = await Book.objects
        .orderBy("pages")
        .prefetchRelated(
          new Prefetch("reviews", { queryset: one }),
          new Prefetch("categories", { queryset: two, toAttr: "second" }),
        );
      assert.deepEqual(
        books.map((book) => [...book.reviews].map(({ stars }) => stars)),
        [[5], [3], []],
      );
      assert.deepEqual(
        books.map(({ second }) => second.map(({ name }) => name)),
        [["water"], [], []],
      );
    });

    test("a prefetched queryset brings its own relations along, and steps go through what it filled", async () => {
      const authors = await Author.objects.filter({ name: "Ana" }).prefetchRelated(
        new Prefetch("books", {
          queryset: Book.objects.selectRelated("author").prefetchRelated("categories"),
          toAttr: "shelf",
        }),
        "shelf__reviews" as "books__reviews",
      );
      const sent = await statementsOf(connection, async () => {
        for (const book of authors[0].shelf) {
          book.author.name;
          [...book.categories];
          [...book.reviews];
        }
      });
      assert.equal(sent.length, 0);
    });

    test("awaiting a relation to many loads it for all rows of the same result", async () => {
      const books = await Book.objects.orderBy("pages");
      const lists: string[][] = [];
      const sent = await statementsOf(connection, async () => {
        for (const book of books) lists.push((await book.categories).map(({ name }) => name).sort());
      });
      assert.deepEqual(lists, [["fiction", "water"], ["water"], []]);
      assert.equal(sent.length, 1);
      await books[0].categories.clear();
      assert.deepEqual(await books[0].categories, []);
      const [again] = await Promise.all([books[1].categories, books[2].categories, books[1].categories]);
      assert.equal(again.length, 1);
    });

    test("fetchMode says whether a relation that is not loaded is fetched", async () => {
      const read = async (mode: "FETCH_ONE" | "FETCH_PEERS" | "RAISE") => {
        const books = await Book.objects.orderBy("pages").fetchMode(mode);
        return (
          await statementsOf(connection, async () => {
            for (const book of books) await book.author;
          })
        ).length;
      };
      assert.deepEqual([await read(FETCH_PEERS), await read(FETCH_ONE)], [1, 3]);
      await assert.rejects(read(RAISE), /Fetching of Book.author blocked/);
      const [book] = await Book.objects.fetchMode(RAISE).selectRelated("author").prefetchRelated("categories");
      assert.ok(book.author.name && (await book.categories).length >= 0);
      await assert.rejects(async () => book.reviews, /Fetching of Book.reviews blocked/);
    });
  });

  describe("many rows", () => {
    test("iterator() gives rows one after another, some loaded at a time", async () => {
      await Book.objects.bulkCreate(
        Array.from({ length: 25 }, (_, i) => new Book({ title: `book ${i}`, author: shelf.bob, pages: 1000 + i })),
      );
      const pages: number[] = [];
      const sent = await statementsOf(connection, async () => {
        for await (const book of Book.objects
          .orderBy("pages")
          .prefetchRelated("categories")
          .iterator({ chunkSize: 10 })) {
          pages.push(book.pages);
          assert.ok(book.categories.loaded);
        }
      });
      assert.equal(pages.length, 28);
      assert.deepEqual(
        pages,
        [...pages].sort((a, b) => a - b),
      );
      assert.ok(sent.length >= 3 && sent.length <= 8, `${sent.length} statements`);
      for await (const title of Book.objects.valuesList("title", { flat: true }).iterator()) {
        assert.equal(typeof title, "string");
        break;
      }
      assert.equal(await Book.objects.count(), 28);
    });

    test("inBulk gives rows by their key or by a unique field", async () => {
      const books = await Book.objects.inBulk([shelf.sea.id, shelf.sure.id, -1]);
      assert.deepEqual([...books.keys()].sort(), [shelf.sea.id, shelf.sure.id].sort());
      const authors = await Author.objects.inBulk(["ana@example.org"], { fieldName: "email" });
      assert.equal(authors.get("ana@example.org")?.name, "Ana");
      assert.equal((await Book.objects.inBulk()).size, 3);
      await assert.rejects(Author.objects.inBulk(["Ana"], { fieldName: "name" }), /must be a unique field/);
    });

    test("bulkUpdate writes some columns of many objects", async () => {
      const books = await Book.objects.orderBy("pages");
      for (const book of books) Object.assign(book, { pages: book.pages + 1, rating: null, price: "1.10" });
      Object.assign(books[2], { pages: F("pages").add(5) });
      assert.equal(await Book.objects.bulkUpdate(books, ["pages", "rating", "price"], { batchSize: 2 }), 3);
      assert.deepEqual(await Book.objects.orderBy("pages").valuesList("pages", "rating", "price"), [
        [101, null, "1.10"],
        [201, null, "1.10"],
        [305, null, "1.10"],
      ]);
      await assert.rejects(Book.objects.bulkUpdate(books, []), /must be given/);
      await assert.rejects(Book.objects.bulkUpdate([new Book()], ["pages"]), /must have a primary key/);
    });

    test("bulkCreate ignores or updates rows that are there", async () => {
      const again = () => new Author({ name: "Ana Maria", email: "ana@example.org" });
      await Author.objects.bulkCreate([again()], { ignoreConflicts: true });
      assert.equal(await Author.objects.filter({ name: "Ana Maria" }).count(), 0);
      await Author.objects.bulkCreate([again()], {
        updateConflicts: true,
        uniqueFields: ["email"],
        updateFields: ["name"],
      });
      assert.equal((await Author.objects.get({ email: "ana@example.org" })).name, "Ana Maria");
      await assert.rejects(Author.objects.bulkCreate([again()], { updateConflicts: true }), /must be provided/);
    });

    test("union, intersection and difference put queries together", async () => {
      const short = Book.objects.filter({ pages__lt: 150 });
      const long = Book.objects.filter({ pages__gt: 150 });
      assert.equal((await short.union(long)).length, 3);
      assert.deepEqual(await short.union(long).orderBy("-pages").values("pages").slice(0, 2), [
        { pages: 300 },
        { pages: 200 },
      ]);
      assert.deepEqual(await short.values("status").union(long.values("status")).orderBy("status"), [
        { status: "draft" },
        { status: "published" },
      ]);
      assert.equal(await short.union(Book.objects.all(), { all: true }).count(), 4);
      assert.deepEqual((await Book.objects.all().difference(short)).map(({ pages }) => pages).sort(), [200, 300]);
      assert.deepEqual(
        (await long.intersection(Book.objects.filter({ status: "draft" }))).map(({ pages }) => pages),
        [200],
      );
      assert.equal((await long.orderBy("-pages").slice(0, 1).union(short)).length, 2);
      assert.equal((await short.union(Book.objects.none())).length, 1);
      assert.equal(await short.intersection(Book.objects.none()).count(), 0);
      assert.throws(() => short.union(long).filter({ pages: 1 }), NotSupportedError);
      assert.equal(await Book.objects.filter({ id__in: short.values("id").union(long.values("id")) }).count(), 3);
    });
  });

  describe("single rows", () => {
    test("earliest and latest follow a field", async () => {
      assert.equal((await Book.objects.filter({ publishedOn__isnull: false }).latest("publishedOn")).title, "A Lake");
      assert.equal((await Book.objects.earliest("pages", "title")).title, "The Sea");
      await assert.rejects(Book.objects.filter({ pages: 0 }).latest("pages"), Book.DoesNotExist);
      await assert.rejects(Author.objects.latest(), /getLatestBy/);
    });

    test("contains tells whether an object is among the rows", async () => {
      assert.equal(await Book.objects.filter({ pages__gt: 150 }).contains(shelf.lake), true);
      assert.equal(await Book.objects.filter({ pages__gt: 150 }).contains(shelf.sea), false);
      assert.equal(await Book.objects.orderBy("pages").slice(0, 1).contains(shelf.sea), true);
    });

    test("updateOrCreate changes the row or makes it, once for twenty at once", async () => {
      const [made, isNew] = await Author.objects.updateOrCreate({ email: "z@x.io" }, { name: "Zoe" }, { name: "New" });
      assert.deepEqual([made.name, isNew], ["New", true]);
      const all = await Promise.all(
        Array.from({ length: 20 }, (_, i) => Author.objects.updateOrCreate({ email: "y@x.io" }, { name: `n${i}` })),
      );
      assert.equal(all.filter(([, created]) => created).length, 1);
      assert.equal(await Author.objects.filter({ email: "y@x.io" }).count(), 1);
    });

    test("selectForUpdate locks rows until the end of the transaction", async () => {
      await assert.rejects(async () => Book.objects.selectForUpdate(), TransactionManagementError);
      const add = () =>
        atomic(async () => {
          const book = await Book.objects.selectForUpdate().get({ id: shelf.sea.id });
          book.pages += 1;
          await book.save();
        });
      await Promise.all(Array.from({ length: 20 }, add));
      assert.equal((await Book.objects.get({ id: shelf.sea.id })).pages, 120);
      if (vendor === "sqlite") return;
      await atomic(async () => {
        await Book.objects.selectForUpdate().get({ id: shelf.sea.id });
        assert.match(
          Book.objects
            .selectRelated("author")
            .selectForUpdate({ of: ["self"], skipLocked: true })
            .sql().sql,
          /FOR UPDATE OF "library_book" SKIP LOCKED$/,
        );
        assert.match(
          Book.objects.selectForUpdate({ nowait: true, noKey: true }).sql().sql,
          /FOR NO KEY UPDATE NOWAIT$/,
        );
      });
    });
  });

  describe("SQL of one's own", () => {
    test("raw gives objects, with what is no field beside them", async () => {
      const least = 150;
      const books = await Book.objects
        .raw`SELECT id, title, pages, pages * 2 AS twice FROM library_book WHERE pages > ${least} ORDER BY pages`;
      assert.deepEqual(
        books.map(({ title, pages }) => [title, pages]),
        [
          ["A Lake", 200],
          ["100%_sure\\", 300],
        ],
      );
      assert.equal(Number((books[0] as unknown as { twice: unknown }).twice), 400);
      assert.throws(() => books[0].price, /was not loaded/);
      await assert.rejects(
        async () => Book.objects.raw`SELECT title FROM library_book`,
        /must include the primary key/,
      );
      const hostile = "x'; DROP TABLE library_book; --";
      assert.deepEqual(await Book.objects.raw`SELECT * FROM library_book WHERE title = ${hostile}`, []);
      assert.throws(() => (Book.objects.raw as unknown as (sql: string) => void)("SELECT 1"), /raw is a tag/);
    });

    test("explain says how the database would run a query, in its own words", async () => {
      assert.match(
        await Book.objects.filter({ id: 1 }).explain(),
        vendor === "sqlite" ? /SEARCH library_book/ : /Index Scan|Seq Scan/,
      );
      if (vendor === "postgresql")
        assert.match(await Book.objects.all().explain({ format: "json", analyze: true }), /Actual/);
      await assert.rejects(Book.objects.all().explain({ nope: true } as never), NotSupportedError);
    });
  });

  describe("querysets of one's own", () => {
    test("their methods chain, and asManager() begins with them", async () => {
      class ShelfQuerySet extends QuerySet<Book> {
        long() {
          return this.filter({ pages__gt: 150 });
        }
        counted() {
          return this.annotate({ n: Count("reviews") });
        }
      }
      const manager = ShelfQuerySet.asManager();
      manager.contributeTo(Book as never, QuerySet);
      assert.equal(await manager.long().exclude({ status: "draft" }).long().count(), 1);
      assert.equal(await manager.filter({ status: "draft" }).long().count(), 1);
      assert.deepEqual(await manager.long().counted().orderBy("-n").valuesList("n", { flat: true }), [1, 0]);
    });
  });
});
