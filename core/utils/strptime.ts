// datetime.strptime and strftime: dates and times in other than ISO form.

import { isValidDate, isValidTime } from "./iso_format.ts";
import { asciiDigits } from "./python_numbers.ts";

/** A date with a time of day, without a zone unless the format had one. */
export interface ClockFields {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  microsecond: number;
  /** Minutes ahead of UTC; null if the format has none. */
  offset: number | null;
}

const months = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];
const weekdays = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const short = (names: string[]) => names.map((name) => name.slice(0, 3));

interface Directive {
  pattern: string;
  read(fields: Draft, text: string): void;
}

interface Draft extends ClockFields {
  pm?: boolean;
  hour12?: number;
  dayOfYear?: number;
}

function number(pattern: string, name: "year" | "month" | "day" | "hour" | "minute" | "second"): Directive {
  return { pattern, read: (fields, text) => (fields[name] = Number(text)) };
}

function monthName(names: string[]): Directive {
  const lower = names.map((name) => name.toLowerCase());
  return { pattern: names.join("|"), read: (fields, text) => (fields.month = lower.indexOf(text.toLowerCase()) + 1) };
}

const ignored = (pattern: string): Directive => ({ pattern, read: () => {} });

function readOffset(text: string): number {
  if (text.toUpperCase() === "Z") return 0;
  const [hours, minutes] = [Number(text.slice(1, 3)), Number(text.slice(-2))];
  return (text.startsWith("-") ? -1 : 1) * (hours * 60 + minutes);
}

const directives: Record<string, Directive> = {
  Y: number("[0-9]{4}", "year"),
  // Two digits mean 1969 to 2068, as POSIX has it.
  y: { pattern: "[0-9]{2}", read: (fields, text) => (fields.year = Number(text) + (Number(text) < 69 ? 2000 : 1900)) },
  m: number("1[0-2]|0[1-9]|[1-9]", "month"),
  d: number("3[01]|[12][0-9]|0[1-9]|[1-9]| [1-9]", "day"),
  H: number("2[0-3]|[01][0-9]|[0-9]", "hour"),
  I: { pattern: "1[0-2]|0[1-9]|[1-9]", read: (fields, text) => (fields.hour12 = Number(text) % 12) },
  M: number("[0-5][0-9]|[0-9]", "minute"),
  S: number("6[01]|[0-5][0-9]|[0-9]", "second"),
  f: { pattern: "[0-9]{1,6}", read: (fields, text) => (fields.microsecond = Number(text.padEnd(6, "0"))) },
  p: { pattern: "am|pm", read: (fields, text) => (fields.pm = text.toLowerCase() === "pm") },
  j: {
    pattern: "36[0-6]|3[0-5][0-9]|[12][0-9]{2}|0[1-9][0-9]|00[1-9]|[1-9][0-9]|0[1-9]|[1-9]",
    read: (fields, text) => (fields.dayOfYear = Number(text)),
  },
  b: monthName(short(months)),
  B: monthName(months),
  a: ignored(short(weekdays).join("|")),
  A: ignored(weekdays.join("|")),
  z: { pattern: "[+-][0-9]{2}:?[0-5][0-9]|Z", read: (fields, text) => (fields.offset = readOffset(text)) },
  Z: ignored("UTC|GMT"),
};

interface CompiledFormat {
  regex: RegExp;
  readers: Directive[];
}

const compiled = new Map<string, CompiledFormat>();

function compile(format: string): CompiledFormat {
  const known = compiled.get(format);
  if (known) return known;
  const readers: Directive[] = [];
  const source = format.replace(/%(.)|\s+|[.*+?^${}()|[\]\\]/g, (text, letter: string | undefined) => {
    if (letter === undefined) return /\s/.test(text) ? "\\s+" : `\\${text}`;
    if (letter === "%") return "%";
    const directive = directives[letter];
    if (!directive) throw new RangeError(`"%${letter}" is not known, in the format "${format}".`);
    readers.push(directive);
    return `(${directive.pattern})`;
  });
  const result = { regex: new RegExp(`^${source}$`, "i"), readers };
  compiled.set(format, result);
  return result;
}

