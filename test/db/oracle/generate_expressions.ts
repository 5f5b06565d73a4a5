import { randomValue } from "./data.ts";
import { randomCondition, randomLookup, randomPath } from "./generate_lookups.ts";
import type { Aggregate, Condition, Existence, Expression, Lookup, Query } from "./query.ts";
import type { Random } from "./random.ts";
import { type Kind, type Link, schema } from "./schema.ts";

/** An expression and what it gives. */
export interface Typed {
  kind: Kind;
  expression: Expression;
}

/** Of texts there are two kinds of columns, and of numbers keys, which Django does not mix in one expression. */
function isMixable(path: string): boolean {
  return !/(^|__)(bio|text|pk|id|\w+Id)$/.test(path);
}

/** Kinds whose values can stand in an expression without being told what they are. */
const literalKinds: readonly Kind[] = ["integer", "float", "text", "boolean"];
const kinds: readonly Kind[] = [...literalKinds, "integer", "text", "date", "datetime", "decimal"];

function column(random: Random, model: string, kind: Kind): Expression | null {
  const path = randomPath(random, model, { many: 0, endsAt: kind });
  const name = path?.names.join("__");
  return name !== undefined && isMixable(name) ? { f: name } : null;
}

function literal(random: Random, kind: Kind): Expression {
  // A whole number is a whole number, since JavaScript knows no 2.0.
  if (kind === "float") return { value: random.integer(-2, 3) + 0.5, kind };
  return { value: randomValue(random, kind), kind };
}

/** What is computed from a row and those that it refers to. */
export function rowExpression(random: Random, model: string): Typed {
  for (;;) {
    const kind = random.pick(kinds);
    const expression = ofKind(random, model, kind, 2);
    if (expression) return { kind, expression };
  }
}

function ofKind(random: Random, model: string, kind: Kind, depth: number): Expression | null {
  const isLiteral = literalKinds.includes(kind);
  const isNumber = kind === "integer" || kind === "float";
  return random.weighted<Expression | null>(
    [3, () => column(random, model, kind)],
    [isNumber && depth > 0 ? 3 : 0, () => arithmetic(random, model, kind, depth)],
    [isLiteral && depth > 0 ? 2 : 0, () => choice(random, model, kind, depth)],
    [depth > 0 ? 2 : 0, () => ofTwo(random, model, kind, depth)],
    [depth > 0 && (kind === "text" || kind === "integer") ? 2 : 0, () => ofText(random, model, kind, depth)],
    [depth > 0 ? 2 : 0, () => valueOfOthers(random, model, kind)],
    [kind === "boolean" ? 4 : 0, () => existence(random, model)],
  );
}

function arithmetic(random: Random, model: string, kind: Kind, depth: number): Expression | null {
  const left = ofKind(random, model, kind, depth - 1);
  const right = random.chance(50) ? literal(random, kind) : ofKind(random, model, kind, depth - 1);
  return left && right && { operator: random.pick(["+", "-", "*"]), left, right };
}

function choice(random: Random, model: string, kind: Kind, depth: number): Expression {
  const part = () => ofKind(random, model, kind, depth - 1) ?? literal(random, kind);
  const rules = { many: 0, isNegated: false };
  const whens = random.many(1, 2, () => ({ when: randomCondition(random, model, 1, rules), result: part() }));
  return { whens, otherwise: random.chance(60) ? part() : null, kind };
}

function ofTwo(random: Random, model: string, kind: Kind, depth: number): Expression | null {
  const first = ofKind(random, model, kind, depth - 1);
  const isLiteral = literalKinds.includes(kind) && random.chance(50);
  const second = isLiteral ? literal(random, kind) : ofKind(random, model, kind, depth - 1);
  const names = kind === "boolean" ? (["Coalesce"] as const) : (["Coalesce", "Greatest", "Least", "NullIf"] as const);
  return first && second && { call: random.pick(names), args: [first, second] };
}

/** A text made of texts, or what is counted in one. */
function ofText(random: Random, model: string, kind: Kind, depth: number): Expression | null {
  if (kind === "integer" && random.chance(40)) {
    const number = ofKind(random, model, kind, depth - 1);
    return number && { call: "Abs", args: [number] };
  }
  const text = ofKind(random, model, "text", depth - 1);
  if (text === null) return null;
  if (kind === "integer") return { call: "Length", args: [text] };
  if (random.chance(60)) return { call: random.pick(["Upper", "Lower"]), args: [text] };
  return { call: "Concat", args: [text, literal(random, "text")] };
}

