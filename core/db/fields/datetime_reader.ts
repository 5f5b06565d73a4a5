// How a datetime is read from a column. A page of rows has a hundred of them, so the usual forms are read digit by digit.
import { DataError } from "../../exceptions.ts";
import { DateTime } from "../../utils/datetime.ts";
import { digitsAt } from "../../utils/iso_format.ts";

const naive = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?(?:\+00(?::?00)?|Z)?$/;

/** Reads what a database gives for a column of datetimes; TypeORM's repositories give a Date. */
export function fromDatetime(raw: unknown): DateTime {
  if (raw instanceof Date) return DateTime.from(raw);
  return typeof raw === "string" ? (fromUsualDatetime(raw) ?? fromNaive(raw)) : fromNaive(raw);
}

const plus = 43;

/** The forms that are nearly always met: up to six digits of a second's fraction or none, alone or with `+00`. */
function fromUsualDatetime(text: string): DateTime | null {
  const end = text.charCodeAt(text.length - 3) === plus && text.endsWith("+00") ? text.length - 3 : text.length;
  const seconds = secondsOfDay(text);
  const micro = end === 19 ? 0 : microsecondsUntil(text, end);
  const days = daysOf(digitsAt(text, 0, 4), digitsAt(text, 5, 7), digitsAt(text, 8, 10));
  if (seconds < 0 || micro < 0 || days === null) return null;
  const below = micro % 1000;
  return new DateTime((days * 86_400 + seconds) * 1000 + (micro - below) / 1000, below);
}

function secondsOfDay(text: string): number {
  const [hour, minute, second] = [digitsAt(text, 11, 13), digitsAt(text, 14, 16), digitsAt(text, 17, 19)];
  return (hour | minute | second) >= 0 && hour < 24 && minute < 60 && second < 60
    ? hour * 3600 + minute * 60 + second
    : -1;
}

function microsecondsUntil(text: string, end: number): number {
  if (end < 21 || end > 26) return -1;
  let value = digitsAt(text, 20, end);
  for (let at = end; at < 26; at++) value *= 10;
  return value;
}

/** Days since 1970, by Howard Hinnant's days_from_civil: its years begin in March, so that a leap day is their last. */
function daysOf(year: number, month: number, day: number): number | null {
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > 31) return null;
  const before = month <= 2 ? year - 1 : year;
  const century = Math.trunc(before / 100);
  const leapDays = (before >> 2) - century + (century >> 2);
  const dayOfYear = Math.trunc((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  return before * 365 + leapDays + dayOfYear - 719_468;
}

function fromNaive(raw: unknown): DateTime {
  const [, date, time, fraction] = naive.exec(String(raw)) ?? [];
  if (date === undefined) return otherDatetime(String(raw));
  const micro = fraction === undefined ? 0 : Number(fraction.padEnd(6, "0"));
  const below = micro % 1000;
  return new DateTime(Date.parse(`${date}T${time}Z`) + (micro - below) / 1000, below);
}

function otherDatetime(text: string): DateTime {
  const at = DateTime.fromString(text);
  if (at) return at;
  throw new DataError(`The database holds the datetime ${JSON.stringify(text)}, which is outside the years 1 to 9999.`);
}
