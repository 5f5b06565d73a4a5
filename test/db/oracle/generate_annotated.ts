import { randomValue } from "./data.ts";
import {
  aggregate,
  type Chain,
  existence,
  prefixed,
  randomChain,
  rowExpression,
  type Typed,
} from "./generate_expressions.ts";
import { narrowing, randomCondition } from "./generate_lookups.ts";
import { columnName, slices } from "./generate_plain.ts";
import type { Call, Condition, End, Expressions, Query } from "./query.ts";
import type { Random } from "./random.ts";
import { schema } from "./schema.ts";

const labels = ["x", "y", "z"];

function named(random: Random, most: number, make: () => Typed): Expressions {
  const count = random.integer(1, most);
  return Object.fromEntries(labels.slice(0, count).map((label) => [label, make()]));
}

/** Conditions on what is annotated. */
function ofAnnotations(random: Random, expressions: Expressions): Call {
  const make = (): Condition => {
    const name = random.pick(Object.keys(expressions));
    const { kind } = expressions[name];
    const operator = random.pick(["", "exact", "gt", "gte", "lt", "lte", "in", "isnull"]);
    const value = () => randomValue(random, kind);
    const literal = operator === "isnull" ? random.chance(50) : operator === "in" ? random.many(0, 3, value) : value();
    return { key: operator === "" ? name : `${name}__${operator}`, value: { literal } };
  };
  const some = (): Condition =>
    random.chance(75)
      ? make()
      : { connector: random.pick(["and", "or"]), negated: random.chance(30), children: random.many(1, 2, make) };
  return { call: random.chance(70) ? "filter" : "exclude", conditions: random.many(1, 2, some) };
}

function orderOf(random: Random, expressions: Expressions, other: () => string): Call {
  const name = () =>
    random.chance(70) ? `${random.pick(["", "-"])}${random.pick(Object.keys(expressions))}` : other();
  return { call: "orderBy", names: random.many(1, 2, name) };
}

function anyModel(random: Random): string {
  return random.pick(Object.keys(schema));
}

/** The rows with what is computed from each. */
export function computedQuery(random: Random): Query {
  const model = anyModel(random);
  const expressions = named(random, 3, () => rowExpression(random, model));
  const calls: Call[] = random.many(0, 1, () => narrowing(random, model));
  calls.push({ call: random.chance(85) ? "annotate" : "alias", expressions });
  const more = random.chance(25) ? ofOthers(random, expressions) : null;
  if (more) calls.push({ call: "annotate", expressions: more });
  if (random.chance(50)) calls.push(ofAnnotations(random, { ...expressions, ...more }));
  const exists = random.chance(25) ? existence(random, model) : null;
  if (exists) calls.push({ call: random.chance(70) ? "filter" : "exclude", conditions: [exists] });
  if (random.chance(40)) calls.push(narrowing(random, model));
  const isAlias = calls.some(({ call }) => call === "alias");
  return arranged(random, model, calls, isAlias ? (more ?? expressions) : { ...expressions, ...more });
}

/** Made of what is annotated already. */
function ofOthers(random: Random, expressions: Expressions): Expressions | null {
  const numbers = Object.entries(expressions).filter(([, { kind }]) => kind === "integer");
  if (numbers.length === 0) return null;
  const [name] = random.pick(numbers);
  const right = { value: random.integer(-2, 3), kind: "integer" } as const;
  return { w: { kind: "integer", expression: { operator: random.pick(["+", "-", "*"]), left: { f: name }, right } } };
}

function arranged(random: Random, model: string, calls: Call[], expressions: Expressions): Query {
  if (random.chance(60)) calls.push(orderOf(random, expressions, () => `${random.pick(["", "-"])}id`));
  // Of groups the model's own ordering is left out, which would decide what is distinct.
  const isOrdered = calls.some(({ call }) => call === "orderBy");
  if (isOrdered && random.chance(15)) calls.push({ call: "distinct" });
  if (random.chance(15)) calls.push(...slices(random));
  return { model, calls, end: endOf(random, calls, expressions) };
}

function endOf(random: Random, calls: readonly Call[], expressions: Expressions): End {
  const isOrdered = calls.some(({ call }) => call === "orderBy") && !calls.some(({ call }) => call === "slice");
  const hidden = calls.flatMap((call) => (call.call === "alias" ? Object.keys(call.expressions) : []));
  const visible = Object.keys(expressions).filter((name) => !hidden.includes(name));
  return random.weighted<End>(
    [8, () => ({ end: "objects" })],
    [3, () => ({ end: random.pick(["values", "valuesList"] as const), names: ["id", ...visible] })],
    [visible.length > 0 ? 2 : 0, () => ({ end: "flat", name: visible[0] })],
    [3, () => ({ end: "count" })],
    [1, () => ({ end: "exists" })],
    [isOrdered ? 1 : 0, () => ({ end: random.pick(["first", "last"] as const) })],
  );
}

