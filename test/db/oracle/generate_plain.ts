import { narrowing, somePath, type Target } from "./generate_lookups.ts";
import type { Call, End, Query } from "./query.ts";
import type { Random } from "./random.ts";
import { schema } from "./schema.ts";

/** What a JSON document is ordered by, and how DISTINCT compares it, differs from database to database. */
function isPlain({ kind }: Target): boolean {
  return kind !== "json";
}

export function orderName(random: Random, model: string): string {
  const path = somePath(random, model, { many: random.chance(85) ? 0 : 1 });
  return `${random.pick(["", "-"])}${(isPlain(path) ? path.names : ["id"]).join("__")}`;
}

export function columnName(random: Random, model: string): string {
  const path = somePath(random, model, { many: random.chance(70) ? 0 : 1 });
  return (isPlain(path) ? path.names : ["id"]).join("__");
}

function arranging(random: Random, model: string): Call[] {
  const calls: Call[] = [];
  if (random.chance(50)) calls.push({ call: "orderBy", names: random.many(0, 3, () => orderName(random, model)) });
  if (random.chance(15)) calls.push({ call: "reverse" });
  if (random.chance(5)) calls.push({ call: "orderBy", names: [orderName(random, model)] });
  if (random.chance(15)) calls.push({ call: "distinct" });
  return calls;
}

export function slices(random: Random): Call[] {
  return random.many(1, random.chance(80) ? 1 : 2, (): Call => {
    const start = random.integer(0, 3);
    return { call: "slice", start, stop: random.chance(80) ? random.integer(start, start + 5) : null };
  });
}

function randomEnd(random: Random, model: string, isSliced: boolean): End {
  return random.weighted<End>(
    [8, () => ({ end: "objects" })],
    [4, () => ({ end: "values", names: [...new Set(random.many(1, 3, () => columnName(random, model)))] })],
    [3, () => ({ end: "valuesList", names: [...new Set(random.many(1, 3, () => columnName(random, model)))] })],
    [2, () => ({ end: "flat", name: columnName(random, model) })],
    [4, () => ({ end: "count" })],
    [2, () => ({ end: "exists" })],
    [isSliced ? 0 : 1, () => ({ end: "first" })],
    [isSliced ? 0 : 1, () => ({ end: "last" })],
    [isSliced ? 0 : 1, () => ({ end: "get" })],
  );
}

/** A query without expressions. */
export function plainQuery(random: Random): Query {
  const model = random.pick(Object.keys(schema));
  const calls = [...random.many(0, 3, () => narrowing(random, model)), ...arranging(random, model)];
  const isSliced = random.chance(20);
  if (isSliced) calls.push(...slices(random));
  return { model, calls, end: randomEnd(random, model, isSliced) };
}
