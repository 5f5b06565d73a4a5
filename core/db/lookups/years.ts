// Django's YearLookup: a year is compared by its first and its last day.
import { FieldError } from "../../exceptions.ts";
import { utcMs } from "../../utils/timezone.ts";
import type { Field } from "../fields/field.ts";
import type { Vendor } from "../fields/field_types.ts";
import type { LookupContext, Operand } from "./operand.ts";

const DAY = 86_400_000;

/** A part of a date, as a value to compare with. */
export function datePartNumber(value: unknown): number {
  if (typeof value === "number" && Number.isInteger(value)) return value;
  if (typeof value === "string" && /^-?\d+$/.test(value)) return Number(value);
  throw new FieldError(`A part of a date is a whole number, not ${JSON.stringify(value)}.`);
}

/** The Monday of the week that has the year's first Thursday. */
function isoYearStart(year: number): number {
  const fourth = utcMs(year, 1, 4);
  return fourth - ((new Date(fourth).getUTCDay() + 6) % 7) * DAY;
}

function yearStart(year: number, iso: boolean): number {
  return iso ? isoYearStart(year) : utcMs(year, 1, 1);
}

type End = "first" | "last";

/** Text that both databases compare with dates; past the years that they hold, what is before or after everything. */
function edge(year: number, end: End, iso: boolean, field: Field, vendor: Vendor): string {
  if (year < 1 || year > 9999) return year < 1 ? "-infinity" : "infinity";
  const ms = end === "first" ? yearStart(year, iso) : yearStart(year + 1, iso) - DAY;
  const day = new Date(ms).toISOString().slice(0, 10);
  if (field.kind === "DateField") return day;
  const time = end === "first" ? "00:00:00" : "23:59:59.999999";
  return `${day} ${time}${vendor === "postgresql" ? "+00" : ""}`;
}

/** Writes what a year is compared with as a condition on the date itself, so that an index of it can be used. */
export function yearRange(
  symbol: string,
  { date, iso }: NonNullable<Operand["yearOf"]>,
  { vendor, param }: LookupContext,
): string {
  const bound = (end: End) => param((value) => edge(datePartNumber(value), end, iso, date.field as Field, vendor));
  if (symbol === "=") return `${date.sql} BETWEEN ${bound("first")} AND ${bound("last")}`;
  return `${date.sql} ${symbol} ${bound(symbol === ">" || symbol === "<=" ? "last" : "first")}`;
}
