// django.db.models.functions.datetime
import { FieldError } from "../../exceptions.ts";
import type { ArgumentOf } from "../expressions/aggregates.ts";
import type { BoundExpression, Is } from "../expressions/base.ts";
import type { Func, FuncKind } from "../expressions/func.ts";
import { plainOutput } from "../expressions/outputs.ts";
import type { Field } from "../fields/field.ts";
import type { Vendor } from "../fields/field_types.ts";
import { type DatePart, datePartSql, daySql, hasDatePart, timeSql } from "../lookups/dates.ts";
import { currentZone, fromLocal, toLocal, zoneNamed } from "../lookups/zones.ts";
import { type Argument, func, outputKind, type Strict } from "./arguments.ts";
import { type TruncKind, truncated } from "./truncation.ts";

/** Django's `tzinfo`: an instant has no day and no hour without one. The setting `TIME_ZONE` by default. */
export interface ZoneOptions {
  /** A name such as `"Europe/Madrid"`. */
  tzinfo?: string;
}

function inputOf({ output }: BoundExpression, what: string): Field {
  if (output && /^(Date|Time|DateTime)Field$/.test(output.kind)) return output;
  throw new FieldError(`${what} takes a date, a time or a datetime, not ${output ? `a ${output.kind}` : "anything"}.`);
}

/** Checked where the function is made, so that a wrong name is an error there. */
function checkZone({ tzinfo }: ZoneOptions): void {
  if (tzinfo !== undefined) zoneNamed(tzinfo);
}

/** The zone means something for instants only. */
function zoneFor({ kind }: Field, { tzinfo }: ZoneOptions, what: string): string | null {
  if (kind === "DateTimeField") return tzinfo === undefined ? currentZone() : zoneNamed(tzinfo);
  if (tzinfo === undefined || tzinfo === "UTC") return null;
  throw new FieldError(`tzinfo can only be used with DateTimeField, and ${what} was given a ${kind}.`);
}

function extraction(part: DatePart, options: ZoneOptions): FuncKind {
  checkZone(options);
  const what = `Extract "${part}"`;
  return {
    name: `Extract ${part} ${options.tzinfo ?? ""}`,
    sql: ([sql], { vendor }, [bound]) => {
      const field = inputOf(bound, what);
      return datePartSql(part, toLocal(sql, zoneFor(field, options, what), vendor), vendor);
    },
    output: ([bound]) => {
      const { kind } = inputOf(bound, what);
      if (hasDatePart(kind, part)) return plainOutput("IntegerField");
      throw new FieldError(`Cannot extract "${part}" from a ${kind}.`);
    },
  };
}

/** A part of a date or a time; it may be registered as a transform. */
export interface ExtractFunction {
  <const A extends Argument>(value: A, options?: ZoneOptions): Func<Strict<Is<number>, A>>;
  readonly lookupName: string;
}

/** A part of a date or a time, a whole number: `Extract("createdAt", "quarter", { tzinfo: "Europe/Madrid" })`. */
export function Extract<const A extends Argument>(
  value: A,
  lookupName: DatePart,
  options: ZoneOptions = {},
): Func<Strict<Is<number>, A>> {
  return func(extraction(lookupName, options), value);
}

function extracting(part: DatePart): ExtractFunction {
  return Object.assign(
    (value: Argument, options: ZoneOptions = {}) => func(extraction(part, options), value) as never,
    {
      lookupName: part,
    },
  );
}

/** The year. */
export const ExtractYear = extracting("year");
/** The year to which the ISO week belongs. */
export const ExtractIsoYear = extracting("isoYear");
/** The month, 1 to 12. */
export const ExtractMonth = extracting("month");
/** The day of the month. */
export const ExtractDay = extracting("day");
/** The ISO week of the year. */
export const ExtractWeek = extracting("week");
/** The day of the week, 1 for Sunday to 7. */
export const ExtractWeekDay = extracting("weekDay");
/** The day of the week, 1 for Monday to 7. */
export const ExtractIsoWeekDay = extracting("isoWeekDay");
/** The quarter of the year, 1 to 4. */
export const ExtractQuarter = extracting("quarter");
/** The hour, 0 to 23. */
export const ExtractHour = extracting("hour");
/** The minute, 0 to 59. */
export const ExtractMinute = extracting("minute");
/** The second, 0 to 59. */
export const ExtractSecond = extracting("second");

