import type { Outer } from "./context.ts";
import { comparable } from "./expressions.ts";
import { compareKeys } from "./order.ts";
import { parsePath } from "./paths.ts";
import { type Call, groupedBy, type Query } from "./query.ts";
import type { Rules } from "./rules.ts";
import { type Data, schema } from "./schema.ts";
import { type Made, Understood } from "./understood.ts";

/** Rows in their order; rows in one group may come in any order among themselves. */
export interface Answer {
  groups: readonly (readonly unknown[])[];
  start: number;
  stop: number | null;
}

/** What a query must answer: rows, or one value. */
export function ask(query: Query, data: Data, rules: Rules): Answer | { value: unknown } {
  const combination = query.calls.find(isCombination);
  if (combination) return askCombined(query, combination, data, rules);
  const understood = understand(query, data, rules, null);
  const { end } = query;
  const { columns } = understood;
  if (end.end === "count") return { value: total(answer(understood, columns, understood.isSliced)) };
  if (end.end === "exists") return { value: total(answer(understood, columns, false)) > 0 };
  if (end.end === "get") return { value: onlyRow(answer(understood, columns, false)) };
  if (end.end === "aggregate") return { value: understood.aggregate(end.expressions) };
  if (end.end === "flat") return answer(understood, [end.name]);
  if (end.end === "values" || end.end === "valuesList") return answer(understood, end.names);
  if (end.end === "objects" || end.end === "rows") return answer(understood, columns);
  if (!understood.isOrdered) understood.orderBy(["id"]);
  if (end.end === "last") understood.reverse();
  return { ...answer(understood, columns), start: 0, stop: 1 };
}

function understand(query: Query, data: Data, rules: Rules, outer: Outer | null): Understood {
  return new Understood(query, data, rules, outer, (inner, row) => valuesOf(inner, data, rules, row));
}

/** The one column that a query inside another one gives, the key where it names none. */
function valuesOf(query: Query, data: Data, rules: Rules, outer: Outer): unknown[] {
  const name = "names" in query.end ? query.end.names[0] : "id";
  const understood = understand(query, data, rules, outer);
  const rows = understood.rows([name]).slice(understood.start, understood.stop ?? undefined);
  const { kind } = parsePath(query.model, name).kind;
  return rows.map(({ values: [value] }) => comparable(value, kind));
}

function answer(understood: Understood, columns: readonly string[], isOrdered = true): Answer {
  const groups = grouped(understood.rows(columns, isOrdered));
  return { groups, start: understood.start, stop: understood.stop };
}

function grouped(rows: readonly Made[]): unknown[][] {
  const groups: { key: string; rows: unknown[] }[] = [];
  for (const { values, keys } of rows) {
    const key = JSON.stringify(keys);
    const last = groups.at(-1);
    if (last?.key === key) last.rows.push(values);
    else groups.push({ key, rows: [values] });
  }
  return groups.map((group) => group.rows);
}

function total({ groups, start, stop }: Answer): number {
  const all = groups.reduce((sum, rows) => sum + rows.length, 0);
  return Math.max(0, Math.min(all, stop ?? all) - start);
}

function onlyRow(found: Answer): unknown {
  const count = total(found);
  if (count === 1) return found.groups.flat()[0];
  return count === 0 ? "DoesNotExist" : "MultipleObjectsReturned";
}

type Combination = Extract<Call, { others: unknown }>;

function isCombination(call: Call): call is Combination {
  return "others" in call;
}

/** The rows of several queries, as sets or, with `all`, as they are; then ordered by their own columns, and sliced. */
function askCombined(
  query: Query,
  { call, others, all }: Combination,
  data: Data,
  rules: Rules,
): Answer | { value: unknown } {
  const at = query.calls.findIndex(isCombination);
  const columns = groupedBy(query) ?? Object.keys(schema[query.model].columns);
  const parts = [{ ...query, calls: query.calls.slice(0, at) }, ...others].map((part) => {
    return understand(part, data, rules, null).rows(columns, false);
  });
  const rows = combine(call, all, parts);
  const after = query.calls.slice(at + 1);
  const names = after.flatMap((next) => (next.call === "orderBy" ? next.names : []));
  const terms = names.map((name) => ({
    descending: name.startsWith("-"),
    index: columns.indexOf(name.replace(/^-/, "")),
  }));
  for (const row of rows) row.keys = terms.map(({ index }) => row.values[index]);
  rows.sort((left, right) => compareKeys(terms, rules, left.keys, right.keys));
  const slice = after.find((next) => next.call === "slice");
  const found: Answer = { groups: grouped(rows), start: slice?.start ?? 0, stop: slice?.stop ?? null };
  return query.end.end === "count" ? { value: total(found) } : found;
}

function combine(operator: Combination["call"], all: boolean, parts: readonly Made[][]): Made[] {
  if (operator === "union" && all) return parts.flat();
  const [first, ...rest] = parts.map((rows) => new Map(rows.map((row) => [JSON.stringify(row.values), row])));
  if (operator === "union") return [...new Map([...first, ...rest.flatMap((rows) => [...rows])]).values()];
  const isKept = (key: string) =>
    operator === "intersection" ? rest.every((rows) => rows.has(key)) : !rest.some((rows) => rows.has(key));
  return [...first].filter(([key]) => isKept(key)).map(([, row]) => row);
}
