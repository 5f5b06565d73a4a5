// django.db.models.functions.comparison
import { FieldError } from "../../exceptions.ts";
import type { ArgumentOf } from "../expressions/aggregates.ts";
import type { BoundExpression, FirstOf, Is, OrNull, OutputField } from "../expressions/base.ts";
import { resultOutput } from "../expressions/conditional.ts";
import type { Func, FuncKind } from "../expressions/func.ts";
import { outputOf, outputShape } from "../expressions/outputs.ts";
import type { Field } from "../fields/field.ts";
import { sqliteCollation } from "../sql/collations.ts";
import { type Argument, type ArgumentsOf, func, type Strict, sameOutput } from "./arguments.ts";

/**
 * A value turned into one of another kind.
 *
 * @example Book.objects.annotate({ pagesText: Cast("pages", TextField()) });
 */
export function Cast<const A extends Argument, T>(value: A, outputField: OutputField<T>): Func<Strict<Is<T>, A>> {
  const { field } = outputField;
  const sql: FuncKind["sql"] = ([sql], { vendor }, [bound]) =>
    vendor === "postgresql" ? `(${sql})::${field.dbType(vendor)}` : sqliteCast(sql, field, bound.output?.kind);
  return func({ name: `Cast ${outputShape(field)}`, sql, output: () => field }, value);
}

/** SQLite has no types of time: what stands for one is text of a certain form. */
function sqliteCast(sql: string, field: Field, from: string | undefined): string {
  if (from === field.kind && field.kind !== "DecimalField") return sql;
  if (field.kind === "DateField") return `date(${sql})`;
  if (field.kind === "DateTimeField") {
    return from === "DateField" ? `(${sql} || ' 00:00:00')` : withMicroseconds("%Y-%m-%d %H:%M:%f000", sql);
  }
  if (field.kind === "TimeField") {
    return from === "DateTimeField" ? `substr(${sql}, 12)` : withMicroseconds("%H:%M:%f000", sql);
  }
  if (field.kind === "DecimalField") return `ROUND(CAST(${sql} AS NUMERIC), ${field.options.decimalPlaces ?? 0})`;
  if (field.kind === "UUIDField") return `REPLACE(LOWER(${sql}), '-', '')`;
  if (field.kind === "JSONField") return `JSON(${sql})`;
  return `CAST(${sql} AS ${field.dbType("sqlite")})`;
}

/** No fraction is no fraction: times are compared as texts. */
function withMicroseconds(format: string, sql: string): string {
  return `REPLACE(STRFTIME('${format}', ${sql}), '.000000', '')`;
}

/** Several expressions of one kind: what columns say decides, and plain values follow. */
function alike(what: string): Pick<FuncKind, "prepare" | "output"> {
  const output = (args: readonly BoundExpression[]) => resultOutput(args, what);
  return { output, prepare: (args) => args.map((arg) => arg.as(output(args))) };
}

function atLeastTwo(name: string, values: readonly unknown[]): void {
  if (values.length < 2) throw new FieldError(`${name} must take at least two expressions`);
}

/** The first value that is not null: `Coalesce("nickname", "name")`, `Coalesce(Sum("pages"), 0)`. */
export function Coalesce<const A extends readonly Argument[]>(...values: A): Func<FirstOf<ArgumentsOf<A>>> {
  atLeastTwo("Coalesce", values);
  const nullable = (args: readonly BoundExpression[]) => args.every((arg) => arg.nullable);
  const sql: FuncKind["sql"] = (args) => `COALESCE(${args.join(", ")})`;
  return func({ name: "Coalesce", sql, nullable, ...alike("Coalesce") }, ...values);
}

/** A text that is compared and ordered in a collation of the database: `Collate("name", "C")`. */
export function Collate<const A extends Argument>(value: A, collation: string): Func<ArgumentOf<A>> {
  if (!/^[\w-]+$/.test(collation)) throw new FieldError(`Invalid collation name: ${JSON.stringify(collation)}.`);
  const sql: FuncKind["sql"] = ([sql], { vendor }) =>
    `${sql} COLLATE "${vendor === "sqlite" ? sqliteCollation(collation, "Collate()") : collation}"`;
  const output = () => outputOf("TextField", { dbCollation: collation });
  return func({ name: `Collate ${collation}`, sql, output }, value);
}

function extreme(name: string, sqlite: string): FuncKind {
  const sql: FuncKind["sql"] = (args, { vendor }) => `${vendor === "sqlite" ? sqlite : name}(${args.join(", ")})`;
  return { name, sql, ...alike(name) };
}

/** The greatest of several values. With a null among them, it is null on SQLite; PostgreSQL leaves nulls out. */
export function Greatest<const A extends readonly Argument[]>(...values: A): Func<ArgumentsOf<A>[number]> {
  atLeastTwo("Greatest", values);
  return func(extreme("GREATEST", "MAX"), ...values);
}

/** The least of several values. With a null among them, it is null on SQLite; PostgreSQL leaves nulls out. */
export function Least<const A extends readonly Argument[]>(...values: A): Func<ArgumentsOf<A>[number]> {
  atLeastTwo("Least", values);
  return func(extreme("LEAST", "MIN"), ...values);
}

const nullIf: FuncKind = {
  name: "NullIf",
  sql: (args) => `NULLIF(${args.join(", ")})`,
  output: sameOutput,
  prepare: ([value, other]) => [value, other.as(value.output)],
  nullable: true,
};

/** The first value, or null where both are equal: `NullIf("nickname", Value(""))`. */
export function NullIf<const A extends Argument, const B extends Argument>(
  value: A,
  other: B,
): Func<OrNull<ArgumentOf<A>>> {
  return func(nullIf, value, other);
}
