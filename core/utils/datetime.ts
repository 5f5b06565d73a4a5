// django.utils.dateparse and the values it makes. Dates and times of day are strings in their ISO form; an instant is a
// DateTime, a Date that does not lose the microseconds which databases and Python keep.

import {
  type DateFields,
  isoDate,
  isoDatetime,
  isoTime,
  isPlainDate,
  isValidDate,
  isValidTime,
  microseconds,
  type TimeFields,
} from "./iso_format.ts";
import { asciiDigits } from "./python_numbers.ts";
import { formatOffset, localToUtc, offsetAt, utcMs } from "./timezone.ts";
import { utcDate, utcTime } from "./utc_text.ts";

export { Duration, parseDuration } from "./duration.ts";
export { isValidDate } from "./iso_format.ts";

/** 0001-01-01T00:00:00Z and 9999-12-31T23:59:59.999Z, outside of which neither Python nor a database has datetimes. */
export const minDatetimeMs = utcMs(1, 1, 1);
export const maxDatetimeMs = utcMs(9999, 12, 31, 23, 59, 59, 999);

function pad(value: number, width: number): string {
  const text = String(value);
  return text.length === width ? text : text.padStart(width, "0");
}

/**
 * A `Date` that remembers microseconds. It is a Date everywhere a Date is wanted; reading it from a database or from
 * JSON and writing it back loses nothing.
 *
 * @example
 * const at = DateTime.fromString("2024-02-29T12:30:45.123456Z");
 * at?.microsecond; // 123456
 * at?.isoformat(); // "2024-02-29T12:30:45.123456Z"
 */
export class DateTime extends Date {
  /** Microseconds below the millisecond, 0 to 999. */
  #below: number;

  /**
   * @param value what `Date` takes; of another DateTime the microseconds are kept, of a text as well.
   * @param below microseconds below the millisecond.
   */
  constructor(value: number | string | Date = Date.now(), below?: number) {
    const known = typeof value === "string" ? (DateTime.fromString(value) ?? value) : value;
    super(known);
    this.#below = below ?? (known instanceof DateTime ? known.#below : 0);
  }

  /** An instant from microseconds since the epoch. */
  static fromMicroseconds(value: bigint): DateTime {
    const below = ((value % 1000n) + 1000n) % 1000n;
    return new DateTime(Number((value - below) / 1000n), Number(below));
  }

  /** The DateTime of a Date, itself if it is one. */
  static from(value: Date): DateTime {
    return value instanceof DateTime ? value : new DateTime(value);
  }

  /** Reads what {@link parseDatetime} reads; null if it is malformed, or no instant of the zone. */
  static fromString(text: string, zone = "UTC"): DateTime | null {
    const parsed = parseDatetime(text);
    const value = parsed && toDateTime(parsed, zone);
    return value instanceof DateTime ? value : null;
  }

  /** 0 to 999999, as Python's `datetime.microsecond`. */
  get microsecond(): number {
    return this.getUTCMilliseconds() * 1000 + this.#below;
  }

