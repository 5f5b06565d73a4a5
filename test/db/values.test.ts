import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { connections } from "core-framework/db";
import fc from "fast-check";
import { DataError } from "../../core/exceptions.ts";
import { DateTime } from "../../core/utils/datetime.ts";
import { Duration } from "../../core/utils/duration.ts";
import { forEachDatabase } from "../support/databases.ts";
import { connectTo } from "./connect.ts";
import { models, Sample } from "./models.ts";
import { createTables } from "./schema.ts";

/** Writes values and reads them back. */
async function roundTrip(values: Record<string, unknown>): Promise<Sample> {
  const { id } = await Sample.objects.create(values as object);
  return Sample.objects.get({ id });
}

const big = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const amount = fc
  .tuple(fc.integer({ min: -99999999, max: 99999999 }), fc.nat(9999))
  .map(([whole, part]) => `${whole}.${String(part).padStart(4, "0")}`);
const microseconds = fc.bigInt({ min: -62_135_596_800_000_000n, max: 253_402_300_799_999_999n });
const text = fc.string({ unit: "binary", maxLength: 40 }).map((value) => value.replaceAll("\0", ""));
const jsonValue = fc.jsonValue({ depthSize: "small", stringUnit: "grapheme" });

forEachDatabase((_name, makeUrl) => {
  before(async () => createTables(await connectTo(makeUrl), models));
  after(() => connections.closeAll());

  describe("come back as they were written", () => {
    const property = <T>(title: string, arbitrary: fc.Arbitrary<T>, check: (value: T) => Promise<void>) =>
      test(title, () => fc.assert(fc.asyncProperty(arbitrary, check), { numRuns: 300 }));

    property("64-bit integers", big, async (value) => assert.equal((await roundTrip({ big: value })).big, value));
    property("decimals", amount, async (value) => {
      const [sign, rest] = value.startsWith("-") ? ["-", value.slice(1)] : ["", value];
      const expected = /^0\.0+$/.test(rest) ? "0.0000" : `${sign}${rest}`;
      assert.equal((await roundTrip({ amount: value })).amount?.replace(/^-(0\.0+)$/, "$1"), expected);
    });
    property("instants, to the microsecond", microseconds, async (value) => {
      const { moment } = await roundTrip({ moment: DateTime.fromMicroseconds(value) });
      assert.equal((moment as DateTime).toMicroseconds(), value);
    });
    property("durations", fc.bigInt({ min: -(10n ** 16n), max: 10n ** 16n }), async (value) => {
      assert.equal((await roundTrip({ span: new Duration(value) })).span?.microseconds, value);
    });
    property("text, emoji included", text, async (value) =>
      assert.equal((await roundTrip({ description: value })).description, value),
    );
    property("doubles", fc.double({ noNaN: true, noDefaultInfinity: true }), async (value) => {
      assert.equal(
        (await roundTrip({ ratio: value })).ratio,
        value === 0 ? (await roundTrip({ ratio: value })).ratio : value,
      );
    });
    property("UUIDs", fc.uuid(), async (value) => assert.equal((await roundTrip({ uid: value })).uid, value));
    property("bytes", fc.uint8Array(), async (value) => {
      const { blob } = await roundTrip({ blob: value });
      assert.deepEqual([...(blob as Uint8Array)], [...value]);
    });
    property("JSON", jsonValue, async (value) => {
      const data = JSON.parse(JSON.stringify(value).replaceAll("\\u0000", ""));
      const read = (await roundTrip({ data })).data;
      // A whole number past 2^53 is read as a bigint.
      const plain = JSON.stringify(read, (_key, part) => (typeof part === "bigint" ? Number(part) : part));
      assert.deepEqual(JSON.parse(plain), data);
    });

    test("times of day and days", async () => {
      const sample = await roundTrip({ clock: "09:30:00.000250", day: "0001-01-01", tri: true, flag: true });
      assert.deepEqual(
        [sample.clock, sample.day, sample.tri, sample.flag],
        ["09:30:00.000250", "0001-01-01", true, true],
      );
      assert.equal((await roundTrip({ clock: "9:30" })).clock, "09:30:00");
    });

    test("a key of JSON that is no honest client's is given back as it is stored", async () => {
      const { data } = await roundTrip({
        data: JSON.parse('{"__proto__": {"a": 1}, "constructor": {"prototype": 2}}'),
      });
      assert.equal(JSON.stringify(data), '{"__proto__":{"a":1},"constructor":{"prototype":2}}');
      assert.equal(({} as { a?: unknown }).a, undefined);
    });

    test("long integers in JSON keep their digits", async () => {
      const { data } = await roundTrip({ data: { n: 9007199254740993n } });
      assert.equal((data as { n: bigint }).n, 9007199254740993n);
    });
  });

  describe("are refused, by both databases alike", () => {
    const refused: [string, Record<string, unknown>][] = [
      ["NUL in text", { description: "a\0b" }],
      ["half of a surrogate pair", { description: "\ud83d" }],
      ["NUL in JSON", { data: { a: "\0" } }],
      ["half of a surrogate pair in JSON", { data: ["\ude00"] }],
      ["an integer out of range", { count: 2 ** 31 }],
      ["a 64-bit integer out of range", { big: 2n ** 63n }],
      ["a fraction for an integer", { count: 1.5 }],
      ["a decimal with too many digits", { amount: "123456789.0" }],
      ["a decimal that is none", { amount: "abc" }],
      ["NaN", { ratio: Number.NaN }],
      ["text that is too long", { label: "x".repeat(41) }],
      ["an object for text", { label: { toString: () => "x" } }],
      ["a day that is none", { day: "2023-02-29" }],
      ["an invalid Date", { moment: new Date(Number.NaN) }],
      ["a UUID that is none", { uid: "x" }],
      ["text for true", { flag: "yes" }],
    ];
    for (const [title, values] of refused) {
      test(title, async () => {
        await assert.rejects(roundTrip(values), (error: Error) => {
          assert.ok(error instanceof DataError, String(error));
          return error.message.startsWith('Field "library.Sample.');
        });
      });
    }

    test("but not where they are only compared with", async () => {
      assert.equal(await Sample.objects.filter({ count: 2 ** 40 }).count(), 0);
      assert.equal(await Sample.objects.filter({ count__lt: 2 ** 40 }).count(), await Sample.objects.count());
      assert.equal(await Sample.objects.filter({ big__gt: 10n ** 30n }).count(), 0);
      assert.equal(
        await Sample.objects.filter({ count__range: [-(2 ** 40), 10n ** 30n] as never }).count(),
        await Sample.objects.count(),
      );
      assert.equal(await Sample.objects.filter({ label: "x".repeat(100) }).count(), 0);
      assert.equal(await Sample.objects.filter({ amount: "123456789012345.123456" }).count(), 0);
    });
  });

  test("a 64-bit integer is filtered by exactly", async () => {
    await Sample.objects.all().delete();
    await roundTrip({ big: 9007199254740993n });
    assert.equal(await Sample.objects.filter({ big: 9007199254740992n }).count(), 0);
    assert.equal(await Sample.objects.filter({ big__in: [9007199254740993n] }).count(), 1);
    assert.deepEqual(await Sample.objects.values("big"), [{ big: 9007199254740993n }]);
  });
});
