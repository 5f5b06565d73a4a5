// What every lookup is written with.
import type { Field } from "../fields/field.ts";
import type { FieldKind, Vendor } from "../fields/field_types.ts";

/** The left side of a comparison: SQL, and how a value must be turned to be compared with it. */
export interface Operand {
  sql: string;
  /** The field whose column this is, or one of the kind that SQL has made; null where that is not known. */
  field: Field | null;
  toParam(value: unknown): unknown;
  /** It may be NULL. Where a transform does not say, as what it was made of. */
  nullable?: boolean;
  /** Of the year of a date: the date. Comparing that with days lets an index help. */
  yearOf?: { date: Operand; iso: boolean };
}

/** What an operator may use to write itself down. */
export interface LookupContext {
  vendor: Vendor;
  /** The collation that texts are compared in, or null for the database's own. */
  collation: string | null;
  /** The right side is an expression of the query, which {@link param} then gives. */
  isExpression?: boolean;
  /** Adds a parameter that is made from the lookup's value when the query runs; gives its placeholder. */
  param(convert: (value: unknown) => unknown): string;
}

/** Writes a comparison. */
export type Operator = (operand: Operand, context: LookupContext) => string;

/** A function of a column that a lookup goes on with: `createdAt__year__gte`. */
export interface Transform {
  /** What the result is like. */
  output: Field;
  write(operand: Operand, vendor: Vendor): Operand;
}

const textKinds: ReadonlySet<FieldKind> = new Set(["CharField", "TextField", "SlugField", "EmailField", "URLField"]);

export function isTextField(field: Field): boolean {
  return textKinds.has(field.isForeignKey ? field.targetField.kind : field.kind);
}

/** The column with the collation that the database's options ask for; only texts have one. */
export function collated({ sql, field }: Operand, { collation }: Pick<LookupContext, "collation">): string {
  if (collation === null || !field || field.options.dbCollation || !isTextField(field)) return sql;
  return `${sql} COLLATE "${collation.replaceAll('"', '""')}"`;
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
export function widened({ field }: Operand, { vendor }: Pick<LookupContext, "vendor">): string {
  const kind = field?.isForeignKey ? field.targetField.kind : field?.kind;
  return vendor === "postgresql" && kind && smallIntegers.has(kind) ? "::bigint" : "";
}

const largest = 2n ** 63n - 1n;

/** A number that no column holds is equal to none, but it is more or less than every one. */
export function bounded(operand: Operand, value: unknown): unknown {
  const param = operand.toParam(value);
  if (param !== null || value === null) return param;
  return BigInt(value as number) > 0n ? largest : -largest - 1n;
}

/** One parameter for a list of any length, so that the statement stays the same. */
export function jsonArray(values: readonly unknown[]): string {
  return `[${values.map((value) => (typeof value === "bigint" ? String(value) : JSON.stringify(value))).join()}]`;
}
