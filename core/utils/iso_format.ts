// datetime.fromisoformat of Python 3.11, which Django's parsers ask first since 4.0: all of ISO 8601's forms but
// ordinal dates and fractional hours.

import { utcMs } from "./timezone.ts";

/** Year, month and day of the calendar. */
export type DateFields = readonly [year: number, month: number, day: number];

/** A time of day; the offset from UTC is in microseconds, null where none was written. */
export interface TimeFields {
  hour: number;
  minute: number;
  second: number;
  microsecond: number;
  offset: number | null;
}

const calendarDate = /^(\d{4})(?:-(\d\d)-(\d\d)|(\d\d)(\d\d))$/;
const weekDate = /^(\d{4})(-?)W(\d\d)(?:(-?)(\d))?$/;
const clock = /^(\d\d)(?:(:?)(\d\d)(?:(:?)(\d\d)(?:[.,](\d+))?)?)?$/;
const dayMs = 86_400_000;

/** Whether the date is in the calendar, years 1 to 9999. */
export function isValidDate(year: number, month: number, day: number): boolean {
  return year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month);
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Whether the time of day exists; there is no hour 24 and no second 60. */
export function isValidTime({ hour, minute, second }: { hour: number; minute: number; second: number }): boolean {
  return hour <= 23 && minute <= 59 && second <= 59;
}

/**
 * The number that stands at a place of a text, digit by digit, or -1: several times faster than slicing it.
 *
 * @example
 * digitsAt("2024-02-29", 5, 7); // 2
 */
export function digitsAt(text: string, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (!(digit >= 0 && digit <= 9)) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** Whether a text is a date in the form that nearly all have: `2024-02-29`. */
export function isPlainDate(text: string): boolean {
  if (text.length !== 10 || text[4] !== "-" || text[7] !== "-") return false;
  return isValidDate(digitsAt(text, 0, 4), digitsAt(text, 5, 7), digitsAt(text, 8, 10));
}

/** `2024-02-29`, `20240229`, `2024-W09-4`, `2024W094`, `2024-W09`. */
export function isoDate(text: string): DateFields | null {
  const match = calendarDate.exec(text);
  if (!match) return isoWeekDate(text);
  const fields = [Number(match[1]), Number(match[2] ?? match[4]), Number(match[3] ?? match[5])] as const;
  return isValidDate(...fields) ? fields : null;
}

function isoWeekDate(text: string): DateFields | null {
  const match = weekDate.exec(text);
  if (!match || (match[5] !== undefined && match[2] !== match[4])) return null;
  const [year, week, day] = [Number(match[1]), Number(match[3]), Number(match[5] ?? 1)];
  if (year < 1 || week < 1 || week > weeksInYear(year) || day < 1 || day > 7) return null;
  const date = new Date(firstMonday(year) + ((week - 1) * 7 + day - 1) * dayMs);
  const fields = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()] as const;
  return isValidDate(...fields) ? fields : null;
}

/** The Monday of week 1: the week that holds the fourth of January. */
function firstMonday(year: number): number {
  const fourth = utcMs(year, 1, 4);
  return fourth - ((new Date(fourth).getUTCDay() + 6) % 7) * dayMs;
}

function weeksInYear(year: number): number {
  return Math.round((firstMonday(year + 1) - firstMonday(year)) / (7 * dayMs));
}

/** `13`, `13:45`, `1345`, `13:45:00.5`, each perhaps with `Z` or an offset. */
export function isoTime(text: string): TimeFields | null {
  const [, time, zone] = /^([^Z+-]*)(.*)$/s.exec(text) as RegExpExecArray;
  const fields = clockFields(time as string) ?? (zone ? clockFields(beforeOffset(time as string)) : null);
  if (!fields || !isValidTime(fields)) return null;
  if (zone === "") return { ...fields, offset: null };
  const offset = isoOffset(zone as string);
  return offset === null ? null : { ...fields, offset };
}

/** Python lets one ASCII character stand before an offset, as in `10:20 +02:00`, and anything behind six digits of a fraction. */
function beforeOffset(time: string): string {
  return time.replace(/(?<=[.,]\d{6}\d*)\D.*$|(?<![.,]\d*)[^\u0080-\uffff]$/s, "");
}

function clockFields(text: string): Omit<TimeFields, "offset"> | null {
  const match = clock.exec(text);
  if (!match || (match[5] !== undefined && match[2] !== match[4])) return null;
  return {
    hour: Number(match[1]),
    minute: Number(match[3] ?? 0),
    second: Number(match[5] ?? 0),
    microsecond: microseconds(match[6]),
  };
}

/** Six digits of a fraction count; further ones are cut. */
export function microseconds(fraction: string | undefined): number {
  return fraction ? Number(fraction.slice(0, 6).padEnd(6, "0")) : 0;
}

function isoOffset(zone: string): number | null {
  if (zone === "Z") return 0;
  const fields = clockFields(zone.slice(1));
  if (zone.startsWith("Z") || !fields || fields.hour > 23) return null;
  const size = ((fields.hour * 60 + fields.minute) * 60 + fields.second) * 1e6 + fields.microsecond;
  if (size >= dayMs * 1000) return null;
  return zone.startsWith("-") && size !== 0 ? -size : size;
}

/** A date alone, or a date, any one character, and a time. */
export function isoDatetime(text: string): { date: DateFields; time: TimeFields } | null {
  const end = dateLength(text);
  const date = isoDate(text.slice(0, end));
  if (!date) return null;
  if (text.length === end) return { date, time: { hour: 0, minute: 0, second: 0, microsecond: 0, offset: null } };
  const separator = String.fromCodePoint(text.codePointAt(end) as number);
  const time = isoTime(text.slice(end + separator.length));
  return time && { date, time };
}

/** Where the separator stands; a basic week date may have its day or not, which digits in a row decide. */
function dateLength(text: string): number {
  if (text[4] !== "-") return basicDateLength(text);
  if (text[5] !== "W") return 10;
  if (text[8] !== "-") return 8;
  // "2024-W09-4…" has its day; "2024-W09-12:30" is a week whose separator is the hyphen.
  return /\d/.test(text[9] ?? "") && /\d/.test(text[10] ?? "") ? 8 : 10;
}

function basicDateLength(text: string): number {
  if (text[4] !== "W") return 8;
  let end = 7;
  while (/\d/.test(text[end] ?? "")) end++;
  if (end < 9) return end;
  return end % 2 === 0 ? 7 : 8;
}
