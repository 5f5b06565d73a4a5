import { type Annotation, type Context, type Reader, type Test, unitOf } from "./context.ts";
import { comparable, readPath } from "./expressions.ts";
import { Joins } from "./joins.ts";
import { and, not, or, type Truth } from "./logic.ts";
import { compareBy, isIn } from "./operators.ts";
import { leadsToMany, type Path, parsePath } from "./paths.ts";
import { type Condition, isGroup, type Lookup } from "./query.ts";
import type { Rules } from "./rules.ts";
import { type Row, schema } from "./schema.ts";

/** Makes a test of a condition; the joins that it takes are added on the way. */
export function understand(condition: Condition, context: Context): Test {
  if ("exists" in condition) {
    const read = context.read(condition, context);
    return (unit) => read(unit) as boolean;
  }
  if (!isGroup(condition)) return understandLookup(condition, context);
  const inner = { ...context, negations: context.negations + (condition.negated ? 1 : 0) };
  const tests = condition.children.map((child) => understand(child, inner));
  const join = condition.connector === "and" ? and : or;
  const joined: Test = (unit) => join(tests.map((test) => test(unit)));
  return condition.negated ? (unit) => not(joined(unit)) : joined;
}

function understandLookup(lookup: Lookup, context: Context): Test {
  const [name, ...rest] = lookup.key.split("__");
  const annotation = context.annotations.get(name);
  if (annotation) return understandAnnotation(annotation, rest, lookup, context);
  const model = context.joins.modelAt(0);
  const path = parsePath(model, lookup.key);
  if (context.splits && context.negations > 0 && leadsToMany(model, path)) return someRow(lookup, context);
  // Django understands the right side first, which matters for the joins that the left side finds.
  const right = operand(lookup, context);
  const left = readPath(path, context);
  const test: Test = (unit) => testOf(path, lookup)(left(unit), right(unit), context.rules);
  if (context.negations % 2 === 0 || isNullTest(path, lookup)) return test;
  // NULL is neither equal nor different, but exclude() keeps it: so Django asks for a value beside the comparison.
  const guard = guardOf(lookup, context, right);
  return (unit) => and([test(unit), left(unit) !== null, guard(unit)]);
}

/** For what is annotated Django does not think of NULL. */
function understandAnnotation(
  { column, read }: Annotation,
  rest: readonly string[],
  lookup: Lookup,
  context: Context,
): Test {
  const right = operand(lookup, context);
  const path: Path = { links: [], column: "", kind: column, transforms: [], operator: rest[0] ?? "exact" };
  const test = testOf(path, lookup);
  return (unit) => test(read(unit), right(unit), context.rules);
}

/**
 * Under a negation a relation to many is asked as a whole: whether there is a row of which the lookup is true. Where the
 * same `filter()` has spoken of a row of that relation before, it is that row.
 */
function someRow(lookup: Lookup, context: Context): Test {
  const outer = operand(lookup, context);
  const path = parsePath(context.joins.modelAt(0), lookup.key);
  const { place, links } = beginning(path, lookup, context);
  const joins = new Joins(context.joins.modelAt(place));
  const left = readPath({ ...path, links }, { ...context, joins, reusable: new Set() });
  const test = testOf(path, lookup);
  return (unit) => {
    const row = unit.joined[place];
    if (row === null) return false;
    const right = outer(unit);
    return joins.expand(context.data, row).some((joined) => test(left(unitOf(joined)), right, context.rules) === true);
  };
}

/** Where the path begins: at the query's own row, or at the one of the first relation to many that is known already. */
function beginning({ links, operator }: Path, { value }: Lookup, context: Context) {
  const { joins, reusable } = context;
  const own = { place: 0, links };
  const isNull = "literal" in value && (value.literal === null || (operator === "isnull" && value.literal === true));
  if (isNull || reusable === null) return own;
  let place = 0;
  for (const [index, name] of links.entries()) {
    if (schema[joins.modelAt(place)].links[name].many) {
      const known = joins.find(place, name, reusable);
      return known === null ? own : { place: known, links: links.slice(index + 1) };
    }
    place = joins.step(place, name, null);
  }
  return own;
}

/** Comparing with null itself is Django's way to ask for NULL; with a column that is NULL it is not. */
function isNullTest({ operator }: Path, { value }: Lookup): boolean {
  return operator === "isnull" || ("literal" in value && value.literal === null);
}

/** A column on the right may be NULL as well; of one that cannot, Django does not think, nor of a computation. */
function guardOf(
  { value }: Lookup,
  { joins, annotations }: Context,
  right: Reader,
): (unit: Parameters<Test>[0]) => boolean {
  if (!("expression" in value) || !("f" in value.expression)) return () => true;
  if (annotations.has(value.expression.f)) return () => true;
  const { kind } = parsePath(joins.modelAt(0), value.expression.f);
  return kind.null ? (unit) => right(unit) !== null : () => true;
}

function testOf(path: Path, lookup: Lookup): (left: unknown, right: unknown, rules: Rules) => Truth {
  if (path.operator !== "isnull" && isNullTest(path, lookup)) return (left) => left === null;
  return (left, right, rules) => compareValues(path, left, right, rules);
}

function compareValues({ operator, kind }: Path, given: unknown, right: unknown, rules: Rules): Truth {
  const turn = (value: unknown) => comparable(value, kind.kind);
  const left = turn(given);
  if (operator === "isnull") return (left === null) === right;
  if (operator === "in") return isIn(left, (right as unknown[]).map(turn));
  if (operator !== "range") return compareBy(operator, left, turn(right), rules);
  const [low, high] = (right as unknown[]).map(turn);
  return and([compareBy("gte", left, low, rules), compareBy("lte", left, high, rules)]);
}

function operand({ value }: Lookup, context: Context): Reader {
  if ("literal" in value) return () => value.literal;
  if ("expression" in value) return context.read(value.expression, context);
  const model = context.joins.modelAt(0);
  return ({ joined }) => context.valuesOf(value.query, { model, row: joined[0] as Row });
}
