import { randomValue } from "./data.ts";
import type { Call, Condition, Expression, Lookup, Operand } from "./query.ts";
import type { Random } from "./random.ts";
import { type Kind, type Link, schema } from "./schema.ts";

/** A place that a path leads to. */
export interface Target {
  names: string[];
  /** The kind of the column at the end; null where the path ends at a relation to this model. */
  kind: Kind | null;
  model: string;
}

export interface PathRules {
  /** How many relations to many may be on the way. */
  many: number;
  endsAt?: Kind | "relation" | "column";
}

const depths = [0, 0, 0, 1, 1, 1, 2, 2, 3];

/** A random path; null where the random steps led to nothing of the wanted kind. */
export function randomPath(random: Random, model: string, { many, endsAt }: PathRules): Target | null {
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

export function somePath(random: Random, model: string, rules: PathRules): Target {
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

/** What conditions may be made of. */
export interface ConditionRules {
  /** How many relations to many may be on the way to a column. */
  many: number;
  isNegated: boolean;
  /** Compared with values only. */
  plain?: boolean;
}

/** What is asked of one field, written as Django's keys are. */
export function randomLookup(random: Random, model: string, rules: ConditionRules): Lookup {
  const target = somePath(random, model, rules);
  const name = target.names.join("__");
  if (target.kind === null) return relationLookup(random, name, target.model, rules);
  if (/(^|__)(pk|id|\w*Id)$/.test(name)) return keyLookup(random, name);
  const transform = random.chance(40) ? transformOf(random, target.kind) : null;
  if (transform) return transform(name);
  const operator = random.pick(operators[target.kind]);
  if (operator === "null") return { key: name, value: { literal: null } };
  const key = operator === "" ? name : `${name}__${operator}`;
  const computation =
    !rules.plain && canCompute(operator) && random.chance(15) ? computed(random, model, key, target.kind, rules) : null;
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
function computed(random: Random, model: string, key: string, kind: Kind, rules: ConditionRules): Lookup | null {
  const many = rules.isNegated || rules.many === 0 || random.chance(70) ? 0 : 1;
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

function relationLookup(random: Random, name: string, model: string, { plain }: ConditionRules): Lookup {
  const id = () => random.integer(1, 9);
  return random.weighted<Lookup>(
    [3, () => ({ key: random.pick([name, `${name}__exact`]), value: { literal: id() } })],
    [2, () => ({ key: `${name}__in`, value: { literal: random.many(0, 3, id) } })],
    [3, () => ({ key: `${name}__isnull`, value: { literal: random.chance(50) } })],
    [1, () => ({ key: name, value: { literal: null } })],
    [plain ? 0 : 2, () => ({ key: `${name}__in`, value: subQuery(random, model) })],
  );
}

/** Another query of the same model: its keys, or a column that holds keys. */
function subQuery(random: Random, model: string): Operand {
  const calls = random.many(0, 2, () => narrowing(random, model, 1));
  if (random.chance(75)) return { query: { model, calls, end: { end: "objects" } } };
  const end = { end: "values", names: [random.pick(["id", "pk"])] } as const;
  return { query: { model, calls, end } };
}

export function randomCondition(random: Random, model: string, depth: number, rules: ConditionRules): Condition {
  if (depth === 0 || random.chance(65)) return randomLookup(random, model, rules);
  const negated = random.chance(35);
  const make = () => randomCondition(random, model, depth - 1, { ...rules, isNegated: rules.isNegated || negated });
  return { connector: random.pick(["and", "or"]), negated, children: random.many(1, 3, make) };
}

/** A `filter()` or an `exclude()`. */
export function narrowing(random: Random, model: string, depth = 2, many = 2): Call {
  const call = random.chance(60) ? "filter" : "exclude";
  const make = () => randomCondition(random, model, depth, { many, isNegated: call === "exclude" });
  return { call, conditions: random.many(1, random.chance(70) ? 1 : 3, make) };
}
