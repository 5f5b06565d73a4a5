// django.db.models.functions.window: what a Window() may compute besides aggregates.
import { FieldError } from "../../exceptions.ts";
import type { ArgumentOf } from "../expressions/aggregates.ts";
import type { Is, OrNull } from "../expressions/base.ts";
import type { Func, FuncKind } from "../expressions/func.ts";
import { type Argument, func, named, outputKind, sameOutput } from "./arguments.ts";

const integer = outputKind("BigAutoField");
const float = outputKind("FloatField");

function position(name: string, output: FuncKind["output"]): FuncKind {
  return { name, sql: named(name), output, window: true, nullable: false };
}

function value(name: string, nullable?: boolean): FuncKind {
  const prepare: FuncKind["prepare"] = ([first, ...args]) => [first, ...args.map((arg) => arg.as(first.output))];
  return { name, sql: named(name), output: sameOutput, prepare, window: true, ...(nullable ? { nullable } : {}) };
}

/** The share of rows that are not after this one, 0 to 1. */
export function CumeDist(): Func<Is<number>> {
  return func(position("CUME_DIST", float));
}

/** The rank without gaps: 1, 1, 2. */
export function DenseRank(): Func<Is<number>> {
  return func(position("DENSE_RANK", integer));
}

/** The rank as a share, 0 to 1. */
export function PercentRank(): Func<Is<number>> {
  return func(position("PERCENT_RANK", float));
}

/** The rank with gaps: 1, 1, 3. */
export function Rank(): Func<Is<number>> {
  return func(position("RANK", integer));
}

/** The number of the row, from 1. */
export function RowNumber(): Func<Is<number>> {
  return func(position("ROW_NUMBER", integer));
}

/** Which of so many parts of nearly the same size the row is in, from 1. */
export function Ntile(buckets = 1): Func<Is<number>> {
  if (!(buckets > 0)) throw new FieldError("numBuckets must be greater than 0.");
  return func(position("NTILE", integer), buckets);
}

/** The value in the first row of the frame. */
export function FirstValue<const A extends Argument>(expression: A): Func<ArgumentOf<A>> {
  return func(value("FIRST_VALUE"), given("FirstValue", expression));
}

/** The value in the last row of the frame, which by itself ends with the current row and its equals. */
export function LastValue<const A extends Argument>(expression: A): Func<ArgumentOf<A>> {
  return func(value("LAST_VALUE"), given("LastValue", expression));
}

/** The value in the n-th row of the frame, from 1; null where it has fewer. */
export function NthValue<const A extends Argument>(expression: A, nth = 1): Func<OrNull<ArgumentOf<A>>> {
  if (!(nth > 0)) throw new FieldError("NthValue requires a positive integer as nth");
  return func(value("NTH_VALUE", true), given("NthValue", expression), nth);
}

/** The value some rows before; the default, or null, where there is no such row. */
export function Lag<const A extends Argument>(
  expression: A,
  offset = 1,
  defaultValue: unknown = null,
): Func<OrNull<ArgumentOf<A>>> {
  return func(value("LAG", true), ...shifted("Lag", expression, offset, defaultValue));
}

/** The value some rows after; the default, or null, where there is no such row. */
export function Lead<const A extends Argument>(
  expression: A,
  offset = 1,
  defaultValue: unknown = null,
): Func<OrNull<ArgumentOf<A>>> {
  return func(value("LEAD", true), ...shifted("Lead", expression, offset, defaultValue));
}

function given(name: string, expression: unknown): unknown {
  if (expression !== null && expression !== undefined) return expression;
  throw new FieldError(`${name} requires a non-null source expression.`);
}

function shifted(name: string, expression: unknown, offset: number, defaultValue: unknown): unknown[] {
  if (!(offset > 0)) throw new FieldError(`${name} requires a positive integer for the offset.`);
  const args = [given(name, expression), offset];
  return defaultValue === null ? args : [...args, defaultValue];
}