function finish({ pm, hour12, dayOfYear, ...fields }: Draft): ClockFields | null {
  if (hour12 !== undefined) fields.hour = hour12 + (pm ? 12 : 0);
  if (dayOfYear !== undefined) {
    const date = new Date(Date.UTC(fields.year, 0, dayOfYear));
    fields.month = date.getUTCMonth() + 1;
    fields.day = date.getUTCDate();
  }
  return isValidDate(fields.year, fields.month, fields.day) && isValidTime(fields) ? fields : null;
}

/**
 * Reads a date or a time by a format of `%Y`, `%m`, `%d` and so on, as Python's `datetime.strptime`. What the format
 * leaves out is that of 1900-01-01 00:00.
 *
 * @returns null if the text does not fit or names no date of the calendar.
 * @throws RangeError for a directive that is not known.
 * @example
 * strptime("29/02/2024", "%d/%m/%Y");
 */
export function strptime(text: string, format: string): ClockFields | null {
  const { regex, readers } = compile(format);
  const match = regex.exec(asciiDigits(text));
  if (!match) return null;
  const fields: Draft = { year: 1900, month: 1, day: 1, hour: 0, minute: 0, second: 0, microsecond: 0, offset: null };
  readers.forEach((directive, index) => {
    directive.read(fields, match[index + 1] as string);
  });
  return finish(fields);
}

const pad = (value: number, width = 2) => String(value).padStart(width, "0");

function weekday({ year, month, day }: ClockFields): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return (date.getUTCDay() + 6) % 7;
}

function offsetText(offset: number | null): string {
  if (offset === null) return "";
  const size = Math.abs(offset);
  return `${offset < 0 ? "-" : "+"}${pad(Math.floor(size / 60))}${pad(size % 60)}`;
}

const writers: Record<string, (fields: ClockFields) => string> = {
  Y: ({ year }) => String(year),
  y: ({ year }) => pad(year % 100),
  m: ({ month }) => pad(month),
  d: ({ day }) => pad(day),
  H: ({ hour }) => pad(hour),
  I: ({ hour }) => pad(hour % 12 || 12),
  M: ({ minute }) => pad(minute),
  S: ({ second }) => pad(second),
  f: ({ microsecond }) => pad(microsecond, 6),
  p: ({ hour }) => (hour < 12 ? "AM" : "PM"),
  j: ({ year, month, day }) =>
    pad((Date.UTC(2000 + (year % 400), month - 1, day) - Date.UTC(2000 + (year % 400), 0, 0)) / 86_400_000, 3),
  b: ({ month }) => (months[month - 1] as string).slice(0, 3),
  B: ({ month }) => months[month - 1] as string,
  a: (fields) => (weekdays[weekday(fields)] as string).slice(0, 3),
  A: (fields) => weekdays[weekday(fields)] as string,
  z: ({ offset }) => offsetText(offset),
  Z: ({ offset }) => (offset === null ? "" : offset === 0 ? "UTC" : offsetText(offset)),
  "%": () => "%",
};

/**
 * Writes a date or a time by a format, as Python's `strftime`; `%-d` leaves the zero out.
 *
 * @example
 * strftime(fields, "%d/%m/%Y"); // "29/02/2024"
 */
export function strftime(fields: ClockFields, format: string): string {
  return format.replace(/%(-?)(.)/g, (text, plain: string, letter: string) => {
    const written = writers[letter]?.(fields) ?? text;
    return plain ? written.replace(/^0+(?=.)/, "") : written;
  });
}

const shown: Record<string, string> = {
  "%Y": "YYYY",
  "%y": "YY",
  "%m": "MM",
  "%b": "[Jan-Dec]",
  "%B": "[January-December]",
  "%d": "DD",
  "%H": "hh",
  "%I": "hh",
  "%M": "mm",
  "%S": "ss",
  "%f": "uuuuuu",
  "%a": "[Mon-Sun]",
  "%A": "[Monday-Sunday]",
  "%p": "[AM|PM]",
  "%z": "[+HHMM|-HHMM]",
};

/** A format as people read it: `%d/%m/%Y` is `DD/MM/YYYY`. */
export function humanizeFormat(format: string): string {
  return format.replace(/%./g, (directive) => shown[directive] ?? directive);
}
