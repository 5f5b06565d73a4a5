import type { Call, Condition, End, Query } from "./query.ts";
import { isGroup } from "./query.ts";

/** Queries that say a little less: what a failing one is replaced by as long as it still fails. */
export function* simpler(query: Query): Generator<Query> {
  for (const calls of without(query.calls, 0)) yield { ...query, calls };
  for (const [index, call] of query.calls.entries()) {
    for (const simple of simplerCall(call)) yield { ...query, calls: query.calls.with(index, simple) };
  }
  for (const end of simplerEnd(query.end)) yield { ...query, end };
}

function* without<T>(items: readonly T[], atLeast: number): Generator<readonly T[]> {
  if (items.length <= atLeast) return;
  for (const index of items.keys()) yield items.toSpliced(index, 1);
}

function* simplerCall(call: Call): Generator<Call> {
  if (call.call === "annotate" || call.call === "alias") {
    for (const kept of without(Object.entries(call.expressions), 1)) {
      yield { ...call, expressions: Object.fromEntries(kept) };
    }
  }
  if (call.call === "orderBy") for (const names of without(call.names, 0)) yield { ...call, names };
  if (call.call !== "filter" && call.call !== "exclude") return;
  for (const conditions of without(call.conditions, 1)) yield { ...call, conditions };
  for (const [index, condition] of call.conditions.entries()) {
    for (const simple of simplerCondition(condition)) {
      yield { ...call, conditions: call.conditions.with(index, simple) };
    }
  }
}

function* simplerCondition(condition: Condition): Generator<Condition> {
  if (isGroup(condition)) {
    yield* condition.children;
    for (const children of without(condition.children, 1)) yield { ...condition, children };
    for (const [index, child] of condition.children.entries()) {
      for (const simple of simplerCondition(child)) {
        yield { ...condition, children: condition.children.with(index, simple) };
      }
    }
    return;
  }
  if ("exists" in condition) {
    for (const exists of simpler(condition.exists)) yield { ...condition, exists };
    return;
  }
  const { key, value } = condition;
  if ("query" in value) for (const query of simpler(value.query)) yield { key, value: { query } };
  if ("literal" in value && key.endsWith("__in")) {
    for (const literal of without(value.literal as unknown[], 0)) yield { key, value: { literal } };
  }
  if ("expression" in value && "operator" in value.expression) {
    const { left, right } = value.expression;
    yield { key, value: { expression: left } };
    yield { key, value: { expression: right } };
  }
}

function* simplerEnd(end: End): Generator<End> {
  if ("names" in end) for (const names of without(end.names, 1)) yield { ...end, names };
  if (end.end !== "objects") yield { end: "objects" };
}
