// Every row of test/utils/fixtures/values.json is what Python and Django answered: test/utils/oracle/values.py wrote it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import {
  DateTime,
  Duration,
  parseDate,
  parseDatetime,
  parseDuration,
  parseTime,
  toDateTime,
} from "../../core/utils/datetime.ts";
import { Decimal, type Rounding } from "../../core/utils/decimal.ts";
import { cleanIPv6, isIPv4 } from "../../core/utils/ipv6.ts";
import { parseJson } from "../../core/utils/json.ts";
import { asciiDigits, floatRepr, parseFloatText, parseInteger } from "../../core/utils/python_numbers.ts";
import { pythonRepr, pythonStr, typeName } from "../../core/utils/python_text.ts";
import { strip } from "../../core/utils/unicode.ts";
import { parseUuid } from "../../core/utils/uuid.ts";
import { EmailValidator, URLValidator } from "../../core/utils/validators.ts";

type Row = [never, ...unknown[]];
// Our own parser, since JSON.parse would spoil the floats of the table.
const text = readFileSync(new URL("fixtures/values.json", import.meta.url), "utf8");
const table = parseJson(text) as Record<string, Row[]>;

/** Compares every row of a table with what our function makes of it, and reports all differences at once. */
function sameAsPython(
  name: string,
  answer: (input: never, ...rest: never[]) => unknown,
  expected?: (row: Row) => unknown,
) {
  test(`${name}: ${table[name]?.length} inputs are read as Python reads them`, () => {
    const differences = (table[name] ?? []).flatMap((row) => {
      const theirs = expected ? expected(row) : row[row.length - 1];
      const ours = answer(row[0], ...(row.slice(1) as never[]));
      return JSON.stringify(ours) === JSON.stringify(theirs) ? [] : [{ input: row[0], ours, theirs }];
    });
    assert.deepEqual(differences.slice(0, 20), []);
  });
}

function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** Python's datetime.isoformat(): without `Z` for a datetime without an offset. */
function datetimeText(input: string, django: "3.2" | "5.2"): string | null {
  const parsed = parseDatetime(input, { django });
  if (!parsed) return null;
  const value = toDateTime(parsed);
  if (!(value instanceof DateTime)) return value;
  return parsed.offset === null ? value.isoformat().slice(0, -1) : value.isoformat();
}

for (const django of ["3.2", "5.2"] as const) {
  sameAsPython(`date ${django}`, (input) => parseDate(input, { django }));
  sameAsPython(`time ${django}`, (input) => parseTime(input, { django }));
  sameAsPython(`datetime ${django}`, (input) => datetimeText(input, django));
}

sameAsPython("duration", (input: string) => {
  const value = attempt(() => parseDuration(input));
  return value && [value.toString(), value.toISOString(), value.toPythonString()];
});
sameAsPython("int", (input) => parseInteger(input)?.toString() ?? null);
sameAsPython("float", (input) => {
  const value = parseFloatText(input);
  return value === null ? null : floatRepr(value);
});
sameAsPython("digits", (input) => Number(asciiDigits(input)));
sameAsPython("decimal", (input) => {
  const value = Decimal.parse(input);
  if (!value) return null;
  const plain = !value.isFinite || Math.abs(value.exponent) < 3000 ? value.toFixed() : null;
  return [value.toString(), plain, value.isFinite ? value.normalize().toString() : null];
});
sameAsPython("quantize", (input, rounding: Rounding, places: number) =>
  Decimal.parse(input)?.quantize(places, rounding).toFixed(),
);
sameAsPython("repr(float)", (input) => floatRepr(Number(input)));
sameAsPython(
  "str",
  (input) => [pythonStr(input), pythonRepr(input), typeName(input)],
  (row) => row.slice(1),
);
sameAsPython("uuid", (input: string, isInteger: boolean) => parseUuid(isInteger ? BigInt(input) : input));
sameAsPython(
  "ipv6",
  (input) => [cleanIPv6(input), cleanIPv6(input, true)],
  (row) => row.slice(1),
);
sameAsPython("ipv4", (input) => isIPv4(input));

function passes(validator: (value: unknown) => void): (value: never) => boolean {
  return (value) => {
    try {
      validator(value);
      return true;
    } catch {
      return false;
    }
  };
}

sameAsPython("email", passes(new EmailValidator()));
sameAsPython("url", passes(new URLValidator()));

test("white space is what Python takes for it, at both ends", () => {
  const spaces = new Set(table.spaces as unknown as number[]);
  for (let code = 0; code < 0x10000; code++) {
    const char = String.fromCharCode(code);
    assert.equal(strip(`${char}x${char}`) === "x", spaces.has(code), `U+${code.toString(16)}`);
  }
});

test("a DateTime is a Date that keeps microseconds through copies, text and numbers", () => {
  const at = DateTime.fromString("1969-12-31T23:59:59.123456Z") as DateTime;
  assert.ok(at instanceof Date);
  assert.equal(at.microsecond, 123456);
  assert.equal(at.toMicroseconds(), -876544n);
  assert.equal(DateTime.fromMicroseconds(-876544n).isoformat(), "1969-12-31T23:59:59.123456Z");
  assert.equal(new DateTime(at).toISOString(), "1969-12-31T23:59:59.123456Z");
  assert.equal(new DateTime("2024-01-01T00:00:00.000001Z").microsecond, 1);
  assert.equal(new DateTime(new Date(5)).microsecond, 5000);
});

test("a time without an offset is read in the zone, and shown in it", () => {
  const winter = DateTime.fromString("2026-01-15T12:00:00", "Europe/Madrid") as DateTime;
  assert.equal(winter.isoformat(), "2026-01-15T11:00:00Z");
  assert.equal(winter.isoformat("Europe/Madrid"), "2026-01-15T12:00:00+01:00");
  const skipped = parseDatetime("2026-03-29T02:30:00");
  assert.equal(skipped && toDateTime(skipped, "Europe/Madrid"), "imaginary");
  const twice = DateTime.fromString("2026-10-25T02:30:00", "Europe/Madrid") as DateTime;
  assert.equal(twice.isoformat(), "2026-10-25T00:30:00Z");
});

test("durations add up exactly and refuse to be longer than Python's", () => {
  assert.equal(Duration.of({ days: 1.5, hours: -36 }).microseconds, 0n);
  assert.equal(Duration.of({ days: 999999999, hours: 23 }).toString(), "999999999 23:00:00");
  assert.throws(() => Duration.of({ days: 1_000_000_000 }), RangeError);
  assert.ok(Duration.of({ hours: 1 }) > Duration.of({ minutes: 59 }));
});
