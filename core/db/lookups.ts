// django.db.models.lookups and the date functions of its backends: what stands behind the last `__` of a lookup.
import { FieldError } from "../exceptions.ts";
import { plainOutput } from "./expressions/outputs.ts";
import type { Field } from "./field.ts";
import type { FieldKind, Vendor } from "./field_types.ts";

/** The left side of a comparison: SQL, and how a value must be turned to be compared with it. */
export interface Operand {
  sql: string;
  /** The field whose column this is, or null where SQL has made something else of it. */
  field: Field | null;
  toParam(value: unknown): unknown;
}

/** What an operator may use to write itself down. */
export interface LookupContext {
  vendor: Vendor;
  /** The collation that texts are compared in, or null for the database's own. */
  collation: string | null;
  /** Adds a parameter that is made from the lookup's value when the query runs; gives its placeholder. */
  param(convert: (value: unknown) => unknown): string;
}

type Operator = (operand: Operand, context: LookupContext) => string;

const textKinds: ReadonlySet<FieldKind> = new Set(["CharField", "TextField", "SlugField", "EmailField", "URLField"]);

export function isTextField(field: Field): boolean {
  return textKinds.has(field.isForeignKey ? field.targetField.kind : field.kind);
}

/** The column with the collation that the database's options ask for; only texts have one. */
export function collated({ sql, field }: Operand, { collation }: Pick<LookupContext, "collation">): string {
  if (collation === null || !field || field.options.dbCollation || !isTextField(field)) return sql;
  return `${sql} COLLATE "${collation.replaceAll('"', '""')}"`;
}

function compare(symbol: string): Operator {
  return (operand, context) => {
    const toParam = symbol === "=" ? operand.toParam : (value: unknown) => bounded(operand, value);
    return `${collated(operand, context)} ${symbol} ${context.param(toParam)}${widened(operand, context)}`;
  };
}

const smallIntegers: ReadonlySet<FieldKind> = new Set([
  "AutoField",
  "SmallAutoField",
  "IntegerField",
  "PositiveIntegerField",
  "SmallIntegerField",
  "PositiveSmallIntegerField",
]);

/** PostgreSQL would refuse a number that is out of the column's range, although it may well be compared with it. */
function widened({ field }: Operand, { vendor }: Pick<LookupContext, "vendor">): string {
  const kind = field?.isForeignKey ? field.targetField.kind : field?.kind;
  return vendor === "postgresql" && kind && smallIntegers.has(kind) ? "::bigint" : "";
}

const largest = 2n ** 63n - 1n;

/** A number that no column holds is equal to none, but it is more or less than every one. */
function bounded(operand: Operand, value: unknown): unknown {
  const param = operand.toParam(value);
  if (param !== null || value === null) return param;
  return BigInt(value as number) > 0n ? largest : -largest - 1n;
}

/** `\`, `%` and `_` mean themselves. */
export function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, "\\$&");
}

/** Text for a pattern. Only what is text anyway may become one: an object from a request's JSON may not. */
function patternText(value: unknown): string {
  if (["string", "number", "bigint", "boolean"].includes(typeof value)) return String(value);
  throw new FieldError(`A text lookup needs text, not ${value === null ? "null" : typeof value}.`);
}

/**
 * As in Django, LIKE on SQLite ignores the case of ASCII letters, with `contains` as well as with `icontains`. On PostgreSQL
 * the database's own locale says what the upper case of a letter is, whatever texts are ordered by: "C" knows ASCII only.
 */
function like(pattern: (escaped: string) => string, ignoreCase: boolean): Operator {
  return ({ sql }, { vendor, param }) => {
    const placeholder = param((value) => pattern(escapeLike(patternText(value))));
    if (vendor === "sqlite") return `${sql} LIKE ${placeholder} ESCAPE '\\'`;
    const text = `${sql}::text`;
    return ignoreCase ? `UPPER(${text}) LIKE UPPER(${placeholder})` : `${text} LIKE ${placeholder}`;
  };
}

function regex(ignoreCase: boolean): Operator {
  return ({ sql }, { vendor, param }) => {
    const placeholder = param(patternText);
    if (vendor === "postgresql") return `${sql}::text ${ignoreCase ? "~*" : "~"} ${placeholder}`;
    return ignoreCase ? `core_iregexp(${placeholder}, ${sql})` : `${sql} REGEXP ${placeholder}`;
  };
}

function isIn(operand: Operand, { vendor, param }: LookupContext): string {
  const toParams = (values: unknown) => (values as unknown[]).map(operand.toParam);
  if (vendor === "postgresql") {
    const type = widened(operand, { vendor });
    return `${operand.sql} = ANY(${param(toParams)}${type && `${type}[]`})`;
  }
  return `${operand.sql} IN (SELECT value FROM json_each(${param((values) => jsonArray(toParams(values)))}))`;
}

/** One parameter for a list of any length, so that the statement stays the same. */
function jsonArray(values: readonly unknown[]): string {
  return `[${values.map((value) => (typeof value === "bigint" ? String(value) : JSON.stringify(value))).join()}]`;
}

function range(operand: Operand, context: LookupContext): string {
  const type = widened(operand, context);
  const bound = (index: number) => context.param((value) => bounded(operand, (value as unknown[])[index])) + type;
  return `${collated(operand, context)} BETWEEN ${bound(0)} AND ${bound(1)}`;
}

