import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { inspect } from "node:util";
import {
  BigIntegerField,
  BinaryField,
  BooleanField,
  CharField,
  connections,
  DateField,
  DateTimeField,
  DecimalField,
  DurationField,
  type Field,
  FloatField,
  finalizeModels,
  GenericIPAddressField,
  IntegerField,
  JSONField,
  type Manager,
  Model,
  type ModelClass,
  model,
  TextField,
  TimeField,
  UUIDField,
} from "core-framework/db";
import fc from "fast-check";
import { DataError } from "../../core/exceptions.ts";
import { DateTime, formatFraction } from "../../core/utils/datetime.ts";
import { Decimal } from "../../core/utils/decimal.ts";
import { Duration } from "../../core/utils/duration.ts";
import { cleanIPv6 } from "../../core/utils/ipv6.ts";
import { forEachDatabase } from "../support/databases.ts";
import { connectTo } from "./connect.ts";
import { createTables } from "./schema.ts";

@model({ appLabel: "fidelity" })
class Any extends Model {
  declare static objects: Manager<Any>;
  @BigIntegerField({ null: true }) big!: bigint | null;
  @BinaryField({ null: true }) bytes!: Uint8Array | null;
  @BooleanField({ null: true }) flag!: boolean | null;
  @CharField({ maxLength: 10, null: true }) label!: string | null;
  @DateField({ null: true }) day!: string | null;
  @DateTimeField({ null: true }) moment!: Date | null;
  @DecimalField({ maxDigits: 15, decimalPlaces: 5, null: true }) amount!: string | null;
  @DecimalField({ maxDigits: 15, decimalPlaces: 15, null: true }) fraction!: string | null;
  @DurationField({ null: true }) span!: Duration | null;
  @FloatField({ null: true }) ratio!: number | null;
  @GenericIPAddressField({ null: true }) address!: string | null;
  @IntegerField({ null: true }) count!: number | null;
  @JSONField({ null: true }) data!: unknown;
  @TextField({ null: true }) body!: string | null;
  @TimeField({ null: true }) clock!: string | null;
  @UUIDField({ null: true }) uid!: string | null;
}

@model({ appLabel: "fidelity" })
class Long extends Model {
  declare static objects: Manager<Long>;
  @DecimalField({ maxDigits: 20, decimalPlaces: 5 }) amount!: string;
}

const models = [Any, Long] as unknown as ModelClass[];
finalizeModels(models);

const RUNS = 10_000;
const limit = 2n ** 63n;

/** Text as it comes: plain, astral, with NUL, with halves of surrogate pairs. */
const anyText = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 12 }),
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 6 }).map((codes) => String.fromCharCode(...codes)),
  fc.constantFrom(
    "",
    " ",
    "\0",
    "\u{1f600}\u200d\u{1f680}",
    "\ud83d",
    "\\u0000",
    "'\";--",
    "NULL",
    "%s",
    "é",
    "e\u0301",
  ),
);
const digits = (max: bigint, places: number) =>
  fc.bigInt({ min: -max, max }).map((value) => new Decimal(value < 0n, value < 0n ? -value : value, -places).toFixed());
const time = fc
  .tuple(fc.nat(23), fc.nat(59), fc.nat(59), fc.oneof(fc.constant(0), fc.nat(999_999)))
  .map(([hour, minute, second, micro]) => {
    const clock = [hour, minute, second].map((part) => String(part).padStart(2, "0")).join(":");
    return clock + formatFraction(micro);
  });
const microseconds = fc.oneof(
  fc.bigInt({ min: -62_135_596_800_000_000n, max: 253_402_300_799_999_999n }),
  fc.bigInt({ min: -2_000_000n, max: 2_000_000n }),
  fc.constantFrom(-62_135_596_800_000_000n, 253_402_300_799_999_999n, -1n, 0n),
);
const address = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  fc.array(fc.constantFrom("0", "1", "ffff", "a0"), { minLength: 8, maxLength: 8 }).map((parts) => parts.join(":")),
  anyText,
);
const json = fc.oneof(
  fc.jsonValue({ depthSize: "small", stringUnit: "binary" }),
  fc.dictionary(anyText, anyText),
  fc.bigInt({ min: -limit * 4n, max: limit * 4n }).map((n) => ({ n })),
);

interface Kind {
  name: keyof Any & string;
  values: fc.Arbitrary<unknown>;
  /** Whether it must be stored, and not refused. */
  fits(value: never): boolean;
  /** What is compared; by default the value itself. */
  same?(read: never, written: never): boolean;
}

const isStorable = (value: string) => !value.includes("\0") && !/\p{Cs}/u.test(value);
const everything = () => true;

