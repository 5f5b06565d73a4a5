import { FieldError } from "../../exceptions.ts";
import type { BoundExpression } from "../expressions/base.ts";
import { type Operand, writeCompared, writeOperator } from "../lookups.ts";
import { BoundColumn } from "./binding.ts";
import type { Compiler } from "./compiler.ts";
import type { Condition, Group, Leaf } from "./conditions.ts";
import type { Column, Place } from "./place.ts";
import { requireRow, type Step } from "./query_source.ts";
import type { SubQuery } from "./query_state.ts";

/** A condition as SQL; nothing where it says nothing. */
export function writeCondition(compiler: Compiler, condition: Condition, place: Place): string {
  if (condition.type === "group") return writeGroup(compiler, condition, place);
  if (condition.type === "leaf") return writeLeaf(compiler, condition, place);
  return compiler.expression(condition.expression, place);
}

function writeGroup(compiler: Compiler, group: Group, place: Place): string {
  const { connector, negated, children, scope } = group;
  const local = scope ? new Map(place.given) : place.local;
  const required = place.required && !negated && (connector === "and" || children.length === 1);
  const inner = { ...place, local, required, negated: place.negated || negated || connector === "xor" };
  const parts = children.map((child) => writeCondition(compiler, child, inner)).filter((sql) => sql !== "");
  if (parts.length === 0) return "";
  const joined = parts.length === 1 ? parts[0] : join(connector, parts);
  return negated ? `NOT (${joined})` : joined;
}

function join(connector: Group["connector"], parts: readonly string[]): string {
  if (connector !== "xor") return `(${parts.join(connector === "and" ? " AND " : " OR ")})`;
  const ones = parts.map((sql) => `CASE WHEN ${sql} THEN 1 ELSE 0 END`);
  return `((${ones.join(" + ")}) % 2 = 1)`;
}

function writeLeaf(compiler: Compiler, leaf: Leaf, place: Place): string {
  const { lookup, left } = leaf;
  if (left) return comparison(compiler, leaf, columnOf(compiler, left, place), place);
  if (place.negated && place.splits && lookup.toMany) return leafOfSomeRow(compiler, leaf, place);
  const column = compiler.columnAt(lookup, place);
  if (place.required && column.joined && needsRow(leaf)) requireRow(column.joined);
  return comparison(compiler, leaf, column, place);
}

/** Lookups of which nothing is known might hold of NULL, too. */
function needsRow({ lookup, form }: Leaf): boolean {
  if (lookup.transforms.length > 0 || form === "null") return false;
  return lookup.operator === "isnull" ? form === "false" : form === "empty" || plainLookups.has(lookup.operator);
}

const plainLookups: ReadonlySet<string> = new Set(
  "exact iexact in range gt gte lt lte contains icontains startswith istartswith endswith iendswith regex iregex".split(
    " ",
  ),
);

function columnOf(compiler: Compiler, expression: BoundExpression, place: Place): Column {
  const sql = compiler.expression(expression, place);
  const { output, nullable } = expression;
  if (output) return compiler.operand(output, sql, nullable);
  return { sql, field: null, nullable, toParam: (value) => value };
}

/**
 * Under a NOT a relation to many is asked as a whole: whether there is a row of which the condition holds. Where the same
 * `filter()` has spoken of a row of that relation before, it is that row, as in Django.
 */
