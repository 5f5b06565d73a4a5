import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import {
  Avg,
  Case,
  type Connection,
  Count,
  connections,
  DecimalField,
  Exists,
  ExpressionWrapper,
  F,
  IntegerField,
  Max,
  Min,
  OuterRef,
  Q,
  StringAgg,
  Subquery,
  Sum,
  Value,
  When,
} from "core-framework/db";
import { FieldError } from "../../core/exceptions.ts";
import { forEachDatabase } from "../support/databases.ts";
import { connectTo } from "./connect.ts";
import { Author, Book, Category, models, Review } from "./models.ts";
import { createTables } from "./schema.ts";
import { fillShelf } from "./shelf.ts";

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

  describe("expressions", () => {
    test("compute with columns and values, each with the kind that comes of it", async () => {
      const book = await Book.objects
        .annotate({
          double: F("price").multiply(2),
          dearer: F("price").add("0.01"),
          ratio: F("pages").divide(7),
          mean: F("rating").divide(2),
          of: F("author__name"),
          year: F("publishedOn__year"),
          four: Value(4),
          text: Value("x"),
          none: Value(null),
          rest: F("pages").modulo(7),
        })
        .get({ title: "The Sea" });
      assert.deepEqual(
        [
          book.double,
          book.dearer,
          book.ratio,
          book.mean,
          book.of,
          book.year,
          book.four,
          book.text,
          book.none,
          book.rest,
        ],
        ["25.00", "12.51", 14, 2.25, "Ana", 2020, 4, "x", null, 2],
      );
    });

    test("an annotation may be made of another one, filtered by and ordered by", async () => {
      const books = await Book.objects
        .annotate({ double: F("pages").multiply(2) })
        .annotate({ more: F("double").add(1) })
        .filter({ more__gt: 201 })
        .orderBy(F("more").desc());
      assert.deepEqual(
        books.map(({ more }) => more),
        [601, 401],
      );
      assert.equal(
        await Book.objects
          .annotate({ more: F("pages").add(1) })
          .filter({ more: F("pages") })
          .count(),
        0,
      );
      assert.throws(() => Book.objects.annotate({ x: F("nope" as "title") }), /Cannot resolve "nope"/);
      assert.throws(() => Book.objects.annotate({ x: F("title__x" as "title") }), FieldError);
    });

    test("alias() names what rows do not have", async () => {
      const [book] = await Book.objects.alias({ n: Count("reviews") }).filter({ n: 2 });
      assert.equal(book.title, "The Sea");
      assert.equal("n" in book, false);
      assert.deepEqual(
        await Book.objects
          .alias({ n: Count("reviews") })
          .orderBy("-n")
          .values("title")
          .slice(0, 1),
        [{ title: "The Sea" }],
      );
    });

    test("Case gives the first branch whose condition holds", async () => {
      const size = Case(When({ pages__gt: 250 }, "long"), When(Q({ pages__gt: 150 }), "normal"), { default: "short" });
      assert.deepEqual(await Book.objects.annotate({ size }).orderBy("pages").valuesList("size", { flat: true }), [
        "short",
        "normal",
        "long",
      ]);
      const price = Case(When({ status: "published" }, F("price").divide(2)), { default: F("price") });
      assert.equal((await Book.objects.annotate({ half: price }).get({ status: "published" })).half, "50");
      const counted = await Author.objects.aggregate({
        old: Count(Case(When({ bornOn__lt: "1970-01-01" }, 1))),
        young: Sum(Case(When({ bornOn__gte: "1970-01-01" }, 1), { default: 0, outputField: IntegerField() })),
      });
      assert.deepEqual(counted, { old: 1, young: 1 });
    });

    test("update() takes any of them that reads the row itself", async () => {
      await Book.objects
        .all()
        .update({ pages: Case(When({ rating__isnull: true }, 0), { default: F("pages").add(1) }) });
      assert.deepEqual(await Book.objects.orderBy("pages").valuesList("pages", { flat: true }), [0, 101, 301]);
      const best = Review.objects
        .filter({ book: OuterRef("pk") })
        .orderBy("-stars")
        .valuesList("stars", { flat: true });
      await Book.objects.filter({ reviews__isnull: false }).update({ rating: Subquery(best.slice(0, 1)) });
      assert.deepEqual(await Book.objects.orderBy("rating").valuesList("rating", { flat: true }), [2, 3, 5]);
      await assert.rejects(Book.objects.all().update({ title: F("author__name") }), /Joined field references/);
      await assert.rejects(
        Book.objects.all().update({ pages: Count("reviews") }),
        /Aggregate functions are not allowed/,
      );
    });

    test("what an expression gives can be said", async () => {
      const price = ExpressionWrapper(F("pages").divide(F("pages")), {
        outputField: DecimalField({ maxDigits: 5, decimalPlaces: 2 }),
      });
      const [row] = await Book.objects.annotate({ price2: price }).values("price2");
      const text: string = row.price2;
      assert.equal(Number(text), 1);
      assert.throws(
        () => Book.objects.annotate({ x: Case(When({ pages: 1 }, F("title")), { default: F("pages") }) }),
        /mixed types/,
      );
    });
  });

  describe("subqueries", () => {
    test("Subquery gives one value of another query, OuterRef what it depends on", async () => {
      const newest = Review.objects.filter({ book: OuterRef("pk") }).orderBy("-stars");
      const books = await Book.objects
        .annotate({ best: Subquery(newest.valuesList("stars", { flat: true }).slice(0, 1)) })
        .orderBy("pages");
      assert.deepEqual(
        books.map(({ best }) => best),
        [5, 3, null],
      );
      assert.equal(
        await Book.objects
          .filter({ pages__gt: Subquery(Book.objects.filter({ title: "The Sea" }).values("pages")) })
          .count(),
        2,
      );
    });

    test("Exists is a condition and a value", async () => {
      const good = Review.objects.filter({ book: OuterRef("pk"), stars__gte: 3 });
      assert.equal(await Book.objects.filter(Exists(good)).count(), 2);
      assert.equal(await Book.objects.filter(Exists(good).not()).count(), 1);
      assert.equal(await Book.objects.exclude(Exists(good)).count(), 1);
      assert.deepEqual(
        await Book.objects
          .annotate({ isGood: Exists(good) })
          .orderBy("pages")
          .valuesList("isGood", { flat: true }),
        [true, true, false],
      );
      assert.equal(
        await Author.objects
          .filter(
            Exists(
              Book.objects.filter({ author: OuterRef("pk") }).filter(
                Exists(
                  Review.objects.filter({
                    book: OuterRef("pk"),
                    text: "good",
                    book__author: OuterRef(OuterRef("pk")),
                  }),
                ),
              ),
            ),
          )
          .count(),
        1,
      );
      assert.throws(() => Book.objects.filter(F("pages") as never), /non-conditional/);
      await assert.rejects(async () => Book.objects.filter({ id: OuterRef("pk") }), /part of no other/);
    });

    test("the value of a condition may be expressions, one by one", async () => {
      assert.equal(await Book.objects.filter({ pages__in: [F("pages"), 3] }).count(), 3);
      assert.equal(await Book.objects.filter({ pages__range: [F("pages").subtract(1), 150] }).count(), 1);
      assert.equal(await Book.objects.filter({ title__contains: F("status") }).count(), 0);
      assert.equal(
        await Author.objects.filter({ email__startswith: F("name"), name__iexact: F("name") }).count(),
        vendor === "sqlite" ? 1 : 0,
      );
      assert.equal(await Author.objects.filter({ email__istartswith: F("name") }).count(), 1);
    });
  });

  describe("aggregates", () => {
    test("aggregate() makes values of all rows", async () => {
      const all = await Book.objects.aggregate({
        count: Count("*"),
        rated: Count("rating"),
        sum: Sum("price"),
        mean: Avg("pages"),
        first: Min("publishedOn"),
        last: Max("publishedOn"),
        worth: Sum(F("price").multiply(F("pages"))),
        drafts: Count("id", { filter: { status: "draft" } }),
        none: Sum("pages", { filter: { pages__lt: 0 }, default: 0 }),
      });
      assert.deepEqual(all, {
        ...{ count: 3, rated: 2, sum: "122.49", mean: 200, first: "2020-01-31", last: "2021-02-28" },
        ...{ worth: "33248.00", drafts: 2, none: 0 },
      });
      const empty = await Book.objects.filter({ pages: 0 }).aggregate({ n: Count("id"), sum: Sum("pages") });
      assert.deepEqual(empty, { n: 0, sum: null });
      await assert.rejects(Book.objects.aggregate({ x: F("pages") }), /x is not an aggregate expression/);
    });

    test("aggregate() of a slice, of distinct rows, of annotations and over relations", async () => {
      assert.deepEqual(
        await Book.objects
          .orderBy("-pages")
          .slice(0, 2)
          .aggregate({ sum: Sum("pages") }),
        { sum: 500 },
      );
      assert.deepEqual(
        await Book.objects
          .values("author")
          .distinct()
          .aggregate({ n: Count("author") }),
        { n: 2 },
      );
      assert.deepEqual(
        await Book.objects.annotate({ n: Count("reviews") }).aggregate({ most: Max("n"), mean: Avg("n") }),
        { most: 2, mean: 1 },
      );
      assert.deepEqual(await Book.objects.aggregate({ stars: Sum("reviews__stars"), n: Count("reviews") }), {
        stars: 10,
        n: 3,
      });
      assert.deepEqual(await Book.objects.filter({ reviews__stars__gte: 3 }).aggregate({ n: Count("reviews") }), {
        n: 2,
      });
      assert.deepEqual(await Book.objects.none().aggregate({ n: Count("id") }), { n: 0 });
    });

    test("values() before annotate() groups the rows", async () => {
      assert.deepEqual(
        await Book.objects
          .values("author__name")
          .annotate({ n: Count("id"), sum: Sum("pages") })
          .orderBy("author__name"),
        [
          { author__name: "Ana", n: 2, sum: 300 },
          { author__name: "Bob", n: 1, sum: 300 },
        ],
      );
      const byStatus = Book.objects.values("status").annotate({ n: Count("id") });
      assert.deepEqual(await byStatus.filter({ n__gt: 1 }), [{ status: "draft", n: 2 }]);
      assert.deepEqual(await byStatus.orderBy("-n").valuesList("n", { flat: true }), [2, 1]);
      assert.equal(await byStatus.count(), 2);
      assert.deepEqual(await byStatus.aggregate({ most: Max("n") }), { most: 2 });
      assert.deepEqual(
        await Book.objects
          .values("author")
          .annotate({ n: Count("categories", { distinct: true }) })
          .orderBy("author"),
        [
          { author: shelf.ana.id, n: 2 },
          { author: shelf.bob.id, n: 0 },
        ],
      );
      assert.deepEqual(
        await Book.objects
          .annotate({ long: Case(When({ pages__gt: 150 }, true), { default: false }) })
          .values("long")
          .annotate({ n: Count("id") })
          .orderBy("n"),
        [
          { long: false, n: 1 },
          { long: true, n: 2 },
        ],
      );
    });

    test("a condition before annotate() concerns what is counted, one after it does not", async () => {
      const before = await Book.objects
        .filter({ reviews__stars__gte: 3 })
        .annotate({ n: Count("reviews") })
        .orderBy("pages");
      assert.deepEqual(
        before.map(({ title, n }) => [title, n]),
        [
          ["The Sea", 1],
          ["A Lake", 1],
        ],
      );
      const after = await Book.objects
        .annotate({ n: Count("reviews") })
        .filter({ reviews__stars__gte: 2 })
        .orderBy("pages");
      assert.deepEqual(
        after.map(({ title, n }) => [title, n]),
        [
          ["The Sea", 2],
          ["A Lake", 1],
        ],
      );
    });

    test("an aggregate takes expressions over a relation, a filter, an order", async () => {
      const [ana, bob, eve] = await Author.objects
        .annotate({
          worth: Sum(F("books__price").multiply(F("books__pages"))),
          titles: StringAgg("books__title", ", ", { orderBy: "books__title" }),
          good: Count("books__reviews", { filter: Q({ books__reviews__stars__gte: 3 }) }),
          students_: Count("students"),
          total: Sum("books__pages", { default: 0 }),
        })
        .orderBy("name");
      assert.deepEqual(
        [ana.worth, ana.titles, ana.good, ana.students_, ana.total],
        ["3248.00", "A Lake, The Sea", 2, 1, 300],
      );
      assert.deepEqual([bob.worth, bob.good, eve.titles, eve.total], ["30000.00", 0, null, 0]);
      const [row] = await Author.objects
        .annotate({ mean: Sum("books__pages").divide(Count("books")) })
        .filter({ name: "Ana" });
      assert.equal(row.mean, 150);
    });

    test("an aggregate without a relation to many speaks of the row itself", async () => {
      const book = await Book.objects
        .annotate({ n: Count("id"), p: Sum("pages"), none: Count("id", { filter: { pages: 0 } }) })
        .get({ title: "The Sea" });
      assert.deepEqual([book.n, book.p, book.none], [1, 100, 0]);
    });

    test("categories are counted across two relations to many", async () => {
      assert.deepEqual(
        await Category.objects
          .annotate({ reviews: Count("books__reviews") })
          .orderBy("-reviews")
          .valuesList("name", "reviews"),
        [
          ["water", 3],
          ["fiction", 2],
        ],
      );
    });
  });
});
