import { randomValue } from "./data.ts";
import type { Call, Condition, End, Expression, Lookup, Operand, Query } from "./query.ts";
import type { Random } from "./random.ts";
import { type Kind, type Link, schema } from "./schema.ts";

/** A place that a path leads to. */
interface Target {
  names: string[];
  /** The kind of the column at the end; null where the path ends at a relation to this model. */
  kind: Kind | null;
  model: string;
}

interface PathRules {
  /** How many relations to many may be on the way. */
  many: number;
  endsAt?: Kind | "relation" | "column";
}

const depths = [0, 0, 0, 1, 1, 1, 2, 2, 3];

/** A random path; null where the random steps led to nothing of the wanted kind. */
function randomPath(random: Random, model: string, { many, endsAt }: PathRules): Target | null {
  const names: string[] = [];
  let left = many;
  let at = model;
  const isAllowed = ([, link]: [string, Link]) => !link.many || left > 0;
  for (let depth = random.pick(depths); depth > 0; depth--) {
    const choices = Object.entries(schema[at].links).filter(isAllowed);
    const [name, link] = random.pick(choices);
    names.push(name);
    left -= link.many ? 1 : 0;
    at = link.to;
  }
  if (names.length > 0 && (endsAt === "relation" || (endsAt === undefined && random.chance(20)))) {
    return { names, kind: null, model: at };
  }
  const columns = Object.entries(schema[at].columns).filter(([, { kind }]) =>
    endsAt === undefined || endsAt === "column" ? true : kind === endsAt,
  );
  if (columns.length === 0 || endsAt === "relation") return null;
  const [name, { kind }] = random.pick(columns);
  return { names: [...names, name === "id" && random.chance(40) ? "pk" : name], kind, model: at };
}

function somePath(random: Random, model: string, rules: PathRules): Target {
  for (let attempt = 0; attempt < 20; attempt++) {
    const path = randomPath(random, model, rules);
    if (path) return path;
  }
  return { names: ["id"], kind: "integer", model };
}

const ordered = ["exact", "", "in", "gt", "gte", "lt", "lte", "range", "isnull", "null"];
const textual = "iexact contains icontains startswith istartswith endswith iendswith regex iregex".split(" ");
const operators: Readonly<Record<Kind, readonly string[]>> = {
  text: [...ordered, ...textual],
  integer: [...ordered, "", "contains", "startswith"],
  decimal: ordered,
  float: ordered,
  boolean: ["exact", "", "in", "isnull", "null"],
  date: ordered,
  datetime: ordered,
  uuid: ["exact", "", "in", "isnull", "null"],
  json: ["exact", "", "isnull"],
};

const dateParts = "year month day quarter isoYear week weekDay isoWeekDay".split(" ");
const timeParts = ["hour", "minute", "second"];
const partValues = [1, 2, 3, 4, 5, 6, 7, 9, 12, 23, 29, 30, 31, 45, 52, 53, 59, 2020, 2023, 2024];
const patterns = ["^a", "b$", "a.", "[ab]", "^$", "^.$", "é", "a|b", "%", "^[^a]*$", "A", "[a-c]b?", "1", "\\\\", "_"];

/** What is asked of one field, written as Django's keys are. */
function randomLookup(random: Random, model: string, isNegated: boolean): Lookup {
  const target = somePath(random, model, { many: 2 });
  const name = target.names.join("__");
  if (target.kind === null) return relationLookup(random, name, target.model);
  if (/(^|__)(pk|id|\w*Id)$/.test(name)) return keyLookup(random, name);
  const transform = random.chance(40) ? transformOf(random, target.kind) : null;
  if (transform) return transform(name);
  const operator = random.pick(operators[target.kind]);
  if (operator === "null") return { key: name, value: { literal: null } };
  const key = operator === "" ? name : `${name}__${operator}`;
  const computation =
    canCompute(operator) && random.chance(15) ? computed(random, model, key, target.kind, isNegated) : null;
  return (
    computation ?? {
      key,
      value: { literal: literalOf(random, operator, () => randomValue(random, target.kind as Kind)) },
    }
  );
}

function canCompute(operator: string): boolean {
  return ["", "exact", "gt", "gte", "lt", "lte"].includes(operator);
}

function literalOf(random: Random, operator: string, make: () => unknown): unknown {
  if (operator === "isnull") return random.chance(50);
  if (operator === "in") return random.many(0, 3, make);
  if (operator === "range") return [make(), make()];
  return operator === "regex" || operator === "iregex" ? random.pick(patterns) : make();
}