function leafOfSomeRow(compiler: Compiler, leaf: Leaf, place: Place): string {
  const some = (condition: (column: Column) => string) => someRow(compiler, leaf, place, condition);
  const holds = (column: Column) => comparison(compiler, leaf, column, { ...place, negated: false });
  const isOf = (column: Column) => {
    if (column.joined && needsRow(leaf)) requireRow(column.joined);
    return holds(column);
  };
  const isNull = leaf.form === "true" || isSqlNull(leaf, leaf.lookup);
  const known = isNull ? null : compiler.knownRow(leaf.lookup, place);
  // Here the row is one of the query itself, which a NOT does not require.
  if (known && !known.toMany) return `((${holds(compiler.columnAt(leaf.lookup, place))}) IS TRUE)`;
  if (known) return someRow(compiler, leaf, { ...place, base: known.row }, isOf, known.steps);
  if (leaf.lookup.operator !== "isnull" && !isNull) return some(isOf);
  const sqlOf = (column: Column) => compiler.transformed(column, leaf.lookup.transforms).sql;
  const found = some((column) => `${sqlOf(column)} IS NOT NULL`);
  if (leaf.form === "false") return found;
  return `(NOT ${some(() => "")} OR ${some((column) => `${sqlOf(column)} IS NULL`)})`;
}

function someRow(
  compiler: Compiler,
  leaf: Leaf,
  place: Place,
  condition: (column: Column) => string,
  steps?: readonly Step[],
): string {
  const { inner, link, column } = compiler.relatedRows(leaf.lookup, place, steps);
  const sql = condition(column());
  return `EXISTS (SELECT 1 FROM ${inner.sql} WHERE ${link}${sql === "" ? "" : ` AND ${sql}`})`;
}

function comparison(compiler: Compiler, leaf: Leaf, column: Column, place: Place): string {
  const { operator, transforms } = leaf.lookup;
  const operand = compiler.transformed(column, transforms);
  const isNull = operator === "isnull" ? leaf.form === "true" : isSqlNull(leaf, operand) ? true : null;
  if (isNull !== null) return `${operand.sql} IS ${isNull ? "NULL" : "NOT NULL"}`;
  if (leaf.form === "empty") return "1 = 0";
  const sql = operation(compiler, leaf, operand, place);
  if (!place.negated || leaf.left || leaf.value === null) return sql;
  // NULL is neither equal nor different in SQL; under a NOT it would take the row away that exclude() keeps.
  const isNullable = operand.nullable ?? column.nullable;
  const known = [...(isNullable ? [`${operand.sql} IS NOT NULL`] : []), ...knownValue(compiler, leaf, place)];
  return known.length === 0 ? sql : `(${[sql, ...known].join(" AND ")})`;
}

/** JSON has a null of its own, which null means there, as in Django; `isnull` asks for the other one. */
function isSqlNull({ form, lookup }: Leaf, { field }: Pick<Operand, "field">): boolean {
  return form === "null" && !(lookup.operator === "exact" && field?.kind === "JSONField");
}

/** Of expressions only columns are looked at, as in Django. */
function knownValue(compiler: Compiler, { value }: Leaf, place: Place): string[] {
  if (!(value instanceof BoundColumn) || value.transforms.length > 0 || !value.path.field.null) return [];
  return [`${compiler.expression(value, place)} IS NOT NULL`];
}

function operation(compiler: Compiler, leaf: Leaf, operand: Operand, place: Place): string {
  const { form, value, lookup } = leaf;
  if (form === "query") {
    const { queryState } = value as SubQuery;
    return `${operand.sql} IN (${compiler.subQuery(queryState, place.frame, "column")})`;
  }
  if (form === "expression")
    return compared(lookup, operand, compiler.expression(value as BoundExpression, place), compiler);
  if (form === "expressions") {
    const items = (value as BoundExpression[]).map((item) => compiler.expression(item, place));
    if (lookup.operator === "in") return `${operand.sql} IN (${items.join(", ")})`;
    return `${operand.sql} BETWEEN ${items[0]} AND ${items[1]}`;
  }
  const { vendor, collation } = compiler.connection;
  return writeOperator(lookup.operator, operand, {
    vendor,
    collation,
    param: (convert) => compiler.param(leaf, convert),
  });
}

function compared(
  { operator, key }: Leaf["lookup"],
  operand: Operand,
  other: string,
  { connection: { vendor, collation } }: Compiler,
): string {
  const sql = writeCompared(operator, operand, other, { vendor, collation });
  if (sql !== null) return sql;
  throw new FieldError(`"${key}" cannot be compared with an expression.`);
}
