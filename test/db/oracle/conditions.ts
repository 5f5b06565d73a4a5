import { transforms } from "./dates.ts";
import { type Joined, Joins } from "./joins.ts";
import { and, not, or, type Truth } from "./logic.ts";
import { compareBy, isIn } from "./operators.ts";
import { leadsToMany, type Path, parsePath } from "./paths.ts";
import { type Condition, type Expression, isGroup, type Lookup, type Query } from "./query.ts";
import type { Rules } from "./rules.ts";
import type { Data } from "./schema.ts";

/** What a condition is understood in. */
export interface Context {
  data: Data;
  rules: Rules;
  joins: Joins;
  /** The joins to many that conditions of the same `filter()` share; null for any. */
  reusable: Set<number> | null;
  /** How many negations stand around. */
  negations: number;
  /** The values that another query gives. */
  valuesOf(query: Query): unknown[];
}

type Reader = (joined: Joined) => unknown;
type Test = (joined: Joined) => Truth;

/** Makes a test of a condition; the joins that it takes are added on the way. */
export function understand(condition: Condition, context: Context): Test {
  if (!isGroup(condition)) return understandLookup(condition, context);
  const inner = { ...context, negations: context.negations + (condition.negated ? 1 : 0) };
  const tests = condition.children.map((child) => understand(child, inner));
  const join = condition.connector === "and" ? and : or;
  const joined: Test = (row) => join(tests.map((test) => test(row)));
  return condition.negated ? (row) => not(joined(row)) : joined;
}

function understandLookup(lookup: Lookup, context: Context): Test {
  const path = parsePath(context.joins.modelAt(0), lookup.key);
  if (context.negations > 0 && leadsToMany(context.joins.modelAt(0), path)) return someRow(lookup, context);
  // Django understands the right side first, which matters for the joins that the left side finds.
  const right = operand(lookup, context);
  const left = readPath(path, context, context.reusable);
  const test: Test = (joined) => testOf(path, lookup)(left(joined), right(joined), context.rules);
  if (context.negations % 2 === 0 || isNullTest(path, lookup)) return test;
  // NULL is neither equal nor different, but exclude() keeps it: so Django asks for a value beside the comparison.
  const guard = guardOf(lookup, context, right);
  return (joined) => and([test(joined), left(joined) !== null, guard(joined)]);
}

/** Under a negation a relation to many is asked as a whole: whether there is a row of which the lookup is true. */
function someRow(lookup: Lookup, context: Context): Test {
  const joins = new Joins(context.joins.modelAt(0));
  const outer = operand(lookup, context);
  const path = parsePath(joins.modelAt(0), lookup.key);
  const left = readPath(path, { ...context, joins }, new Set());
  return (joined) => {
    const [row] = joined;
    if (row === null) return false;
    const right = outer(joined);
    return joins
      .expand(context.data, row)
      .some((inner) => testOf(path, lookup)(left(inner), right, context.rules) === true);
  };
}

/** Comparing with null itself is Django's way to ask for NULL; with a column that is NULL it is not. */
function isNullTest({ operator }: Path, { value }: Lookup): boolean {
  return operator === "isnull" || ("literal" in value && value.literal === null);
}

function testOf(path: Path, lookup: Lookup): (left: unknown, right: unknown, rules: Rules) => Truth {
  if (path.operator !== "isnull" && isNullTest(path, lookup)) return (left) => left === null;
  return (left, right, rules) => compareValues(path, left, right, rules);
}

/** A column on the right may be NULL as well; of one that cannot, Django does not think, nor of a computation. */
function guardOf({ value }: Lookup, { joins }: Context, right: Reader): (joined: Joined) => boolean {
  if (!("expression" in value) || !("f" in value.expression)) return () => true;
  const { kind } = parsePath(joins.modelAt(0), value.expression.f);
  return kind.null ? (joined) => right(joined) !== null : () => true;
}

/** The value at the end of a path, after its transforms; null where there is no row. */
function readPath(
  { links, column, transforms: names }: Path,
  { joins }: Context,
  reusable: Set<number> | null,
): Reader {
  const place = links.reduce((at, name) => joins.step(at, name, reusable), 0);
  return (joined) => {
    const value = joined[place]?.[column] ?? null;
    return value === null ? null : names.reduce<unknown>((text, name) => transforms[name](text as string), value);
  };
}

function compareValues({ operator, kind }: Path, left: unknown, right: unknown, rules: Rules): Truth {
  const [a, b] = [comparable(left, kind.kind), right];
  if (operator === "isnull") return (left === null) === right;
  if (operator === "in")
    return isIn(
      a,
      (right as unknown[]).map((item) => comparable(item, kind.kind)),
    );
  if (operator === "range") {
    const [low, high] = right as unknown[];
    return and([
      compareBy("gte", a, comparable(low, kind.kind), rules),
      compareBy("lte", a, comparable(high, kind.kind), rules),
    ]);
  }
  return compareBy(operator, a, comparable(b, kind.kind), rules);
}

/** Decimals are texts that are compared as numbers, datetimes must have all their digits. */
export function comparable(value: unknown, kind: string): unknown {
  if (typeof value !== "string") return value;
  if (kind === "decimal") return Number(value);
  return kind === "datetime" ? withMicroseconds(value) : value;
}

function withMicroseconds(text: string): string {
  return /^\d{4}-.*Z$/.test(text) && !text.includes(".") ? text.replace("Z", ".000000Z") : text;
}

function operand({ value }: Lookup, context: Context): Reader {
  if ("literal" in value) return () => value.literal;
  if ("expression" in value) return readExpression(value.expression, context);
  const values = context.valuesOf(value.query);
  return () => values;
}

function readExpression(expression: Expression, context: Context): Reader {
  if ("value" in expression) return () => expression.value;
  if ("f" in expression) {
    const path = parsePath(context.joins.modelAt(0), expression.f);
    const read = readPath(path, context, context.reusable);
    return (joined) => comparable(read(joined), path.kind.kind);
  }
  const [left, right] = [readExpression(expression.left, context), readExpression(expression.right, context)];
  return (joined) => compute(expression.operator, left(joined), right(joined));
}

function compute(operator: "+" | "-" | "*", left: unknown, right: unknown): number | null {
  if (left === null || right === null) return null;
  const [a, b] = [Number(left), Number(right)];
  if (operator === "+") return a + b;
  return operator === "-" ? a - b : a * b;
}
