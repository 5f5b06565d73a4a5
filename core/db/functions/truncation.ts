// The beginnings of years, months and so on, in SQL.
import type { FieldKind, Vendor } from "../fields/field_types.ts";

/** What dates and times may be cut to. */
export type TruncKind = "year" | "quarter" | "month" | "week" | "day" | "hour" | "minute" | "second";

/** The first day of what a date lies in, as SQLite computes it. */
const firstDays: Partial<Record<TruncKind, (sql: string) => string>> = {
  year: (sql) => `date(${sql}, 'start of year')`,
  quarter: (sql) => `date(${sql}, 'start of month', '-' || ((strftime('%m', ${sql}) - 1) % 3) || ' months')`,
  month: (sql) => `date(${sql}, 'start of month')`,
  week: (sql) => `date(${sql}, '-6 days', 'weekday 1')`,
  day: (sql) => `date(${sql})`,
};

const times: Partial<Record<TruncKind, string>> = { hour: "%H:00:00", minute: "%H:%M:00", second: "%H:%M:%S" };

function sqlite(kind: TruncKind, sql: string, field: FieldKind): string {
  const day = firstDays[kind]?.(sql);
  if (day) return field === "DateField" ? day : `(${day} || ' 00:00:00')`;
  return `strftime('${field === "TimeField" ? "" : "%Y-%m-%d "}${times[kind]}', ${sql})`;
}

/** The beginning of what a date or a time lies in, of the same kind. */
export function truncated(kind: TruncKind, sql: string, field: FieldKind, vendor: Vendor): string {
  if (vendor === "sqlite") return sqlite(kind, sql, field);
  const start = `DATE_TRUNC('${kind}', ${sql})`;
  if (field === "DateField") return `${start}::date`;
  return field === "TimeField" ? `${start}::time` : start;
}
