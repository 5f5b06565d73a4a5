// How values are checked on their way into a database. Both databases refuse the same ones, before any SQL is sent:
// SQLite alone would take nearly everything, and PostgreSQL says no in words that name no field.
import { DataError } from "../../exceptions.ts";
import {
  DateTime,
  Duration,
  formatDate,
  formatFraction,
  maxDatetimeMs,
  microsecondOf,
  minDatetimeMs,
  parseDate,
  parseTime,
} from "../../utils/datetime.ts";
import { Decimal, formatDecimal } from "../../utils/decimal.ts";
import { cleanIPv6, isIPv4 } from "../../utils/ipv6.ts";
import { stringifyJson } from "../../utils/json.ts";
import { utcDate, utcTime } from "../../utils/utc_text.ts";
import { parseUuid } from "../../utils/uuid.ts";
import type { Field } from "./field.ts";

/** The value as it may stand in an error: short, and told apart by its type. */
function show(value: unknown): string {
  const text = typeof value === "string" ? JSON.stringify(value) : describe(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

function describe(value: unknown): string {
  if (typeof value === "object" && value !== null) return `an object of ${value.constructor?.name ?? "no class"}`;
  return String(value);
}

/** Django's sentence: `Field 'id' expected a number but got 'abc'.` */
export function wrongValue(field: Field, expected: string, value: unknown): DataError {
  return new DataError(`Field "${field.label}" expected ${expected} but got ${show(value)}.`, {
    columns: [field.column],
  });
}

function outOfRange(field: Field, value: unknown): DataError {
  return new DataError(`Field "${field.label}" cannot hold ${show(value)}: it is out of range.`, {
    columns: [field.column],
  });
}

/** A whole number as a number, or as a bigint where a number would lose digits. */
export function toInteger(value: unknown, field: Field): number | bigint {
  if (typeof value === "number" && Number.isInteger(value)) return Number.isSafeInteger(value) ? value : BigInt(value);
  if (typeof value === "bigint") return narrow(value);
  if (typeof value === "boolean") return Number(value);
  if (typeof value === "string" && /^\s*[+-]?\d+\s*$/.test(value)) return narrow(BigInt(value.trim().replace("+", "")));
  throw wrongValue(field, "a number", value);
}

function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** A whole number within a column's limits. */
export function integerWithin(min: bigint, max: bigint) {
  // A number and a bigint are compared slowly; the limit that a number does not reach may be rounded.
  const [least, most] = [Number(min), Number(max)];
  return (value: unknown, _vendor: unknown, field: Field): number | bigint => {
    const integer = toInteger(value, field);
    const fits = typeof integer === "number" ? integer >= least && integer <= most : integer >= min && integer <= max;
    if (fits) return integer;
    throw outOfRange(field, value);
  };
}

const bigintMin = -(2n ** 63n);
const bigintMax = 2n ** 63n - 1n;

/** In a lookup a number that no column could hold is no error: nothing is equal to it. */
export function toLookupInteger(value: unknown, _vendor: unknown, field: Field): number | bigint | null {
  const integer = toInteger(value, field);
  return integer >= bigintMin && integer <= bigintMax ? integer : null;
}

/** What the next function refuses, and whole surrogate pairs: most texts have neither. */
const suspicious = /[\0\ud800-\udfff]/;

/** Text without what one of the databases could not give back: NUL and halves of surrogate pairs. */
export function toText(value: unknown, _vendor: unknown, field: Field): string {
  const text = typeof value === "string" ? value : scalarText(value, field);
  if (!suspicious.test(text)) return text;
  if (text.includes("\0")) throw new DataError(`Field "${field.label}" cannot hold text that contains NUL.`);
  if (/\p{Cs}/u.test(text)) throw new DataError(`Field "${field.label}" cannot hold half of a surrogate pair.`);
  return text;
}

function scalarText(value: unknown, field: Field): string {
  if (["number", "bigint", "boolean"].includes(typeof value)) return String(value);
  throw wrongValue(field, "text", value);
}

/** Text of no more characters than its column has room for. */
export function toLimitedText(value: unknown, vendor: unknown, field: Field): string {
  const text = toText(value, vendor, field);
  const limit = field.options.maxLength;
  if (limit === undefined || text.length <= limit || [...text].length <= limit) return text;
  throw new DataError(`Field "${field.label}" holds at most ${limit} characters, not ${[...text].length}.`, {
    columns: [field.column],
  });
}

export function toBoolean(value: unknown, vendor: unknown, field: Field): boolean | number {
  if (value !== true && value !== false && value !== 1 && value !== 0) throw wrongValue(field, "true or false", value);
  return vendor === "sqlite" ? Number(value) : Boolean(value);
}

function parseDecimal(value: unknown, field: Field): Decimal {
  const decimal = value instanceof Decimal ? value : Decimal.parse(typeof value === "object" ? "" : String(value));
  if (decimal?.isFinite) return decimal;
  throw wrongValue(field, "a decimal", value);
}

const [dot, zero] = [46, 48];

/** A decimal that is written as the column holds it, such as `12.50`: digits with the point in its place. */
function isWritten(text: string, maxDigits: number, places: number): boolean {
  const point = places === 0 ? text.length : text.length - places - 1;
  if (point < 1 || point + places > maxDigits || (point > 1 && text.charCodeAt(0) === zero)) return false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (at === point ? code !== dot : code < zero || code > zero + 9) return false;
  }
  return true;
}

/** The decimal digits that a double keeps, which is what SQLite makes of a decimal. */
const DOUBLE_DIGITS = 15;

/** A decimal as text with the column's places; more digits before the point than it has are refused. */
export function toDecimal(value: unknown, vendor: unknown, field: Field): string {
  const { maxDigits = 0, decimalPlaces = 0 } = field.options;
  const fitsDouble = vendor !== "sqlite" || maxDigits <= DOUBLE_DIGITS;
  if (fitsDouble && typeof value === "string" && isWritten(value, maxDigits, decimalPlaces)) return value;
  const decimal = parseDecimal(value, field).quantize(decimalPlaces);
  if (decimal.digits > maxDigits && !decimal.isZero) throw outOfRange(field, value);
  if (!fitsDouble && decimal.normalize().digits > DOUBLE_DIGITS) {
    throw new DataError(`Field "${field.label}" cannot hold ${show(value)}: SQLite keeps ${DOUBLE_DIGITS} digits.`, {
      columns: [field.column],
    });
  }
  return decimal.toFixed();
}

/** SQLite gives a decimal as a double, which has its digits as long as there are no more than fifteen. */
export function fromDecimal(raw: unknown, vendor: unknown, field: Field): string {
  if (vendor === "postgresql") return raw as string;
  const places = field.options.decimalPlaces ?? 0;
  if (typeof raw === "number" && Math.abs(raw) < 1e15) return raw.toFixed(places);
  return formatDecimal(String(raw), places);
}

/** In a lookup a decimal is compared as it is, not rounded first. SQLite takes text for more than any computed number. */
export function toLookupDecimal(value: unknown, vendor: unknown, field: Field): string | number {
  const text = parseDecimal(value, field).toFixed();
  return vendor === "sqlite" ? Number(text) : text;
}

export function toFloat(value: unknown, _vendor: unknown, field: Field): number {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  if (typeof number === "bigint") return Number(number);
  if (typeof number === "number" && !Number.isNaN(number)) return number;
  throw wrongValue(field, "a number", value);
}

export function toDate(value: unknown, _vendor: unknown, field: Field): string {
  const date =
    value instanceof Date && !Number.isNaN(value.getTime()) ? formatDate(value) : parseText(value, parseDate);
  if (date) return date;
  throw wrongValue(field, 'a date such as "2026-11-23"', value);
}

export function toTime(value: unknown, _vendor: unknown, field: Field): string {
  const time = parseText(value, parseTime);
  if (time) return time;
  throw wrongValue(field, 'a time such as "09:30:00"', value);
}

/** PostgreSQL leaves out zeros at the end; a time has six digits below the second or none. */
export function fromTime(raw: unknown): string {
  return String(raw).replace(/\.\d+$/, (fraction) => fraction.padEnd(7, "0"));
}

function parseText<T>(value: unknown, parse: (text: string) => T | null): T | null {
  return typeof value === "string" ? parse(value) : null;
}

/** `2026-11-23 09:30:00.000250` in UTC: what SQLite holds; PostgreSQL is told the zone as well. */
export function toDatetime(value: unknown, vendor: unknown, field: Field): string {
  const at = value instanceof Date ? value : parseText(value, (text) => DateTime.fromString(text));
  const ms = at ? at.getTime() : Number.NaN;
  if (!at || Number.isNaN(ms)) throw wrongValue(field, "a datetime", value);
  if (ms < minDatetimeMs || ms > maxDatetimeMs) throw outOfRange(field, value);
  const text = `${utcDate(ms)} ${utcTime(ms)}${formatFraction(microsecondOf(at))}`;
  return vendor === "sqlite" ? text : `${text}+00`;
}

const dayMicroseconds = 86_400_000_000n;

export function toDuration(value: unknown, vendor: unknown, field: Field): bigint | string {
  const duration = value instanceof Duration ? value : parseText(value, (text) => Duration.parse(text));
  if (!duration) throw wrongValue(field, "a Duration", value);
  // SQLite holds microseconds in 64 bits.
  if (duration.microseconds > bigintMax || duration.microseconds < bigintMin) throw outOfRange(field, value);
  if (vendor === "sqlite") return duration.microseconds;
  const days = duration.microseconds / dayMicroseconds;
  return `${days} days ${duration.microseconds % dayMicroseconds} microseconds`;
}

export function fromDuration(raw: unknown, vendor: unknown): Duration {
  if (vendor === "sqlite") return new Duration(BigInt(raw as number | bigint));
  const duration = Duration.parse(String(raw));
  if (duration) return duration;
  throw new DataError(`The database holds the interval ${JSON.stringify(raw)}, which has months or years.`);
}

export function toUuid(value: unknown, vendor: unknown, field: Field): string {
  const uuid = typeof value === "string" || typeof value === "bigint" ? parseUuid(value) : null;
  if (uuid === null) throw wrongValue(field, "a UUID", value);
  return vendor === "sqlite" ? uuid.replaceAll("-", "") : uuid;
}

/** An address as PostgreSQL writes it: IPv6 shortened. */
export function toAddress(value: unknown, vendor: unknown, field: Field): string {
  const address = canonicalAddress(toText(value, vendor, field), field);
  if (address === null) throw wrongValue(field, "an IP address", value);
  return address;
}

function canonicalAddress(text: string, field: Field): string | null {
  if (!text.includes(":")) return isIPv4(text) ? text : null;
  return cleanIPv6(text, field.options.unpackIpv4);
}

/** PostgreSQL adds the length of the network, and writes some addresses of IPv6 in another way. */
export function fromAddress(raw: unknown): string {
  const text = String(raw).replace(/\/\d+$/, "");
  return text.includes(":") ? (cleanIPv6(text) ?? text) : text;
}

/** A part of an address may be compared with. */
export function toLookupAddress(value: unknown, vendor: unknown, field: Field): string {
  const text = toText(value, vendor, field);
  return canonicalAddress(text, field) ?? text;
}

/** JSON's escapes of what {@link toText} refuses, not preceded by a backslash that escapes the backslash. */
const unstorable = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/i;

export function toJson(value: unknown, _vendor: unknown, field: Field): string {
  const text = stringifyJson(value);
  if (!text.includes("\\u") || !unstorable.test(text)) return text;
  throw new DataError(`Field "${field.label}" cannot hold JSON with NUL or half of a surrogate pair in a text.`);
}

export function toBinary(value: unknown, _vendor: unknown, field: Field): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw wrongValue(field, "a Uint8Array", value);
}

/** PostgreSQL gives `\x` and hexadecimal digits. */
export function fromBinary(raw: unknown): unknown {
  return typeof raw === "string" ? Buffer.from(raw.slice(2), "hex") : raw;
}
