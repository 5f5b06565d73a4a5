import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import {
  Avg,
  type Connection,
  Count,
  CumeDist,
  connections,
  DenseRank,
  F,
  FirstValue,
  Lag,
  LastValue,
  Lead,
  Lower,
  NthValue,
  Ntile,
  PercentRank,
  Rank,
  RowNumber,
  RowRange,
  StdDev,
  Sum,
  ValueRange,
  Variance,
  Window,
} from "core-framework/db";
import { FieldError } from "../../core/exceptions.ts";
import { forEachDatabase } from "../support/databases.ts";
import { connectTo } from "./connect.ts";
import { Author, Book, models, Review } from "./models.ts";
import { createTables } from "./schema.ts";

/** The values of an annotation by the rows' titles, which are in alphabetical order. */
function column<K extends string>(rows: readonly Record<K, unknown>[], name: K): unknown[] {
  return rows.map((row) => row[name]);
}

forEachDatabase((_name, makeUrl) => {
  let connection: Connection;

  before(async () => {
    connection = await connectTo(makeUrl);
    await createTables(connection, models);
  });
  after(() => connections.closeAll());

  beforeEach(async () => {
    await Author.objects.all().delete();
    const [ana, bob] = await Author.objects.bulkCreate([new Author({ name: "Ana" }), new Author({ name: "Bob" })]);
    await Book.objects.bulkCreate([
      new Book({ title: "a", author: ana, pages: 10, price: "1.50" }),
      new Book({ title: "b", author: ana, pages: 20, price: "2.50", rating: 3 }),
      new Book({ title: "c", author: bob, pages: 20, price: "3.00" }),
      new Book({ title: "d", author: bob, pages: 30, price: "4.00", rating: 5 }),
      new Book({ title: "e", author: bob, pages: 50, price: "5.00" }),
    ]);
  });

  const books = () => Book.objects.orderBy("title");

  describe("functions over rows", () => {
    test("ranks and shares of rows in an order", async () => {
      const over = { orderBy: "pages" };
      const rows = await books().annotate({
        rank: Window(Rank(), over),
        dense: Window(DenseRank(), over),
        number: Window(RowNumber(), { orderBy: ["pages", "title"] }),
        percent: Window(PercentRank(), over),
        share: Window(CumeDist(), over),
        part: Window(Ntile(2), { orderBy: "title" }),
      });
      assert.deepEqual(column(rows, "rank"), [1, 2, 2, 4, 5]);
      assert.deepEqual(column(rows, "dense"), [1, 2, 2, 3, 4]);
      assert.deepEqual(column(rows, "number"), [1, 2, 3, 4, 5]);
      assert.deepEqual(column(rows, "percent"), [0, 0.25, 0.25, 0.75, 1]);
      assert.deepEqual(column(rows, "share"), [0.2, 0.6, 0.6, 0.8, 1]);
      assert.deepEqual(column(rows, "part"), [1, 1, 1, 2, 2]);
    });

    test("values of other rows, by partition", async () => {
      const over = { partitionBy: "author", orderBy: "title" } as const;
      const whole = { ...over, frame: RowRange() };
      const rows = await books().annotate({
        before: Window(Lag("price"), over),
        after: Window(Lead("pages", 1, -1), over),
        two: Window(Lead("title", 2), over),
        first: Window(FirstValue("title"), over),
        last: Window(LastValue("title"), whole),
        second: Window(NthValue("price", 2), whole),
      });
      assert.deepEqual(column(rows, "before"), [null, "1.50", null, "3.00", "4.00"]);
      assert.deepEqual(column(rows, "after"), [20, -1, 30, 50, -1]);
      assert.deepEqual(column(rows, "two"), [null, null, "e", null, null]);
      assert.deepEqual(column(rows, "first"), ["a", "a", "c", "c", "c"]);
      assert.deepEqual(column(rows, "last"), ["b", "b", "e", "e", "e"]);
      assert.deepEqual(column(rows, "second"), ["2.50", "2.50", "4.00", "4.00", "4.00"]);
    });

    test("aggregates of a window keep each row, with filter and frame", async () => {
      const rows = await books().annotate({
        all: Window(Sum("pages")),
        running: Window(Sum("pages"), { orderBy: "title", frame: RowRange({ end: 0 }) }),
        near: Window(Avg("pages"), { orderBy: "title", frame: RowRange({ start: -1, end: 1 }) }),
        dear: Window(Count("*", { filter: { price__gt: "2.00" } }), { partitionBy: "author" }),
        others: Window(Sum("price"), { orderBy: "title", frame: RowRange({ exclusion: "currentRow" }) }),
      });
      assert.deepEqual(column(rows, "all"), [130, 130, 130, 130, 130]);
      assert.deepEqual(column(rows, "running"), [10, 30, 50, 80, 130]);
      assert.deepEqual(column(rows, "near").map(Number), [15, 50 / 3, 70 / 3, 100 / 3, 40]);
      assert.deepEqual(column(rows, "dear"), [1, 1, 3, 3, 3]);
      assert.deepEqual(column(rows, "others"), ["14.50", "13.50", "13.00", "12.00", "11.00"]);
    });

    test("a frame of values, and one that holds no row", async () => {
      const rows = await books().annotate({
        near: Window(Count("*"), { orderBy: "pages", frame: ValueRange({ start: -10, end: 0 }) }),
        equals: Window(Sum("pages"), { orderBy: "pages", frame: ValueRange({ start: 0, end: 0 }) }),
        none: Window(Sum("pages"), { orderBy: "title", frame: RowRange({ start: 9, end: 10 }) }),
      });
      assert.deepEqual(column(rows, "near"), [1, 3, 3, 3, 1]);
      assert.deepEqual(column(rows, "equals"), [10, 40, 40, 30, 50]);
      assert.deepEqual(column(rows, "none"), [null, null, null, null, null]);
    });

    test("deviations are those of PostgreSQL, in windows and without", async () => {
      const { pop, sample, variance } = await Book.objects.aggregate({
        pop: StdDev("pages"),
        sample: StdDev("pages", { sample: true }),
        variance: Variance("pages"),
      });
      assert.equal(variance, 184);
      assert.equal(pop?.toFixed(10), Math.sqrt(184).toFixed(10));
      assert.equal(sample?.toFixed(10), Math.sqrt(230).toFixed(10));
      const none = Book.objects.filter({ title: "none" });
      assert.deepEqual(await none.aggregate({ none: StdDev("pages") }), { none: null });
      const one = Book.objects.filter({ title: "a" });
      assert.deepEqual(await one.aggregate({ one: Variance("pages", { sample: true }) }), { one: null });
      const frame = RowRange({ start: -1, end: 0 });
      const rows = await books().annotate({ v: Window(Variance("pages"), { orderBy: "title", frame }) });
      assert.deepEqual(column(rows, "v"), [0, 25, 0, 25, 100]);
    });

    test("expressions, directions and nulls order a window", async () => {
      const rows = await books().annotate({
        nulls: Window(RowNumber(), { orderBy: [F("rating").desc({ nullsLast: true }), "-title"] }),
        text: Window(RowNumber(), { orderBy: Lower("title").desc() }),
        parts: Window(Count("*"), { partitionBy: [F("pages").multiply(2), "author__name"] }),
      });
      assert.deepEqual(column(rows, "nulls"), [5, 2, 4, 1, 3]);
      assert.deepEqual(column(rows, "text"), [5, 4, 3, 2, 1]);
      assert.deepEqual(column(rows, "parts"), [1, 1, 1, 1, 1]);
    });
  });

  describe("queries by windows", () => {
    const ranked = () => Book.objects.annotate({ rank: Window(Rank(), { partitionBy: "author", orderBy: "-pages" }) });

    test("a condition on a window holds after it is computed, with conditions before it", async () => {
      const best = await ranked().filter({ rank: 1 }).orderBy("title");
      assert.deepEqual(column(best, "title"), ["b", "e"]);
      assert.deepEqual(best[0].rank, 1);
      const small = await ranked().filter({ pages__lt: 50 }).filter({ rank: 1 }).orderBy("title");
      assert.deepEqual(column(small, "title"), ["b", "d"]);
      const others = await ranked().exclude({ rank: 1 }).orderBy("title");
      assert.deepEqual(column(others, "title"), ["a", "c", "d"]);
    });

    test("count, exists, values, slices, orders and subqueries keep to such a condition", async () => {
      const best = ranked().filter({ rank__lte: 2 });
      assert.equal(await best.count(), 4);
      assert.equal(await best.filter({ rank__gt: 2 }).exists(), false);
      assert.equal(await ranked().filter({ rank: 3 }).exists(), true);
      const values = await best.orderBy("-rank", "title").values("title", "rank");
      assert.deepEqual(values, [
        { title: "a", rank: 2 },
        { title: "d", rank: 2 },
        { title: "b", rank: 1 },
        { title: "e", rank: 1 },
      ]);
      assert.deepEqual(await best.orderBy("-title").slice(1, 3).valuesList("title", { flat: true }), ["d", "b"]);
      const keys = ranked().filter({ rank: 1 }).valuesList("pk", { flat: true });
      assert.deepEqual(column(await books().filter({ pk__in: keys }), "title"), ["b", "e"]);
      assert.deepEqual(await best.aggregate({ pages: Sum("pages") }), { pages: 110 });
    });

    test("a window may be hidden, computed with, and made of aggregates of relations", async () => {
      const sea = await Book.objects.get({ title: "c" });
      await Review.objects.bulkCreate([new Review({ book: sea, stars: 4 }), new Review({ book: sea, stars: 2 })]);
      const rows = await books()
        .alias({ total: Window(Sum("pages")) })
        .annotate({ reviews_: Count("reviews") })
        .annotate({ place: Window(Rank(), { orderBy: "-reviews_" }), left: F("total").subtract(F("pages")) });
      assert.deepEqual(column(rows, "place"), [2, 2, 1, 2, 2]);
      assert.deepEqual(column(rows, "left"), [120, 110, 110, 100, 80]);
      assert.equal("total" in rows[0], false);
    });

    test("groups are ranked by what was made of them", async () => {
      const rows = await Book.objects
        .values("author__name")
        .annotate({ pages_: Sum("pages") })
        .annotate({ rank: Window(Rank(), { orderBy: "-pages_" }) })
        .orderBy("author__name");
      assert.deepEqual(rows, [
        { author__name: "Ana", pages_: 30, rank: 2 },
        { author__name: "Bob", pages_: 100, rank: 1 },
      ]);
    });
  });

  test("what is no window function, and what cannot be a frame, is refused", () => {
    assert.throws(() => Book.objects.annotate({ n: Window(F("pages")) }), FieldError);
    assert.throws(() => Book.objects.annotate({ n: Window(Rank(), { orderBy: "nothing" }) }), FieldError);
    assert.throws(() => RowRange({ start: 1, end: 0 }), /start cannot be greater than end/);
    assert.throws(() => RowRange({ start: "1; DROP" as never }), FieldError);
    assert.throws(() => Lag("pages", 0), /positive integer for the offset/);
    assert.throws(() => NthValue("pages", 0), FieldError);
    assert.throws(() => Ntile(0), FieldError);
  });
});
