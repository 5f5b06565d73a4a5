import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  Abs,
  Concat,
  type Connection,
  connections,
  ExtractIsoYear,
  ExtractYear,
  F,
  Left,
  Length,
  Lower,
  Mod,
  registerLookup,
  Upper,
  Value,
} from "core-framework/db";
import { FieldError, ImproperlyConfigured } from "../../core/exceptions.ts";
import { DateTime } from "../../core/utils/datetime.ts";
import { forEachDatabase } from "../support/databases.ts";
import { connectTo } from "./connect.ts";
import { Author, Book, models, Sample } from "./models.ts";
import { createTables } from "./schema.ts";

declare module "core-framework/db" {
  interface CustomLookups {
    ne: unknown;
    divisibleBy: number;
  }
  interface CustomTransforms {
    size: number;
    lower: string;
    abs: number;
  }
}

/** Titles are dates: each row's two dates and its text say the same. */
const dates = ["2019-12-30", "2020-01-01", "2020-12-31", "2021-01-03", "2021-01-04", "0099-06-01", "9999-12-31"];

forEachDatabase((name, makeUrl) => {
  let connection: Connection;

  before(async () => {
    connection = await connectTo(makeUrl);
    await createTables(connection, models);
    for (const day of dates) {
      await Sample.objects.create({ label: day, day, moment: new Date(`${day}T23:59:59.999Z`), clock: "10:20:30" });
    }
    await Sample.objects.create({ label: "none" });
    const ana = await Author.objects.create({ name: "Ana", bornOn: "1950-02-03" });
    await Book.objects.create({ title: "An Ana", author: ana, publishedOn: "2020-05-06" });
    await Book.objects.create({ title: "The Sea", author: ana, publishedOn: "2020-07-08" });
    await Book.objects.create({ title: "Lake", author: ana });
  });
  after(() => connections.closeAll());

  const where = async (path: string, value: unknown) =>
    (await Sample.objects.where(path, value).orderBy("label")).map(({ label }) => label);
  const titles = async (path: string, value: unknown) =>
    (await Book.objects.where(path, value).orderBy("title")).map(({ title }) => title);

  describe("years", () => {
    const late = ["2020-12-31", "2021-01-03", "2021-01-04", "9999-12-31"];
    const cases = [
      ["year", 2020, ["2020-01-01", "2020-12-31"]],
      ["year", "2020", ["2020-01-01", "2020-12-31"]],
      ["year__gt", 2020, ["2021-01-03", "2021-01-04", "9999-12-31"]],
      ["year__gte", 2021, ["2021-01-03", "2021-01-04", "9999-12-31"]],
      ["year__lt", 2020, ["0099-06-01", "2019-12-30"]],
      ["year__lte", 99, ["0099-06-01"]],
      ["year__in", [99, 2019], ["0099-06-01", "2019-12-30"]],
      ["year__range", [2020, 2020], ["2020-01-01", "2020-12-31"]],
      ["year", 10_000, []],
      ["year__gte", 10_000, []],
      ["year__lte", 12_000, [...dates].sort()],
      ["year__gt", -5, [...dates].sort()],
      ["isoYear", 2020, ["2019-12-30", "2020-01-01", "2020-12-31", "2021-01-03"]],
      ["isoYear__gt", 2020, ["2021-01-04", "9999-12-31"]],
      ["isoYear__lte", 2019, ["0099-06-01"]],
      ["year__isnull", true, ["none"]],
    ] as const;
    for (const [lookup, value, labels] of cases) {
      test(`${lookup} ${JSON.stringify(value)} of days and of instants`, async () => {
        assert.deepEqual(await where(`day__${lookup}`, value), labels);
        assert.deepEqual(await where(`moment__${lookup}`, value), labels);
        assert.deepEqual(await where(`moment__date__${lookup}`, value), labels);
      });
    }

    test("are ranges of days, for which an index can be used", async () => {
      const { sql, params } = Sample.objects.filter({ day__year: 2020 }).sql();
      assert.match(sql, /"day" BETWEEN (\$1 AND \$2|\? AND \?)/);
      assert.deepEqual(params, ["2020-01-01", "2020-12-31"]);
      assert.match(Sample.objects.filter({ moment__year__lte: 2020 }).sql().sql, /"moment" <= (\$1|\?)/);
    });

    test("exclude keeps rows without a date, and a year may be compared with an expression", async () => {
      const others = await Sample.objects.exclude({ day__year__gte: 2020 }).orderBy("label");
      assert.deepEqual(
        others.map(({ label }) => label),
        ["0099-06-01", "2019-12-30", "none"],
      );
      assert.equal(await Sample.objects.filter({ day__year: ExtractYear("moment") }).count(), dates.length);
      assert.deepEqual(await where("day__year__gt", ExtractIsoYear("moment")), ["2021-01-03"]);
      assert.equal(late.length, 4);
    });

    test("a part that is no number is refused", async () => {
      await assert.rejects(where("day__year", "20x0"), FieldError);
      await assert.rejects(where("day__year", 2020.5), FieldError);
    });
  });

  describe("transforms of annotations", () => {
    test("an annotation is filtered, ordered, named and grouped by its parts", async () => {
      const rows = Sample.objects.annotate({ at: F("moment"), y: ExtractYear("day") }).filter({ y__gte: 2020 });
      assert.equal(await rows.count(), 5);
      assert.equal(await rows.filter({ at__year: 2020 }).count(), 2);
      assert.equal(await rows.filter({ at__date__month__lt: 6, at__time__hour: 23 }).count(), 3);
      const years = await rows
        .where("at__year__gte", 2021)
        .annotate({ n: F("at__year") })
        .orderBy("-at__year", "label");
      assert.deepEqual(
        years.map(({ n }) => n),
        [9999, 2021, 2021],
      );
      assert.throws(() => rows.where("y__year", 1), /no lookup of/);
    });
  });

  describe("values that are expressions", () => {
    test("every comparison takes them", async () => {
      const name = F("author__name");
      assert.deepEqual(await titles("title__contains", name), ["An Ana"]);
      assert.deepEqual(await titles("title__icontains", Upper(name)), ["An Ana"]);
      assert.deepEqual(await titles("title__endswith", name), ["An Ana"]);
      assert.deepEqual(await titles("title__startswith", Left("title", 2)), ["An Ana", "Lake", "The Sea"]);
      assert.deepEqual(await titles("title__iexact", Concat(Value("AN "), "author__name")), ["An Ana"]);
      assert.deepEqual(await titles("title__in", [F("title"), Value("x")]), ["An Ana", "Lake", "The Sea"]);
      assert.deepEqual(await titles("title__regex", Concat(Value("^.n "), name)), ["An Ana"]);
      assert.deepEqual(await titles("title__iregex", Concat(Value("^.N "), name)), ["An Ana"]);
      assert.deepEqual(await titles("publishedOn__year__gt", ExtractYear("author__bornOn")), ["An Ana", "The Sea"]);
      assert.deepEqual(await titles("publishedOn__range", [F("author__bornOn"), Value("2020-06-01")]), ["An Ana"]);
      assert.deepEqual(await titles("title", F("title")), ["An Ana", "Lake", "The Sea"]);
    });
  });

  describe("dates and datetimes", () => {
    test("the periods in which there is something, each once and sorted", async () => {
      const books = Book.objects.filter({ author__name: "Ana" });
      assert.deepEqual(await books.dates("publishedOn", "year"), ["2020-01-01"]);
      assert.deepEqual(await books.dates("publishedOn", "month", "DESC"), ["2020-07-01", "2020-05-01"]);
      assert.deepEqual(await Book.objects.dates("author__bornOn", "week"), ["1950-01-30"]);
      assert.deepEqual(await Book.objects.none().dates("publishedOn", "day"), []);
      const recent = Sample.objects.filter({ moment__year__range: [2019, 2021] });
      assert.deepEqual(await recent.dates("moment", "year"), ["2019-01-01", "2020-01-01", "2021-01-01"]);
      const hours = await recent.datetimes("moment", "hour", "DESC");
      assert.deepEqual(hours[0], new DateTime("2021-01-04T23:00:00Z"));
      assert.equal(hours.length, 5);
      const days = await recent.datetimes("moment", "year", "ASC", { tzinfo: "Europe/Madrid" });
      assert.deepEqual(
        days.map((day) => day.toISOString()),
        ["2018-12-31T23:00:00.000Z", "2019-12-31T23:00:00.000Z", "2020-12-31T23:00:00.000Z"],
      );
    });

    test("refuse what is no date, kind or order", () => {
      assert.throws(() => Book.objects.dates("title", "year"), FieldError);
      assert.throws(() => Book.objects.datetimes("publishedOn", "year"), /Cannot truncate DateField/);
      assert.throws(() => Book.objects.dates("publishedOn", "hour" as never), /'kind' must be one of/);
      assert.throws(() => Book.objects.dates("publishedOn", "year", "UP" as never), /'order' must be/);
    });
  });

  describe("registerLookup", () => {
    registerLookup("Field", { lookupName: "ne", asSql: (left, right) => `${left} <> ${right}` });
    registerLookup("IntegerField", {
      lookupName: "divisibleBy",
      asSql: (left, right, vendor) => `${left} % ${right}${vendor === "postgresql" ? "::integer" : ""} = 0`,
    });
    registerLookup("CharField", Length, "size");
    registerLookup("CharField", Lower);
    registerLookup("IntegerField", Abs);

    test("a comparison of one's own, on columns and annotations", async () => {
      assert.deepEqual(await titles("title__ne", "Lake"), ["An Ana", "The Sea"]);
      assert.equal(await Book.objects.filter({ author__name__ne: "Ana" }).count(), 0);
      assert.equal(await Book.objects.exclude({ title__ne: "Lake" }).count(), 1);
      const sized = Book.objects.annotate({ size: Length("title") });
      assert.deepEqual(
        await sized.filter({ size__divisibleBy: 2 }).orderBy("title").valuesList("size", { flat: true }),
        [6, 4],
      );
      assert.throws(() => Book.objects.where("title__divisibleBy", 2), FieldError);
    });

    test("a function becomes part of lookups, orders and F(), and others follow it", async () => {
      assert.deepEqual(await titles("title__size__gt", 5), ["An Ana", "The Sea"]);
      assert.deepEqual(await titles("title__lower__startswith", "an"), ["An Ana"]);
      assert.deepEqual(await titles("title__size__abs", 4), ["Lake"]);
      assert.deepEqual(await titles("author__name__lower", "ana"), ["An Ana", "Lake", "The Sea"]);
      const rows = await Book.objects
        .annotate({ n: F("title__size") })
        .orderByNames(["-title__size", "pk"])
        .values("n");
      assert.deepEqual(rows, [{ n: 7 }, { n: 6 }, { n: 4 }]);
      assert.equal(await Book.objects.filter({ title__size: 4, title__lower__ne: "x" }).count(), 1);
    });

    test("a name that is none, and a function that needs values, are refused", async () => {
      assert.throws(() => registerLookup("CharField", { lookupName: "a__b", asSql: () => "" }), ImproperlyConfigured);
      assert.throws(() => registerLookup("CharField", (value) => Mod(value, 2)), ImproperlyConfigured);
      registerLookup("SlugField", (value) => Left(value, 2), "head");
      await assert.rejects(where("slug__head", "x"), /not of values/);
    });
  });

  test("an unknown lookup is named with what there is", () => {
    assert.throws(
      () => Sample.objects.where("day__yaer", 1),
      (error: FieldError) => {
        assert.match(error.message, /"yaer" of "day__yaer" is no lookup of library\.Sample\.day/);
        return /Did you mean "year"/.test(error.hint ?? "");
      },
    );
    assert.throws(() => Sample.objects.where("label__hasKey", "x"), FieldError);
    assert.throws(() => Sample.objects.where("count__year", 1), FieldError);
    assert.equal(typeof name, "string");
  });
});
