// The parts of dates and times, as lookups and Extract() read them.
import { FieldError } from "../../exceptions.ts";
import { plainOutput } from "../expressions/outputs.ts";
import type { FieldKind, Vendor } from "../fields/field_types.ts";
import type { Operand, Transform } from "./operand.ts";
import { datePartNumber } from "./years.ts";
import { currentZone, toLocal } from "./zones.ts";

/** How a part is written, of the SQL of a date or a time. */
type Part = Readonly<Record<Vendor, (sql: string) => string>>;

function part(format: string, name: string): Part {
  return {
    sqlite: (sql) => `CAST(strftime('${format}', ${sql}) AS INTEGER)`,
    postgresql: (sql) => `EXTRACT(${name} FROM ${sql})`,
  };
}

/** SQLite counts weeks from the Thursday of the same ISO week. */
const thursday = (sql: string) => `date(${sql}, '-3 days', 'weekday 4')`;

const dateParts = {
  year: part("%Y", "YEAR"),
  isoYear: { ...part("%Y", "ISOYEAR"), sqlite: (sql) => `CAST(strftime('%Y', ${thursday(sql)}) AS INTEGER)` },
  quarter: { ...part("%m", "QUARTER"), sqlite: (sql) => `((CAST(strftime('%m', ${sql}) AS INTEGER) + 2) / 3)` },
  month: part("%m", "MONTH"),
  week: {
    ...part("%j", "WEEK"),
    sqlite: (sql) => `((CAST(strftime('%j', ${thursday(sql)}) AS INTEGER) - 1) / 7 + 1)`,
  },
  day: part("%d", "DAY"),
  weekDay: {
    sqlite: (sql) => `(CAST(strftime('%w', ${sql}) AS INTEGER) + 1)`,
    postgresql: (sql) => `(EXTRACT(DOW FROM ${sql}) + 1)`,
  },
  isoWeekDay: {
    sqlite: (sql) => `((CAST(strftime('%w', ${sql}) AS INTEGER) + 6) % 7 + 1)`,
    postgresql: (sql) => `EXTRACT(ISODOW FROM ${sql})`,
  },
} satisfies Record<string, Part>;

const timeParts = {
  hour: part("%H", "HOUR"),
  minute: part("%M", "MINUTE"),
  second: { ...part("%S", "SECOND"), postgresql: (sql) => `FLOOR(EXTRACT(SECOND FROM ${sql}))` },
} satisfies Record<string, Part>;

/** The parts that dates and times have. */
export type DatePart = keyof typeof dateParts | keyof typeof timeParts;

const parts: Readonly<Record<DatePart, Part>> = { ...dateParts, ...timeParts };

const partsOf: Partial<Record<FieldKind, readonly string[]>> = {
  DateField: Object.keys(dateParts),
  TimeField: Object.keys(timeParts),
  DateTimeField: Object.keys(parts),
};

export function hasDatePart(kind: FieldKind | undefined, name: string): name is DatePart {
  return kind !== undefined && partsOf[kind]?.includes(name) === true;
}

/** The SQL of a part of a date or a time. */
export function datePartSql(name: DatePart, sql: string, vendor: Vendor): string {
  return parts[name][vendor](sql);
}

/** The SQL of the day of an instant. */
export function daySql(sql: string, vendor: Vendor): string {
  return vendor === "sqlite" ? `date(${sql})` : `(${sql})::date`;
}

/** The SQL of the time of day of an instant. */
export function timeSql(sql: string, vendor: Vendor): string {
  return vendor === "sqlite" ? `substr(${sql}, 12)` : `(${sql})::time`;
}

/** A date as the clocks of `TIME_ZONE` show it; only an instant has to be turned. */
function localSql({ sql, field }: Operand, vendor: Vendor): string {
  return field?.kind === "DateTimeField" ? toLocal(sql, currentZone(), vendor) : sql;
}

function partTransform(name: DatePart): Transform {
  const output = plainOutput("IntegerField");
  const isYear = name === "year" || name === "isoYear";
  return {
    output,
    write: (operand, vendor) => {
      const sql = localSql(operand, vendor);
      // The first and the last instant of a year are known in UTC only.
      const yearOf = isYear && sql === operand.sql ? { yearOf: { date: operand, iso: name === "isoYear" } } : {};
      return { sql: datePartSql(name, sql, vendor), field: output, toParam: datePartNumber, ...yearOf };
    },
  };
}

function text(value: unknown): unknown {
  if (typeof value === "string") return value;
  throw new FieldError(`A date or a time is compared with text such as "2026-11-23", not ${JSON.stringify(value)}.`);
}

function textTransform(kind: FieldKind, sql: (sql: string, vendor: Vendor) => string): Transform {
  const output = plainOutput(kind);
  const write = (operand: Operand, vendor: Vendor) => ({
    sql: sql(localSql(operand, vendor), vendor),
    field: output,
    toParam: text,
  });
  return { output, write };
}

function partTransforms(kind: FieldKind): Record<string, Transform> {
  return Object.fromEntries((partsOf[kind] ?? []).map((name) => [name, partTransform(name as DatePart)]));
}

/** What may follow a date or a time in a lookup. */
export const dateTransforms: Partial<Record<FieldKind, Readonly<Record<string, Transform>>>> = {
  DateField: partTransforms("DateField"),
  TimeField: partTransforms("TimeField"),
  DateTimeField: {
    ...partTransforms("DateTimeField"),
    date: textTransform("DateField", daySql),
    time: textTransform("TimeField", timeSql),
  },
};