/** The rows with values made of the rows of one relation to many. */
export function annotatedQuery(random: Random): Query {
  const model = anyModel(random);
  const chain = randomChain(random, model);
  if (!chain) return computedQuery(random);
  const expressions = named(random, 3, () => aggregate(random, chain.name, chain.model));
  const calls: Call[] = random.many(0, 1, () => narrowing(random, model, 1, 0));
  if (random.chance(30)) calls.push(ofChain(random, chain));
  calls.push({ call: "annotate", expressions });
  if (random.chance(50)) calls.push(ofAnnotations(random, expressions));
  if (random.chance(30)) calls.push(narrowing(random, model, 1, 0));
  return arranged(random, model, calls, expressions);
}

/** Only some rows of the relation. */
function ofChain(random: Random, { name, model }: Chain): Call {
  const make = () =>
    prefixed(`${name}__`, randomCondition(random, model, 1, { many: 0, isNegated: false, plain: true }));
  return { call: "filter", conditions: random.many(1, 2, make) };
}

/** Groups of rows by some of their columns. */
export function groupedQuery(random: Random): Query {
  const model = anyModel(random);
  const names = [...new Set(random.many(1, 2, () => columnName(random, model)))];
  const chain = random.chance(60) ? randomChain(random, model) : null;
  const expressions = named(random, 2, () =>
    chain && random.chance(70) ? aggregate(random, chain.name, chain.model) : aggregate(random, "", model),
  );
  const calls: Call[] = random.many(0, 2, () => narrowing(random, model, 1));
  if (random.chance(30)) {
    calls.push({ call: "annotate", expressions: { g: rowExpression(random, model) } });
    names.splice(random.integer(0, names.length - 1), 1, "g");
  }
  calls.push({ call: "values", names }, { call: "annotate", expressions });
  if (random.chance(40)) calls.push(ofAnnotations(random, expressions));
  const order = () => `${random.pick(["", "-"])}${random.pick(names)}`;
  if (random.chance(60)) calls.push(orderOf(random, expressions, order));
  if (random.chance(15)) calls.push(...slices(random));
  return { model, calls, end: { end: random.chance(80) ? "rows" : "count" } };
}

/** One value made of all rows. */
export function aggregateQuery(random: Random): Query {
  const model = anyModel(random);
  const calls: Call[] = random.many(0, 2, () => narrowing(random, model));
  if (random.chance(25)) {
    calls.push({ call: "orderBy", names: ["id"] }, ...slices(random));
    return {
      model,
      calls,
      end: { end: "aggregate", expressions: named(random, 3, () => aggregateOfOwn(random, model)) },
    };
  }
  if (random.chance(25)) return aggregateOfAnnotated(random, model);
  const chain = random.chance(50) ? randomChain(random, model) : null;
  const make = () => (chain ? aggregate(random, chain.name, chain.model) : aggregate(random, "", model));
  return { model, calls, end: { end: "aggregate", expressions: named(random, 3, make) } };
}

/** One value made of values that are made of many rows themselves. */
function aggregateOfAnnotated(random: Random, model: string): Query {
  const chain = randomChain(random, model);
  if (!chain) return aggregateQuery(random);
  const { kind, expression } = aggregate(random, chain.name, chain.model);
  const calls: Call[] = random.many(0, 1, () => narrowing(random, model, 1, 0));
  calls.push({ call: "annotate", expressions: { n: { kind, expression } } });
  const isNumber = kind === "integer" || kind === "float" || kind === "decimal";
  const name = random.pick(
    isNumber ? (["Sum", "Avg", "Min", "Max", "Count"] as const) : (["Min", "Max", "Count"] as const),
  );
  const result = name === "Count" ? "integer" : name === "Avg" && kind === "integer" ? "float" : kind;
  const of = { aggregate: name, of: { f: "n" }, distinct: false, filter: null } as const;
  return { model, calls, end: { end: "aggregate", expressions: { x: { kind: result, expression: of } } } };
}

/** An aggregate of the model's own columns. */
function aggregateOfOwn(random: Random, model: string): Typed {
  for (;;) {
    const { kind, expression } = aggregate(random, "", model);
    if ("of" in expression && (expression.of === "*" || ("f" in expression.of && !expression.of.f.includes("__")))) {
      return { kind, expression: { ...expression, filter: null } };
    }
  }
}

/** Rows of several queries. */
export function combinedQuery(random: Random): Query {
  const model = anyModel(random);
  const names = [...new Set(random.many(1, 3, () => columnName(random, model)))];
  const narrow = () => random.many(0, 2, () => narrowing(random, model, 1));
  const call = random.pick(["union", "union", "intersection", "difference"] as const);
  const count = call === "union" ? random.integer(1, 2) : 1;
  const others = Array.from(
    { length: count },
    (): Query => ({ model, calls: narrow(), end: { end: "values", names } }),
  );
  const calls: Call[] = [...narrow(), { call: "values", names }];
  calls.push({ call, others, all: call === "union" && random.chance(30) });
  const sortable = names.filter((name) => /^(id|pk|name|title|pages|stars|weight|level)$/.test(name));
  if (sortable.length > 0 && random.chance(60)) {
    calls.push({ call: "orderBy", names: [`${random.pick(["", "-"])}${random.pick(sortable)}`] });
  }
  if (random.chance(20)) calls.push(...slices(random).slice(0, 1));
  return { model, calls, end: { end: random.chance(85) ? "rows" : "count" } };
}