const kinds: Kind[] = [
  {
    name: "big",
    values: fc.oneof(fc.bigInt({ min: -limit, max: limit - 1n }), fc.bigInt({ min: -limit * 2n, max: limit * 2n })),
    fits: (value: bigint) => value >= -limit && value < limit,
  },
  {
    name: "bytes",
    values: fc.uint8Array({ maxLength: 20 }),
    fits: everything,
    same: (read: Uint8Array, written: Uint8Array) => Buffer.compare(read, written) === 0,
  },
  { name: "flag", values: fc.boolean(), fits: everything },
  { name: "label", values: anyText, fits: (value: string) => isStorable(value) && [...value].length <= 10 },
  {
    name: "day",
    values: microseconds.map((value) => DateTime.fromMicroseconds(value).isoformat().slice(0, 10)),
    fits: everything,
  },
  {
    name: "moment",
    values: microseconds.map((value) => DateTime.fromMicroseconds(value)),
    fits: everything,
    same: (read: DateTime, written: DateTime) => read.toMicroseconds() === written.toMicroseconds(),
  },
  {
    name: "amount",
    values: digits(10n ** 16n, 5),
    fits: (value: string) => value.replace(/[-.]/g, "").replace(/^0+/, "").length <= 15,
    same: sameDecimal,
  },
  { name: "fraction", values: digits(10n ** 15n - 1n, 15), fits: everything, same: sameDecimal },
  {
    name: "span",
    values: fc.bigInt({ min: -limit - 10n ** 17n, max: limit + 10n ** 17n }).map((value) => new Duration(value)),
    fits: ({ microseconds: value }: Duration) => value >= -limit && value < limit,
    same: (read: Duration, written: Duration) => read.microseconds === written.microseconds,
  },
  {
    name: "ratio",
    values: fc.double(),
    fits: (value: number) => !Number.isNaN(value),
    same: (read: number, written: number) => read === written,
  },
  {
    name: "address",
    values: address,
    fits: (value: string) => (value.includes(":") ? cleanIPv6(value) !== null : /^\d+\.\d+\.\d+\.\d+$/.test(value)),
    same: (read: string, written: string) => read === (cleanIPv6(written) ?? written),
  },
  {
    name: "count",
    values: fc.oneof(fc.integer(), fc.integer({ min: -(2 ** 33), max: 2 ** 33 }), fc.double({ noNaN: true })),
    fits: (value: number) => Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 31,
    same: (read: number, written: number) => read === written,
  },
  { name: "data", values: json, fits: (value: unknown) => isStorableJson(value), same: sameJson },
  { name: "body", values: anyText, fits: isStorable },
  { name: "clock", values: time, fits: everything },
  { name: "uid", values: fc.uuid(), fits: everything },
] as Kind[];

function sameDecimal(read: string, written: string): boolean {
  return Decimal.parse(read)?.compare(Decimal.parse(written) as Decimal) === 0 && !/e/i.test(read);
}

function isStorableJson(value: unknown): boolean {
  if (typeof value === "string") return isStorable(value);
  if (typeof value !== "object" || value === null) return true;
  return Object.entries(value).every(([key, item]) => isStorable(key) && isStorableJson(item));
}

/** As Python compares: a whole number is equal to itself as a double, zero to minus zero. */
function sameJson(read: unknown, written: unknown): boolean {
  if (typeof read !== "object" || read === null) return read === written || isSameNumber(read, written);
  if (typeof written !== "object" || written === null || Array.isArray(read) !== Array.isArray(written)) return false;
  const [left, right] = [read, written].map((value) => new Map(Object.entries(value)));
  return (
    left.size === right.size && [...left].every(([key, value]) => right.has(key) && sameJson(value, right.get(key)))
  );
}

function isSameNumber(read: unknown, written: unknown): boolean {
  const isNumber = (value: unknown) => typeof value === "bigint" || typeof value === "number";
  return isNumber(read) && isNumber(written) && Number(read) === Number(written);
}

/** Why a value is not sent to a database; null where it is. */
function refusal(field: Field, value: unknown, vendor: "sqlite" | "postgresql"): string | null {
  try {
    field.toDb(value, vendor);
    return null;
  } catch (error) {
    assert.ok(error instanceof DataError, `${field.name}: ${String(error)}`);
    assert.ok(error.message.startsWith(`Field "fidelity.Any.${field.name}"`), error.message);
    return error.message;
  }
}

forEachDatabase((name, makeUrl) => {
  before(async () => createTables(await connectTo(makeUrl), models));
  after(() => connections.closeAll());

  test("a decimal of more than 15 digits is kept by PostgreSQL and refused on SQLite, where it would be rounded", async () => {
    const long = () => Long.objects.create({ amount: "123456789012345.12345" });
    if (name === "sqlite") await assert.rejects(long(), /SQLite keeps 15 digits/);
    else assert.equal((await Long.objects.get({ id: (await long()).id })).amount, "123456789012345.12345");
    const short = await Long.objects.create({ amount: "1234567890.12345" });
    assert.equal((await Long.objects.get({ id: short.id })).amount, "1234567890.12345");
  });

  for (const { name: column, values, fits, same } of kinds) {
    test(`${RUNS} values of ${column} come back equal, or are refused by both databases`, async () => {
      const field = Any._meta.getField(column);
      const sample = fc.sample(values, { numRuns: RUNS, seed: 7 });
      const stored = sample.filter((value) => {
        const reason = refusal(field, value, "sqlite");
        assert.equal(refusal(field, value, "postgresql"), reason);
        assert.equal(reason === null, fits(value as never), `${inspect(value)}: ${reason}`);
        return reason === null;
      });
      assert.ok(stored.length > RUNS / 10);
      await Any.objects.all().delete();
      await Any.objects.bulkCreate(stored.map((value) => new Any({ [column]: value })));
      const rows = await Any.objects.orderBy("id");
      assert.equal(rows.length, stored.length);
      for (const [index, row] of rows.entries()) {
        const [read, written] = [row[column], stored[index]];
        const isSame = same ? same(read as never, written as never) : read === written;
        if (!isSame) assert.deepEqual(read, written, `row ${index}`);
        if (!isSame) assert.fail(`row ${index}: ${inspect(read)} is not ${inspect(written)}`);
      }
    });
  }
});