/** The relations by whose other side rows refer to this one. */
function referring(model: string): [string, Link][] {
  return Object.entries(schema[model].links).filter(([, { other }]) => other !== undefined);
}

/** The rows that refer to the one of the query around, perhaps fewer. */
function related(random: Random, link: Link, end: Query["end"]): Query {
  const key = random.chance(50) ? (link.other as string) : (link.other as string).replace(/Id$/, "");
  const own: Lookup = { key, value: { expression: { outer: random.pick(["id", "pk"]) } } };
  const rules = { many: 1, isNegated: false };
  const more = random.many(0, 1, (): Condition => randomLookup(random, link.to, rules));
  return { model: link.to, calls: [{ call: "filter", conditions: [own, ...more] }], end };
}

function valueOfOthers(random: Random, model: string, kind: Kind): Expression | null {
  const choices = referring(model).flatMap(([, link]) => {
    const names = Object.entries(schema[link.to].columns).filter(
      ([name, other]) => other.kind === kind && isMixable(name),
    );
    return names.map(([name]) => ({ link, name }));
  });
  if (choices.length === 0) return null;
  const { link, name } = random.pick(choices);
  const query = related(random, link, { end: "values", names: [name] });
  // Several rows of one object would leave open which of them is the first.
  const plain = {
    ...query,
    calls: query.calls.map((call) => ("conditions" in call ? { ...call, conditions: [call.conditions[0]] } : call)),
  };
  const order = { call: "orderBy", names: [`${random.pick(["", "-"])}${name}`, "id"] } as const;
  return { subquery: { ...plain, calls: [...plain.calls, order, { call: "slice", start: 0, stop: 1 }] } };
}

/** Whether there are rows that refer to this one. */
export function existence(random: Random, model: string): Existence | null {
  const links = referring(model);
  if (links.length === 0) return null;
  const [, link] = random.pick(links);
  return { exists: related(random, link, { end: "objects" }), negated: random.chance(30) };
}

/** A relation to many, and perhaps another one behind it. */
export interface Chain {
  name: string;
  model: string;
}

export function randomChain(random: Random, model: string): Chain | null {
  const isFirst = random.chance(75);
  const links = Object.entries(schema[model].links).filter(([, { many }]) => many === isFirst);
  if (links.length === 0) return null;
  const [name, { to }] = random.pick(links);
  const next = !isFirst || random.chance(25) ? randomChain(random, to) : null;
  if (next) return { name: `${name}__${next.name}`, model: next.model };
  return isFirst ? { name, model: to } : null;
}

const numbers: readonly Kind[] = ["integer", "float", "decimal"];
const ordered: readonly Kind[] = [...numbers, "text", "date", "datetime"];

/** One value made of what stands at the end of a path, "" for the rows themselves. */
export function aggregate(random: Random, prefix: string, model: string): Typed {
  const at = prefix === "" ? "" : `${prefix}__`;
  const rules = { many: 0, isNegated: false, plain: true };
  const filter = random.chance(30) ? prefixed(at, randomCondition(random, model, 1, rules)) : null;
  const name = random.pick(["Count", "Count", "Sum", "Avg", "Min", "Max"] as const);
  const distinct = name !== "Min" && name !== "Max" && random.chance(20);
  const wanted = name === "Sum" || name === "Avg" ? numbers : ordered;
  const path = name === "Count" ? null : randomPath(random, model, { many: 0, endsAt: random.pick(wanted) });
  if (!path || path.kind === null) return count(random, prefix, { distinct, filter });
  const of: Expression = { f: `${at}${path.names.join("__")}` };
  const kind = name === "Avg" && path.kind === "integer" ? "float" : path.kind;
  return { kind, expression: { aggregate: name, of, distinct, filter } };
}

function count(random: Random, prefix: string, options: Pick<Aggregate, "distinct" | "filter">): Typed {
  if (prefix !== "") {
    return {
      kind: "integer",
      expression: { aggregate: "Count", of: { f: random.pick([prefix, `${prefix}__id`]) }, ...options },
    };
  }
  // Django counts rows without a filter only.
  const of = options.filter || options.distinct ? { f: "id" } : ("*" as const);
  return { kind: "integer", expression: { aggregate: "Count", of, ...options } };
}

/** The same condition of what a path leads to. */
export function prefixed(prefix: string, condition: Condition): Condition {
  if ("key" in condition) return { ...condition, key: `${prefix}${condition.key}` };
  if ("exists" in condition) return condition;
  return { ...condition, children: condition.children.map((child) => prefixed(prefix, child)) };
}