  /** Microseconds since the epoch. */
  toMicroseconds(): bigint {
    return BigInt(this.getTime()) * 1000n + BigInt(this.#below);
  }

  /** Python's `isoformat()`, with `Z` for UTC: six digits of a second's fraction, or none. */
  isoformat(zone = "UTC"): string {
    return formatDatetime(this, zone);
  }

  override toISOString(): string {
    const text = super.toISOString();
    return this.#below === 0 ? text : `${text.slice(0, -1)}${pad(this.#below, 3)}Z`;
  }

  override setTime(time: number): number {
    this.#below = 0;
    return super.setTime(time);
  }

  override setMilliseconds(ms: number): number {
    this.#below = 0;
    return super.setMilliseconds(ms);
  }

  override setUTCMilliseconds(ms: number): number {
    this.#below = 0;
    return super.setUTCMilliseconds(ms);
  }
}

/** Microseconds of a second of any Date. */
export function microsecondOf(value: Date): number {
  return value instanceof DateTime ? value.microsecond : value.getUTCMilliseconds() * 1000;
}

/** Negative, zero or positive as one instant is before, at or after the other, microseconds included. */
export function compareDatetimes(left: Date, right: Date): number {
  return left.getTime() - right.getTime() || microsecondOf(left) - microsecondOf(right);
}

/** `.123456`, or nothing. */
export function formatFraction(microsecond: number): string {
  return microsecond === 0 ? "" : `.${pad(microsecond, 6)}`;
}

/**
 * Writes an instant as DRF does: `YYYY-MM-DDThh:mm:ss[.ffffff]Z`, or with the offset of another zone.
 *
 * @example
 * formatDatetime(new Date(0)); // "1970-01-01T00:00:00Z"
 * formatDatetime(new Date(0), "Europe/Madrid"); // "1970-01-01T01:00:00+01:00"
 */
export function formatDatetime(value: Date, zone = "UTC"): string {
  if (zone === "UTC") return formatUtc(value);
  const offset = offsetAt(zone, value.getTime());
  const local = offset === 0 ? value : new Date(value.getTime() + offset);
  const date = `${formatDate(local)}T${pad(local.getUTCHours(), 2)}:${pad(local.getUTCMinutes(), 2)}`;
  const end = offset === 0 ? "Z" : formatOffset(offset);
  return `${date}:${pad(local.getUTCSeconds(), 2)}${formatFraction(microsecondOf(value))}${end}`;
}

function formatUtc(value: Date): string {
  const ms = value.getTime();
  const fraction = formatFraction(microsecondOf(value));
  if (ms >= minDatetimeMs && ms <= maxDatetimeMs) return `${utcDate(ms)}T${utcTime(ms)}${fraction}Z`;
  return `${Date.prototype.toISOString.call(value).slice(0, -5)}${fraction}Z`;
}

/** The date in UTC, `YYYY-MM-DD`. */
export function formatDate(value: Date): string {
  return dateText([value.getUTCFullYear(), value.getUTCMonth() + 1, value.getUTCDate()]);
}

function dateText([year, month, day]: DateFields): string {
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
}

function timeText({ hour, minute, second, microsecond }: TimeFields): string {
  return `${pad(hour, 2)}:${pad(minute, 2)}:${pad(second, 2)}${formatFraction(microsecond)}`;
}

/** Which Django's rules to read by: since 4.0 the parsers take all of ISO 8601, before that only Django's own form. */
export interface ParseOptions {
  django?: "3.2" | "5.2";
}

// `$` of Python also stands before a final line feed.
const djangoDate = /^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})\n?$/;
const djangoTime = "([0-9]{1,2}):([0-9]{1,2})(?::([0-9]{1,2})(?:[.,]([0-9]{1,6})[0-9]{0,6})?)?";
const timePrefix = new RegExp(`^${djangoTime}`);
const wholeTime = new RegExp(`^${djangoTime}\n?$`);
const djangoDatetime = new RegExp(
  `^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})[T ]${djangoTime}(Z|[+-][0-9]{2}(?::?[0-9]{2})?)?\n?$`,
);

/**
 * Reads a date: ISO 8601, or Django's form with single digits.
 *
 * @returns `YYYY-MM-DD`, or null if it is malformed or not in the calendar.
 * @example
 * parseDate("2024-2-9"); // "2024-02-09"
 * parseDate("2023-02-29"); // null
 */
export function parseDate(text: string, options: ParseOptions = {}): string | null {
  if (isPlainDate(text)) return text;
  const iso = options.django === "3.2" ? null : isoDate(text);
  if (iso) return dateText(iso);
  const match = djangoDate.exec(asciiDigits(text));
  const fields = match && ([Number(match[1]), Number(match[2]), Number(match[3])] as const);
  return fields && isValidDate(...fields) ? dateText(fields) : null;
}

