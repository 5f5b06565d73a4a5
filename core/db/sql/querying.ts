// How the methods of a queryset change what it asks for.
import { FieldError, NotSupportedError } from "../../exceptions.ts";
import { type BoundExpression, bindOrder, Expression, OrderBy } from "../expressions/base.ts";
import { type ConditionInput, QNode } from "../expressions/q.ts";
import { makesAggregate, QueryBinder } from "./binding.ts";
import { buildConditions, buildLeaf, type Condition, type Group, group } from "./conditions.ts";
import { walkPath } from "./lookup_path.ts";
import { checkOrder } from "./ordering.ts";
import { valueNames } from "./plans.ts";
import type { Annotation, Combination, OrderTerm, QueryState } from "./query_state.ts";

/** What may be ordered by: names, `-` for descending, and expressions. */
export type OrderInput = string | Expression | OrderBy;

/** Throws a NotSupportedError where rows of several queries are put together, which little can be done with. */
export function notCombined(state: QueryState, method: string): QueryState {
  if (!state.combined) return state;
  const name = { UNION: "union", INTERSECT: "intersection", EXCEPT: "difference" }[state.combined.operator];
  throw new NotSupportedError(`Calling QuerySet.${method}() after ${name}() is not supported.`);
}

/** Throws a FieldError once a slice has been taken. */
export function notSliced(state: QueryState, what: string): QueryState {
  if (!state.isSliced) return state;
  throw new FieldError(`Cannot ${what} once a slice has been taken.`);
}

export function narrowed(state: QueryState, conditions: readonly ConditionInput[], negated: boolean): QueryState {
  notCombined(notSliced(state, "filter a query"), negated ? "exclude" : "filter");
  return withCondition(state, buildConditions(new QueryBinder(state), conditions, negated));
}

/** {@link narrowed} by one lookup. */
export function narrowedBy(state: QueryState, path: string, value: unknown): QueryState {
  notCombined(notSliced(state, "filter a query"), "filter");
  return withCondition(state, group("and", [buildLeaf(new QueryBinder(state), path, value)], { scope: true }));
}

function withCondition(state: QueryState, added: Group): QueryState {
  const isScoped = state.isScoped || saysSomething(added);
  if (!state.sticky) return state.with({ where: [...state.where, added], isScoped });
  const manager = state.where[state.where.length - 1];
  const together = added.negated ? [group("and", added.children, { negated: true })] : added.children;
  const both = group("and", [manager, ...together], { scope: true });
  return state.with({ where: [...state.where.slice(0, -1), both], isScoped, sticky: false });
}

function saysSomething(condition: Condition): boolean {
  return condition.type !== "group" || condition.children.some(saysSomething);
}

export function ordered(state: QueryState, terms: readonly OrderInput[]): QueryState {
  notSliced(state, "reorder a query");
  return state.with({ order: terms.map((term) => orderTerm(state, term)) });
}

function orderTerm(state: QueryState, term: OrderInput): OrderTerm {
  if (typeof term === "string") {
    checkOrder(state, term);
    return term;
  }
  if (term instanceof Expression || term instanceof OrderBy) return bindOrder(term, new QueryBinder(state));
  throw new FieldError(`orderBy() takes names and expressions, not ${String(term)}.`);
}

/** What `annotate()`, `alias()` and `aggregate()` take. */
export type AnnotationInput = Expression | QNode;

export function annotated(
  state: QueryState,
  given: Readonly<Record<string, AnnotationInput>>,
  hidden: boolean,
): QueryState {
  notCombined(state, hidden ? "alias" : "annotate");
  let next = state;
  for (const [name, expression] of Object.entries(given)) next = withAnnotation(next, name, expression, hidden);
  return next;
}

function withAnnotation(state: QueryState, name: string, input: AnnotationInput, hidden: boolean): QueryState {
  checkAnnotationName(state, name);
  const expression = boundAnnotation(state, name, input);
  const grouped = state.values !== null;
  const annotation: Annotation = { expression, grouped, within: state.where, hidden };
  const annotations = new Map(state.annotations).set(name, annotation);
  if (!grouped) return state.with({ annotations });
  const groups = makesAggregate(expression) ? groupNames(state) : state.groupBy;
  const values = hidden || state.values?.length === 0 ? state.values : [...(state.values ?? []), name];
  return state.with({ annotations, values, groupBy: groups, selectedAt: state.where.length });
}

export function boundAnnotation(state: QueryState, name: string, input: AnnotationInput): BoundExpression {
  const binder = new QueryBinder(state);
  if (input instanceof QNode) return binder.condition(input);
  if (input instanceof Expression) return input.bind(binder);
  throw new FieldError(`"${name}" must be an expression such as Count("books"), not ${String(input)}.`);
}

/** Rows are grouped by what they were reduced to before. */
function groupNames(state: QueryState): readonly string[] {
  if (state.groupBy !== null) return state.groupBy;
  return valueNames(state).filter((name) => {
    const known = state.annotations.get(name);
    return !known?.grouped || !known.expression.aggregate;
  });
}

function checkAnnotationName({ model, annotations }: QueryState, name: string): void {
  if (model._meta.byName.has(name) || model._meta.getRelated(name)) {
    throw new FieldError(`The annotation "${name}" conflicts with a field of ${model._meta.label}.`);
  }
  if (annotations.has(name)) throw new FieldError(`The annotation "${name}" is there already.`);
  checkAlias(name);
}

/** Names that could be read as lookups are none, and Django refuses other ones that could be read as SQL as well. */
export function checkAlias(name: string): void {
  if (/^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(name) && !name.includes("__")) return;
  throw new FieldError(`"${name}" cannot be the name of an annotation.`, {
    hint: "Use letters, digits and single underscores.",
  });
}

/** Throws a FieldError for a name that no column has. */
export function checkValues(state: QueryState, names: readonly string[]): readonly string[] {
  const binder = new QueryBinder(state);
  for (const name of names) binder.name(name);
  return [...names];
}

export function withValues(state: QueryState, names: readonly string[], rows: QueryState["rows"]): QueryState {
  const values = checkValues(state, names);
  const { combined } = state;
  const parts = combined?.parts.map((part) => withValues(part, names, rows));
  return state.with({
    values,
    rows,
    selectedAt: state.where.length,
    ...(combined && parts ? { combined: { ...combined, parts } } : {}),
  });
}

/** Queries as one. Its rows are of the first one's model, and look as the first one's. */
export function combined(
  state: QueryState,
  operator: Combination["operator"],
  others: readonly QueryState[],
  all: boolean,
): QueryState {
  const [first, ...parts] = [state, ...others].filter((part) => operator !== "UNION" || !part.isEmpty);
  if (!first) return state;
  const isNothing = operator === "INTERSECT" ? [first, ...parts].some((part) => part.isEmpty) : first.isEmpty;
  if (isNothing) return state.with({ isEmpty: true });
  const rest = parts.filter((part) => !part.isEmpty);
  if (rest.length === 0) return first;
  const { model, db, values, rows, hints } = first;
  return first.with({
    ...{ where: [], order: [], reversed: false, start: 0, stop: null, distinct: false, groupBy: null, locking: null },
    ...{ model, db, values, rows, hints, isScoped: true, combined: { operator, all, parts: [first, ...rest] } },
  });
}

/** Throws a FieldError unless every name is a column of the model itself. */
export function checkColumns(state: QueryState, names: readonly string[], method: string): readonly string[] {
  for (const name of names) {
    const { rest } = walkPath(state.model, name);
    if (rest.length > 0) throw new FieldError(`${method}() takes columns, which "${name}" is not.`);
  }
  return names;
}
