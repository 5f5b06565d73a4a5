import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, describe, test } from "node:test";
import {
  Abs,
  ACos,
  ASin,
  ATan,
  ATan2,
  BooleanField,
  Cast,
  Ceil,
  CharField,
  Chr,
  Coalesce,
  Collate,
  Concat,
  ConcatPair,
  type Connection,
  Cos,
  Cot,
  connections,
  DateField,
  DateTimeField,
  DecimalField,
  Degrees,
  Exp,
  type Expression,
  Extract,
  ExtractDay,
  ExtractHour,
  ExtractIsoWeekDay,
  ExtractIsoYear,
  ExtractMinute,
  ExtractMonth,
  ExtractQuarter,
  ExtractSecond,
  ExtractWeek,
  ExtractWeekDay,
  ExtractYear,
  F,
  FloatField,
  Floor,
  Greatest,
  IntegerField,
  JSONArray,
  JSONField,
  JSONObject,
  Least,
  Left,
  Length,
  Ln,
  Log,
  Lower,
  LPad,
  LTrim,
  MD5,
  Mod,
  Now,
  NullIf,
  Ord,
  Pi,
  Power,
  Radians,
  Random,
  Repeat,
  Replace,
  ReverseText,
  Right,
  Round,
  RPad,
  RTrim,
  SHA224,
  SHA256,
  SHA384,
  SHA512,
  Sign,
  Sin,
  Sqrt,
  StrIndex,
  Substr,
  Sum,
  Tan,
  TextField,
  TimeField,
  Trim,
  Trunc,
  TruncDate,
  TruncDay,
  TruncHour,
  TruncMinute,
  TruncMonth,
  TruncQuarter,
  TruncSecond,
  TruncTime,
  TruncWeek,
  TruncYear,
  Upper,
  UUID4,
  UUID7,
  UUIDField,
  Value,
} from "core-framework/db";
import { FieldError } from "../../core/exceptions.ts";
import { DateTime, Duration } from "../../core/utils/datetime.ts";
import { forEachDatabase } from "../support/databases.ts";
import { connectTo } from "./connect.ts";
import { Sample } from "./models.ts";
import { createTables } from "./schema.ts";

const moment = DateTime.fromString("2024-02-29T23:30:45.123456Z") as DateTime;

