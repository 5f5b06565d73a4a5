import { type Condition, isSubQuery } from "./conditions.ts";
import { Combined, type Expression, Value } from "./expressions.ts";
import type { QueryState } from "./query_state.ts";

/** Told of each value of a query and of the object that holds it. */
type Visit = (holder: object, value: unknown) => void;

/** The values of a query, in an order that depends on its shape only. */
export function valuesOf(state: QueryState, assigned: readonly Expression[] = []): unknown[] {
  const values: unknown[] = [];
  walk(state, assigned, (_holder, value) => values.push(value));
  return values;
}

/** Where each object's value stands in {@link valuesOf}. */
export function indexValues(state: QueryState, assigned: readonly Expression[] = []): Map<object, number> {
  const indexes = new Map<object, number>();
  let count = 0;
  walk(state, assigned, (holder) => {
    // The limit and the offset of a query have one holder, which stands for the first of them.
    if (holder !== offsetOf) indexes.set(holder, count);
    count++;
  });
  return indexes;
}

const offsetOf = {};

function walk(state: QueryState, assigned: readonly Expression[], visit: Visit): void {
  for (const expression of assigned) walkExpression(expression, visit);
  for (const { filter } of state.annotations.values()) if (filter) walkCondition(filter, visit);
  for (const condition of state.where) walkCondition(condition, visit);
  visit(state, state.stop === null ? null : state.stop - state.start);
  visit(offsetOf, state.start);
}

function walkCondition(condition: Condition, visit: Visit): void {
  if (condition.type === "group") {
    for (const child of condition.children) walkCondition(child, visit);
  } else if (condition.form === "query" && isSubQuery(condition.value)) {
    walk(condition.value.queryState, [], visit);
  } else if (condition.form === "expression") {
    walkExpression(condition.value as Expression, visit);
  } else {
    visit(condition, condition.value);
  }
}

function walkExpression(expression: Expression, visit: Visit): void {
  if (expression instanceof Value) visit(expression, expression.value);
  if (!(expression instanceof Combined)) return;
  walkExpression(expression.left, visit);
  walkExpression(expression.right, visit);
}
