import type { BoundExpression, Visit } from "../expressions/base.ts";
import type { Condition, Leaf } from "./conditions.ts";
import type { QueryState, SubQuery } from "./query_state.ts";

/** The values of a query, in an order that depends on its shape only. */
export function valuesOf(state: QueryState, assigned: readonly BoundExpression[] = []): unknown[] {
  const values: unknown[] = [];
  visitAll(state, assigned, (_holder, value) => values.push(value));
  return values;
}

/** Where each object's value stands in {@link valuesOf}. */
export function indexValues(state: QueryState, assigned: readonly BoundExpression[] = []): Map<object, number> {
  const indexes = new Map<object, number>();
  let count = 0;
  visitAll(state, assigned, (holder) => {
    // The limit and the offset of a query have one holder, which stands for the first of them.
    if (holder !== offsetOf) indexes.set(holder, count);
    count++;
  });
  return indexes;
}

const offsetOf = {};

function visitAll(state: QueryState, assigned: readonly BoundExpression[], visit: Visit): void {
  for (const expression of assigned) expression.visit(visit);
  visitQuery(state, visit);
}

export function visitQuery(state: QueryState, visit: Visit): void {
  for (const { expression } of state.annotations.values()) expression.visit(visit);
  for (const condition of state.where) visitCondition(condition, visit);
  for (const term of state.order ?? []) if (typeof term !== "string") term.expression.visit(visit);
  for (const part of state.combined?.parts ?? []) visitQuery(part, visit);
  visit(state, state.stop === null ? null : state.stop - state.start);
  visit(offsetOf, state.start);
}

export function visitCondition(condition: Condition, visit: Visit): void {
  if (condition.type === "test") condition.expression.visit(visit);
  else if (condition.type === "leaf") visitLeaf(condition, visit);
  else for (const child of condition.children) visitCondition(child, visit);
}

function visitLeaf(leaf: Leaf, visit: Visit): void {
  const { form, value, left } = leaf;
  left?.visit(visit);
  if (form === "query") visitQuery((value as SubQuery).queryState, visit);
  else if (form === "expression") (value as BoundExpression).visit(visit);
  else if (form === "expressions") for (const item of value as BoundExpression[]) item.visit(visit);
  else visit(leaf, value);
}