forEachDatabase((name, makeUrl) => {
  let connection: Connection;

  before(async () => {
    connection = await connectTo(makeUrl);
    await createTables(connection, [Sample as never]);
    await Sample.objects.create({
      label: " Straße 😀 ",
      description: null,
      count: -7,
      big: 2n ** 60n,
      ratio: 2.5,
      amount: "12.3450",
      flag: true,
      day: "2021-01-03",
      clock: "12:34:56.000500",
      moment,
      span: Duration.parse("1 02:00:00") as Duration,
      uid: "0b0e5a58-9b0a-4b4e-8d2f-0a4f3c1d2e3f",
      data: { a: 1 },
    });
  });
  after(() => connections.closeAll());

  /** What an expression gives of the only row. */
  async function resultOf(expression: Expression): Promise<unknown> {
    const [row] = await Sample.objects.annotate({ value: expression as Expression<{ is: unknown }> }).values("value");
    return row.value;
  }

  async function checkAll(cases: readonly (readonly [Expression, unknown])[]): Promise<void> {
    for (const [index, [expression, expected]] of cases.entries()) {
      assert.deepEqual(await resultOf(expression), expected, `case ${index}`);
    }
  }

  async function checkNear(cases: readonly (readonly [Expression, number])[]): Promise<void> {
    for (const [index, [expression, expected]] of cases.entries()) {
      const value = Number(await resultOf(expression));
      assert.ok(Math.abs(value - expected) < 1e-9, `case ${index}: ${value} is not ${expected}`);
    }
  }

  describe("comparison", () => {
    test("Cast turns a value into one of another kind", async () => {
      await checkAll([
        [Cast("count", FloatField()), -7],
        [Cast("count", TextField()), "-7"],
        [Cast("ratio", DecimalField({ maxDigits: 6, decimalPlaces: 2 })), "2.50"],
        [Cast("amount", DecimalField({ maxDigits: 6, decimalPlaces: 1 })), "12.3"],
        [Cast(Value("42"), IntegerField()), 42],
        [Cast(Value("2024-05-06"), DateField()), "2024-05-06"],
        [Cast("moment", DateField()), "2024-02-29"],
        [Cast("moment", TimeField()), "23:30:45.123456"],
        [Cast("moment", DateTimeField()), moment],
        [Cast("day", DateTimeField()), new DateTime("2021-01-03T00:00:00Z")],
        [Cast(Value("2024-05-06 07:08:09.25"), DateTimeField()), new DateTime("2024-05-06T07:08:09.250Z")],
        [Cast(Value('{"b": [1]}'), JSONField()), { b: [1] }],
        [Cast(Value("0B0E5A589B0A4B4E8D2F0A4F3C1D2E3F"), UUIDField()), "0b0e5a58-9b0a-4b4e-8d2f-0a4f3c1d2e3f"],
        [Cast(Value(1), BooleanField()), true],
        [Cast("description", IntegerField()), null],
        [Cast(Value("abc"), CharField({ maxLength: 10 })), "abc"],
      ]);
    });

    test("Coalesce gives the first that is not null, in the kind of the columns", async () => {
      await checkAll([
        [Coalesce("description", "label"), " Straße 😀 "],
        [Coalesce("description", Value("none")), "none"],
        [Coalesce("description", "description"), null],
        [Coalesce("amount", "count"), "12.3450"],
        [Coalesce(F("big"), 0), 2n ** 60n],
      ]);
      const none = Sample.objects.filter({ label: "none" });
      assert.deepEqual(await none.aggregate({ n: Coalesce(Sum("count"), 0) }), { n: 0 });
      assert.throws(() => Coalesce("label"), /at least two expressions/);
      assert.throws(() => Sample.objects.annotate({ x: Coalesce("label", "count") }), FieldError);
    });

    test("Greatest and Least, which see nulls as their database does", async () => {
      await checkAll([
        [Greatest("count", "ratio", 1), 2.5],
        [Least("count", "ratio", 1), -7],
        [Greatest("label", Value("Z")), "Z"],
        [Greatest("day", Value("2022-01-01")), "2022-01-01"],
        [Least("moment", Value(new Date("2030-01-01T00:00:00Z"))), moment],
        [Greatest("count", Cast("description", IntegerField())), name === "sqlite" ? null : -7],
      ]);
    });

    test("NullIf and Collate", async () => {
      await checkAll([
        [NullIf("count", -7), null],
        [NullIf("count", 7), -7],
        [NullIf("amount", Value("12.345")), null],
        [Collate("label", "C"), " Straße 😀 "],
      ]);
      const byCode = Sample.objects.annotate({ c: Collate("slug", "C") }).filter({ c: "" });
      assert.equal(await byCode.orderBy(Collate("label", "C").desc()).count(), 1);
      assert.throws(() => Collate("label", 'C"; DROP TABLE x'), /Invalid collation name/);
    });
  });

  test("math", async () => {
    await checkAll([
      [Abs("count"), 7],
      [Abs("big"), 2n ** 60n],
      [Ceil("ratio"), 3],
      [Floor("ratio"), 2],
      [Ceil("amount"), "13"],
      [Floor("count"), -7],
      [Mod("count", 4), -3],
      [Mod(F("ratio"), 2), 0.5],
      [Power("count", 2), 49],
      [Round("ratio"), 3],
      [Round(Value(-2.5)), -3],
      [Round("amount", 2), "12.35"],
      [Round(Value(1.005), 2), 1.01],
      [Round("count", -1), -10],
      [Sign("count"), -1],
      [Sign("amount"), "1"],
      [Sqrt(Power("count", 2)), 7],
      [Sqrt(NullIf("count", -7)), null],
    ]);
    await checkNear([
      [ACos(Value(0.5)), Math.acos(0.5)],
      [ASin(Value(0.5)), Math.asin(0.5)],
      [ATan("ratio"), Math.atan(2.5)],
      [ATan2("count", "ratio"), Math.atan2(-7, 2.5)],
      [Cos("ratio"), Math.cos(2.5)],
      [Cot("ratio"), 1 / Math.tan(2.5)],
      [Degrees("ratio"), (2.5 * 180) / Math.PI],
      [Exp("ratio"), Math.exp(2.5)],
      [Ln("ratio"), Math.log(2.5)],
      [Log(2, "ratio"), Math.log2(2.5)],
      [Log(10, 1000), 3],
      [Pi(), Math.PI],
      [Radians("count"), (-7 * Math.PI) / 180],
      [Sin("ratio"), Math.sin(2.5)],
      [Tan("ratio"), Math.tan(2.5)],
    ]);
    const random = (await resultOf(Random())) as number;
    assert.ok(random >= 0 && random < 1);
    await assert.rejects(resultOf(Sqrt("count")));
    await assert.rejects(resultOf(Ln(0)));
  });

  test("text", async () => {
    const hash = (algorithm: string) => createHash(algorithm).update(" Straße 😀 ").digest("hex");
    await checkAll([
      [Chr(Value(955)), "λ"],
      [Ord(Value("λx")), 955],
      [Concat("label", Value("|"), "description", "count"), " Straße 😀 |-7"],
      [ConcatPair("description", "description"), ""],
      [Left("label", 3), " St"],
      [Right("label", 2), "😀 "],
      [Right(Value("ab"), 5), "ab"],
      [Length("label"), 10],
      [Lower(Value("ABC")), "abc"],
      [Upper(Value("abc")), "ABC"],
      [LPad(Value("7"), 3, Value("0")), "007"],
      [RPad(Value("ab"), 5, Value("xyz")), "abxyz"],
      [LPad(Value("abcdef"), 3), "abc"],
      [RPad(Value("😀"), 3, Value("é")), "😀éé"],
      [LTrim("label"), "Straße 😀 "],
      [RTrim("label"), " Straße 😀"],
      [Trim("label"), "Straße 😀"],
      [Repeat(Value("ab"), 3), "ababab"],
      [Repeat(Value("ab"), 0), ""],
      [Replace("label", Value("ß"), Value("ss")), " Strasse 😀 "],
      [Replace("label", Value(" ")), "Straße😀"],
      [ReverseText(Value("a😀b")), "b😀a"],
      [StrIndex("label", Value("ße")), 6],
      [StrIndex("label", Value("zz")), 0],
      [Substr("label", 2, 3), "Str"],
      [Substr("label", 6), "ße 😀 "],
      [MD5("label"), hash("md5")],
      [SHA224("label"), hash("sha224")],
      [SHA256("label"), hash("sha256")],
      [SHA384("label"), hash("sha384")],
      [SHA512("label"), hash("sha512")],
      [Lower("description"), null],
      [LPad("description", 3), null],
      [MD5("description"), null],
      [Length(Concat("label", Value("!"))), 11],
    ]);
    assert.throws(() => Left("label", 0), /'length' must be greater than 0/);
    assert.throws(() => Substr("label", 0), /'pos' must be greater than 0/);
    assert.throws(() => Repeat("label", -1), /'number' must be greater or equal to 0/);
    assert.throws(() => Concat("label"), /at least two expressions/);
  });

  test("UUID4 and UUID7", async () => {
    assert.match(
      (await resultOf(UUID4())) as string,
      /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/,
    );
    const before = Date.now();
    const uuid = (await resultOf(UUID7())) as string;
    assert.match(uuid, /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    const time = Number.parseInt(uuid.replaceAll("-", "").slice(0, 12), 16);
    assert.ok(Math.abs(time - before) < 60_000);
  });

  test("JSONObject and JSONArray hold columns, JSON, booleans and what is inside each other", async () => {
    await checkAll([
      [
        JSONObject({
          label: "slug",
          n: "count",
          ok: "flag",
          inner: "data",
          none: "description",
          list: JSONArray("count"),
        }),
        { label: "", n: -7, ok: true, inner: { a: 1 }, none: null, list: [-7] },
      ],
      [JSONArray("count", Value("it's"), "flag", JSONObject({ 'a"b': "ratio" })), [-7, "it's", true, { 'a"b': 2.5 }]],
    ]);
  });

  describe("dates and times", () => {
    test("Extract reads parts", async () => {
      await checkAll([
        [ExtractYear("moment"), 2024],
        [ExtractMonth("moment"), 2],
        [ExtractDay("moment"), 29],
        [ExtractHour("moment"), 23],
        [ExtractMinute("moment"), 30],
        [ExtractSecond("moment"), 45],
        [ExtractQuarter("moment"), 1],
        [ExtractIsoYear("day"), 2020],
        [ExtractWeek("day"), 53],
        [ExtractWeekDay("day"), 1],
        [ExtractIsoWeekDay("day"), 7],
        [ExtractHour("clock"), 12],
        [Extract("day", "year"), 2021],
        [ExtractYear(Cast("description", DateField())), null],
      ]);
      assert.throws(() => Sample.objects.annotate({ x: ExtractHour("day") }), /Cannot extract "hour" from a DateField/);
      assert.throws(() => Sample.objects.annotate({ x: ExtractYear("label") }), FieldError);
    });

    test("Trunc gives beginnings of the same kind", async () => {
      const at = (text: string) => new DateTime(text);
      await checkAll([
        [TruncYear("moment"), at("2024-01-01T00:00:00Z")],
        [TruncQuarter("moment"), at("2024-01-01T00:00:00Z")],
        [TruncMonth("moment"), at("2024-02-01T00:00:00Z")],
        [TruncWeek("moment"), at("2024-02-26T00:00:00Z")],
        [TruncDay("moment"), at("2024-02-29T00:00:00Z")],
        [TruncHour("moment"), at("2024-02-29T23:00:00Z")],
        [TruncMinute("moment"), at("2024-02-29T23:30:00Z")],
        [TruncSecond("moment"), at("2024-02-29T23:30:45Z")],
        [TruncYear("day"), "2021-01-01"],
        [TruncWeek("day"), "2020-12-28"],
        [Trunc(Value("2024-11-30", { outputField: DateField() }), "quarter"), "2024-10-01"],
        [TruncHour("clock"), "12:00:00"],
        [TruncMinute("clock"), "12:34:00"],
        [TruncDate("moment"), "2024-02-29"],
        [TruncTime("moment"), "23:30:45.123456"],
      ]);
      assert.throws(() => Sample.objects.annotate({ x: TruncYear("clock") }), /Cannot truncate TimeField/);
    });

    test("in a time zone, instants have its days and hours", async () => {
      const tzinfo = "Europe/Madrid";
      await checkAll([
        [ExtractDay("moment", { tzinfo }), 1],
        [ExtractHour("moment", { tzinfo }), 0],
        [ExtractMonth("moment", { tzinfo: "America/New_York" }), 2],
        [TruncDate("moment", { tzinfo }), "2024-03-01"],
        [TruncTime("moment", { tzinfo }), "00:30:45.123456"],
        [TruncDay("moment", { tzinfo }), new DateTime("2024-02-29T23:00:00Z")],
        [TruncMonth("moment", { tzinfo: "Asia/Kolkata" }), new DateTime("2024-02-29T18:30:00Z")],
      ]);
      for (const [instant, hour] of [
        ["2024-03-31T00:30:00Z", "2024-03-31T00:00:00Z"],
        ["2024-03-31T01:30:00Z", "2024-03-31T01:00:00Z"],
        ["2024-03-31T12:00:00Z", "2024-03-31T12:00:00Z"],
        ["2024-10-27T01:30:00Z", "2024-10-27T01:00:00Z"],
        ["2024-10-27T02:30:00Z", "2024-10-27T02:00:00Z"],
      ]) {
        const truncated = TruncHour(Value(new Date(instant)), { tzinfo });
        assert.deepEqual(await resultOf(truncated), new DateTime(hour), instant);
      }
      assert.throws(() => TruncDay("moment", { tzinfo: "Mars/Olympus" }), /no time zone/);
      assert.throws(() => TruncDay("moment", { tzinfo: "UTC'; DROP" }), FieldError);
      await assert.rejects(resultOf(TruncYear("day", { tzinfo })), /tzinfo can only be used with DateTimeField/);
    });

    test("Now is now, and is compared with instants", async () => {
      const now = (await resultOf(Now())) as Date;
      assert.ok(Math.abs(now.getTime() - Date.now()) < 60_000);
      assert.equal(await Sample.objects.filter({ moment__lt: Now() }).count(), 1);
      assert.equal(await Sample.objects.filter({ moment__gt: Now() }).count(), 0);
    });

    test("times and durations are added and subtracted", async () => {
      await checkAll([
        [F("moment").add(F("span")), DateTime.fromString("2024-03-02T01:30:45.123456Z")],
        [F("moment").subtract(F("span")), DateTime.fromString("2024-02-28T21:30:45.123456Z")],
        [F("clock").add(F("span")), "14:34:56.000500"],
        [F("day").add(Value(Duration.parse("1 00:00:00") as Duration)), new DateTime("2021-01-04T00:00:00Z")],
        [F("moment").subtract(F("moment")), new Duration(0n)],
        [F("moment").subtract(Value(new Date("2024-02-29T23:30:45Z"))), new Duration(123_456n)],
      ]);
    });
  });

  test("functions stand in filters, orders, groups and updates", async () => {
    const found = Sample.objects.annotate({ size: Length("label") }).filter({ size__gt: Length(Value("abc")) });
    assert.equal(await found.orderBy(Lower("label").desc(), "-size").count(), 1);
    const byYear = await Sample.objects
      .annotate({ y: ExtractYear("moment") })
      .filter({ y__gte: 2020 })
      .values("y");
    assert.deepEqual(byYear, [{ y: 2024 }]);
    const groups = Sample.objects.values(...(["flag"] as const)).annotate({ n: Sum(Abs("count")) });
    assert.deepEqual(await groups, [{ flag: true, n: 7 }]);
    await Sample.objects.all().update({ slug: Lower(Concat("label", Value("X"))) });
    const [{ slug }] = await Sample.objects.all();
    assert.equal(slug, " straße 😀 x");
    await Sample.objects.all().update({ slug: "" });
  });
});