/** JSON is compared by what it says, not by how it is written. */
function exact(operand: Operand, context: LookupContext): string {
  if (operand.field?.kind !== "JSONField" || context.vendor !== "sqlite") return compare("=")(operand, context);
  return `JSON(${operand.sql}) = JSON(${context.param(operand.toParam)})`;
}

const operators: Readonly<Record<string, Operator>> = {
  exact,
  iexact: like((text) => text, true),
  contains: like((text) => `%${text}%`, false),
  icontains: like((text) => `%${text}%`, true),
  startswith: like((text) => `${text}%`, false),
  istartswith: like((text) => `${text}%`, true),
  endswith: like((text) => `%${text}`, false),
  iendswith: like((text) => `%${text}`, true),
  in: isIn,
  gt: compare(">"),
  gte: compare(">="),
  lt: compare("<"),
  lte: compare("<="),
  range,
  // The compiler writes it, since it knows whether there may be no row at all.
  isnull: ({ sql }) => `${sql} IS NULL`,
  regex: regex(false),
  iregex: regex(true),
};

export function isOperator(name: string): boolean {
  return Object.hasOwn(operators, name);
}

export function operatorNames(): string[] {
  return Object.keys(operators);
}

export function writeOperator(name: string, operand: Operand, context: LookupContext): string {
  return operators[name](operand, context);
}

/** A function of the column that a lookup goes on with: `createdAt__year__gte`. */
interface Transform {
  sqlite(column: string): string;
  postgresql(column: string): string;
  /** What the value to compare with must be. */
  toParam(value: unknown): unknown;
  output: FieldKind;
}

function number(value: unknown): unknown {
  if (typeof value === "number" && Number.isInteger(value)) return value;
  if (typeof value === "string" && /^-?\d+$/.test(value)) return Number(value);
  throw new FieldError(`A part of a date is a whole number, not ${JSON.stringify(value)}.`);
}

function part(format: string, name: string): Transform {
  return {
    sqlite: (column) => `CAST(strftime('${format}', ${column}) AS INTEGER)`,
    postgresql: (column) => `EXTRACT(${name} FROM ${column})`,
    toParam: number,
    output: "IntegerField",
  };
}

function text(value: unknown): unknown {
  if (typeof value === "string") return value;
  throw new FieldError(`A date or a time is compared with text such as "2026-11-23", not ${JSON.stringify(value)}.`);
}

/** SQLite counts weeks from the Thursday of the same ISO week. */
const thursday = (column: string) => `date(${column}, '-3 days', 'weekday 4')`;

const dateTransforms: Readonly<Record<string, Transform>> = {
  year: part("%Y", "YEAR"),
  isoYear: { ...part("%Y", "ISOYEAR"), sqlite: (column) => `CAST(strftime('%Y', ${thursday(column)}) AS INTEGER)` },
  quarter: {
    ...part("%m", "QUARTER"),
    sqlite: (column) => `((CAST(strftime('%m', ${column}) AS INTEGER) + 2) / 3)`,
  },
  month: part("%m", "MONTH"),
  week: {
    ...part("%j", "WEEK"),
    sqlite: (column) => `((CAST(strftime('%j', ${thursday(column)}) AS INTEGER) - 1) / 7 + 1)`,
  },
  day: part("%d", "DAY"),
  weekDay: {
    sqlite: (column) => `(CAST(strftime('%w', ${column}) AS INTEGER) + 1)`,
    postgresql: (column) => `(EXTRACT(DOW FROM ${column}) + 1)`,
    toParam: number,
    output: "IntegerField",
  },
  isoWeekDay: {
    sqlite: (column) => `((CAST(strftime('%w', ${column}) AS INTEGER) + 6) % 7 + 1)`,
    postgresql: (column) => `EXTRACT(ISODOW FROM ${column})`,
    toParam: number,
    output: "IntegerField",
  },
};

const timeTransforms: Readonly<Record<string, Transform>> = {
  hour: part("%H", "HOUR"),
  minute: part("%M", "MINUTE"),
  second: { ...part("%S", "SECOND"), postgresql: (column) => `FLOOR(EXTRACT(SECOND FROM ${column}))` },
};

const datetimeTransforms: Readonly<Record<string, Transform>> = {
  ...dateTransforms,
  ...timeTransforms,
  date: {
    sqlite: (column) => `date(${column})`,
    postgresql: (column) => `${column}::date`,
    toParam: text,
    output: "DateField",
  },
  time: {
    sqlite: (column) => `substr(${column}, 12)`,
    postgresql: (column) => `${column}::time`,
    toParam: text,
    output: "TimeField",
  },
};

const transforms: Partial<Record<FieldKind, Readonly<Record<string, Transform>>>> = {
  DateField: dateTransforms,
  TimeField: timeTransforms,
  DateTimeField: datetimeTransforms,
};

export function transformNames(field: Field): string[] {
  return Object.keys(transforms[field.kind] ?? {});
}

export function isTransform(name: string, field: Field): boolean {
  return Object.hasOwn(transforms[field.kind] ?? {}, name);
}

function transformOf({ kind }: Field, name: string): Transform {
  return (transforms[kind] as Readonly<Record<string, Transform>>)[name];
}

/** The kind of what a transform gives. */
export function transformOutput(field: Field, name: string): Field {
  return plainOutput(transformOf(field, name).output);
}

export function writeTransform(name: string, { sql, field }: Operand, vendor: Vendor): Operand {
  const transform = transformOf(field as Field, name);
  return { sql: transform[vendor](sql), field: transformOutput(field as Field, name), toParam: transform.toParam };
}