function transformOf(random: Random, kind: Kind): ((name: string) => Lookup) | null {
  if (kind !== "date" && kind !== "datetime") return null;
  const operator = random.pick(["", "exact", "in", "gt", "gte", "lt", "lte", "range"]);
  const lookup = (name: string, part: string, make: () => unknown): Lookup => ({
    key: [name, part, ...(operator === "" ? [] : [operator])].join("__"),
    value: { literal: literalOf(random, operator, make) },
  });
  const moment = () => randomValue(random, "datetime") as string;
  if (kind === "datetime" && random.chance(25)) return (name) => lookup(name, "date", () => moment().slice(0, 10));
  if (kind === "datetime" && random.chance(25)) return (name) => lookup(name, "time", () => moment().slice(11, -1));
  const part = random.pick(kind === "date" ? dateParts : [...dateParts, ...timeParts]);
  return (name) => lookup(name, part, () => random.pick(partValues));
}

/** Compared with another column of the same kind, or with what is computed from numbers. */
function computed(random: Random, model: string, key: string, kind: Kind, isNegated: boolean): Lookup | null {
  const many = isNegated || random.chance(70) ? 0 : 1;
  const column = (): Expression | null => {
    const path = randomPath(random, model, { many, endsAt: kind });
    return path && { f: path.names.join("__") };
  };
  const left = column();
  if (left === null || kind === "json") return null;
  if ((kind !== "integer" && kind !== "float") || random.chance(50)) return { key, value: { expression: left } };
  const operator = random.pick(["+", "-", "*"] as const);
  const right = (random.chance(50) ? column() : null) ?? { value: random.integer(-2, 3) };
  return { key, value: { expression: { operator, left, right } } };
}

function keyLookup(random: Random, name: string): Lookup {
  const id = () => random.integer(1, 9);
  const operator = random.pick(["", "exact", "in", "gt", "lte", "isnull"]);
  return {
    key: operator === "" ? name : `${name}__${operator}`,
    value: { literal: literalOf(random, operator, id) },
  };
}

function relationLookup(random: Random, name: string, model: string): Lookup {
  const id = () => random.integer(1, 9);
  return random.weighted<Lookup>(
    [3, () => ({ key: random.pick([name, `${name}__exact`]), value: { literal: id() } })],
    [2, () => ({ key: `${name}__in`, value: { literal: random.many(0, 3, id) } })],
    [3, () => ({ key: `${name}__isnull`, value: { literal: random.chance(50) } })],
    [1, () => ({ key: name, value: { literal: null } })],
    [2, () => ({ key: `${name}__in`, value: subQuery(random, model) })],
  );
}

/** Another query of the same model: its keys, or a column that holds keys. */
function subQuery(random: Random, model: string): Operand {
  const calls = random.many(0, 2, () => narrowing(random, model, 1));
  if (random.chance(75)) return { query: { model, calls, end: { end: "objects" } } };
  const end = { end: "values", names: [random.pick(["id", "pk"])] } as const;
  return { query: { model, calls, end } };
}

function randomCondition(random: Random, model: string, depth: number, isNegated: boolean): Condition {
  if (depth === 0 || random.chance(65)) return randomLookup(random, model, isNegated);
  const negated = random.chance(35);
  const make = () => randomCondition(random, model, depth - 1, isNegated || negated);
  return { connector: random.pick(["and", "or"]), negated, children: random.many(1, 3, make) };
}

function narrowing(random: Random, model: string, depth = 2): Call {
  const call = random.chance(60) ? "filter" : "exclude";
  const make = () => randomCondition(random, model, depth, call === "exclude");
  return { call, conditions: random.many(1, random.chance(70) ? 1 : 3, make) };
}

/** What a JSON document is ordered by, and how DISTINCT compares it, differs from database to database. */
function isPlain({ kind }: Target): boolean {
  return kind !== "json";
}

function orderName(random: Random, model: string): string {
  const path = somePath(random, model, { many: random.chance(85) ? 0 : 1 });
  return `${random.pick(["", "-"])}${(isPlain(path) ? path.names : ["id"]).join("__")}`;
}

function columnName(random: Random, model: string): string {
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

function slices(random: Random): Call[] {
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

/** A random query of any model. */
export function randomQuery(random: Random): Query {
  const model = random.pick(Object.keys(schema));
  const calls = [...random.many(0, 3, () => narrowing(random, model)), ...arranging(random, model)];
  const isSliced = random.chance(20);
  if (isSliced) calls.push(...slices(random));
  return { model, calls, end: randomEnd(random, model, isSliced) };
}