/** The instant at which the statement began. */
export function Now(): Func<Is<Date>> {
  return func({
    name: "Now",
    sql: (_args, { vendor }) =>
      vendor === "sqlite" ? "REPLACE(STRFTIME('%Y-%m-%d %H:%M:%f000', 'NOW'), '.000000', '')" : "STATEMENT_TIMESTAMP()",
    output: outputKind("DateTimeField"),
    nullable: false,
  });
}

function truncation(kind: TruncKind, options: ZoneOptions): FuncKind {
  checkZone(options);
  const what = `Trunc "${kind}"`;
  return {
    name: `Trunc ${kind} ${options.tzinfo ?? ""}`,
    sql: ([sql], { vendor }, [bound]) => {
      const field = inputOf(bound, what);
      const own = zoneFor(field, options, what);
      return fromLocal(truncated(kind, toLocal(sql, own, vendor), field.kind, vendor), own, vendor);
    },
    output: ([bound]) => {
      const field = inputOf(bound, what);
      const isTime = kind === "hour" || kind === "minute" || kind === "second";
      if (field.kind === (isTime ? "DateField" : "TimeField")) {
        throw new FieldError(`Cannot truncate ${field.kind} "${field.name}" to "${kind}".`);
      }
      return plainOutput(field.kind);
    },
  };
}

/** The beginning of the year, month, … in which a date or a time lies: `Trunc("createdAt", "month")`. */
export function Trunc<const A extends Argument>(
  value: A,
  kind: TruncKind,
  options: ZoneOptions = {},
): Func<ArgumentOf<A>> {
  return func(truncation(kind, options), value);
}

/** The beginning of what a date or a time lies in. */
export type TruncFunction = <const A extends Argument>(value: A, options?: ZoneOptions) => Func<ArgumentOf<A>>;

function truncating(kind: TruncKind): TruncFunction {
  return (value, options = {}) => func(truncation(kind, options), value) as never;
}

/** The first day of the year. */
export const TruncYear = truncating("year");
/** The first day of the quarter. */
export const TruncQuarter = truncating("quarter");
/** The first day of the month. */
export const TruncMonth = truncating("month");
/** The Monday of the week. */
export const TruncWeek = truncating("week");
/** Midnight. */
export const TruncDay = truncating("day");
/** The full hour. */
export const TruncHour = truncating("hour");
/** The full minute. */
export const TruncMinute = truncating("minute");
/** The full second. */
export const TruncSecond = truncating("second");

function partOfInstant(
  name: string,
  kind: "DateField" | "TimeField",
  write: (sql: string, vendor: Vendor) => string,
  options: ZoneOptions,
): FuncKind {
  checkZone(options);
  return {
    name: `${name} ${options.tzinfo ?? ""}`,
    sql: ([sql], { vendor }, [bound]) => {
      const field = inputOf(bound, name);
      if (field.kind === kind) return sql;
      return write(toLocal(sql, zoneFor(field, options, name), vendor), vendor);
    },
    output: outputKind(kind),
  };
}

/** The day of an instant, as text: `"2026-11-23"`. */
export function TruncDate<const A extends Argument>(value: A, options: ZoneOptions = {}): Func<Strict<Is<string>, A>> {
  return func(partOfInstant("TruncDate", "DateField", daySql, options), value);
}

/** The time of day of an instant, as text: `"09:30:00"`. */
export function TruncTime<const A extends Argument>(value: A, options: ZoneOptions = {}): Func<Strict<Is<string>, A>> {
  return func(partOfInstant("TruncTime", "TimeField", timeSql, options), value);
}
