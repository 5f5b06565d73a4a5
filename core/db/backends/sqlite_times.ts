// What SQLite, where dates and times are texts, computes of them.
import { formatFraction } from "../../utils/datetime.ts";
import { offsetAt, utcMs } from "../../utils/timezone.ts";
import type { SqliteDatabase } from "./sqlite_driver.ts";

const DAY = 86_400_000_000n;

/** `2026-11-23`, `2026-11-23 09:30:00.000250` or `09:30:00`. */
const pattern = /^(?:(\d{4})-(\d\d)-(\d\d))?[ T]?(?:(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?)?/;

/** Microseconds since 1970, or since midnight where there is no date. */
function parse(text: string): bigint {
  const [, year, month, day, hour = "0", minute = "0", second = "0", fraction = ""] = pattern.exec(text) ?? [];
  const date = year === undefined ? [1970, 1, 1] : [year, month, day].map(Number);
  const ms = utcMs(date[0], date[1], date[2], Number(hour), Number(minute), Number(second));
  return BigInt(ms) * 1000n + BigInt(fraction.padEnd(6, "0"));
}

/** As datetimes are stored: a fraction of six digits, or none. */
function format(microseconds: bigint): string {
  const below = ((microseconds % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const iso = new Date(Number((microseconds - below) / 1000n)).toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)}${formatFraction(Number(below))}`;
}

type Integer = bigint | number;

function whole(value: Integer): bigint {
  return typeof value === "bigint" ? value : BigInt(Math.round(value));
}

/** A datetime that much later; a time of day goes round at midnight. */
function shift(time: string, microseconds: Integer, isTime: Integer): string {
  const shifted = parse(time) + whole(microseconds);
  if (Number(isTime) === 0) return format(shifted);
  return format(((shifted % DAY) + DAY) % DAY).slice(11);
}

/** What a zone's clocks show at an instant of UTC. */
function toZone(text: string, zone: string): string {
  const at = parse(text);
  return format(at + BigInt(offsetAt(zone, Number(at / 1000n))) * 1000n);
}

/** The instant in UTC at which a zone's clocks show it; of two, or of none, by standard time, as PostgreSQL has it. */
function fromZone(text: string, zone: string): string {
  const local = parse(text);
  const ms = Number(local / 1000n);
  const day = Number(DAY / 1000n);
  const offsets = [offsetAt(zone, ms - day), offsetAt(zone, ms + day)];
  const real = offsets.filter((offset) => offsetAt(zone, ms - offset) === offset);
  const offset = Math.min(...(real.length > 0 ? real : offsets));
  return format(local - BigInt(offset) * 1000n);
}

type Argument = string | Integer | null;

function register(database: SqliteDatabase, name: string, run: (...args: never[]) => string | bigint): void {
  const strict = (...args: Argument[]) => (args.includes(null) ? null : run(...(args as never[])));
  database.function(name, { deterministic: true, varargs: true, safeIntegers: true }, strict);
}

/** Registers them for one handle. Durations are whole microseconds, which a number could not always hold. */
export function registerTimes(database: SqliteDatabase): void {
  register(database, "core_time_shift", shift);
  register(database, "core_time_difference", (a: string, b: string) => parse(a) - parse(b));
  register(database, "core_to_zone", toZone);
  register(database, "core_from_zone", fromZone);
}