function timeFields(match: RegExpExecArray, first: number): TimeFields | null {
  const [hour, minute, second] = [0, 1, 2].map((index) => Number(match[first + index] ?? 0)) as [
    number,
    number,
    number,
  ];
  const time = { hour, minute, second, microsecond: microseconds(match[first + 3]), offset: null };
  return isValidTime(time) ? time : null;
}

/**
 * Reads a time of day; an offset is dropped.
 *
 * @returns `hh:mm:ss[.ffffff]`, or null.
 * @example
 * parseTime("9:05"); // "09:05:00"
 */
export function parseTime(text: string, options: ParseOptions = {}): string | null {
  const old = options.django === "3.2";
  const iso = old ? null : isoTime(text.startsWith("T") ? text.slice(1) : text);
  if (iso) return timeText(iso);
  // Django 3.2 did not mind what followed a good time.
  const match = (old ? timePrefix : wholeTime).exec(asciiDigits(text));
  const fields = match && timeFields(match, 1);
  return fields && timeText(fields);
}

/** Calendar fields as milliseconds since the epoch as if they were UTC, and the offset that was written beside them. */
export interface ParsedDatetime {
  localMs: number;
  /** Microseconds below the millisecond. */
  below: number;
  /** In microseconds; null if none was written. */
  offset: number | null;
}

function parsed([year, month, day]: DateFields, time: TimeFields): ParsedDatetime {
  const ms = Math.floor(time.microsecond / 1000);
  return {
    localMs: utcMs(year, month, day, time.hour, time.minute, time.second, ms),
    below: time.microsecond % 1000,
    offset: time.offset,
  };
}

function djangoOffset(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (text === "Z") return 0;
  const minutes = Number(text.slice(1, 3)) * 60 + (text.length > 3 ? Number(text.slice(-2)) : 0);
  return (text.startsWith("-") ? -minutes : minutes) * 60e6;
}

/**
 * Reads a date with a time, and an offset if there is one.
 *
 * @returns null if it is malformed or not in the calendar; {@link toDateTime} makes an instant of the rest.
 * @example
 * parseDatetime("2024-02-29 12:30:45,5+02");
 */
export function parseDatetime(text: string, options: ParseOptions = {}): ParsedDatetime | null {
  const iso = options.django === "3.2" ? null : isoDatetime(text);
  if (iso) return parsed(iso.date, iso.time);
  const match = djangoDatetime.exec(asciiDigits(text));
  const time = match && timeFields(match, 4);
  if (!match || !time) return null;
  const date = [Number(match[1]), Number(match[2]), Number(match[3])] as const;
  const offset = djangoOffset(match[8]);
  // A day's offset or more is none to Python.
  if (!isValidDate(...date) || Math.abs(offset ?? 0) >= 86_400e6) return null;
  return parsed(date, { ...time, offset });
}

function inRange(ms: number, offsetMs = 0): boolean {
  const local = ms + offsetMs;
  return ms >= minDatetimeMs && ms <= maxDatetimeMs && local >= minDatetimeMs && local <= maxDatetimeMs;
}

/**
 * The instant of a parsed datetime; one without an offset is in the given zone.
 *
 * @returns `"overflow"` if it leaves the years 1 to 9999, `"imaginary"` if the zone's clocks never showed it.
 */
export function toDateTime(value: ParsedDatetime, zone = "UTC"): DateTime | "overflow" | "imaginary" {
  if (value.offset === null) {
    const ms = localToUtc(zone, value.localMs);
    return ms === null ? "imaginary" : new DateTime(ms, value.below);
  }
  const below = value.below - value.offset;
  const carry = Math.floor(below / 1000);
  const ms = value.localMs + carry;
  if (!inRange(ms)) return "overflow";
  return inRange(ms, offsetAt(zone, ms)) ? new DateTime(ms, below - carry * 1000) : "overflow";
}
