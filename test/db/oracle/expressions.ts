import type { Context, Reader, Unit } from "./context.ts";
import { transforms } from "./dates.ts";
import { callFunction } from "./functions.ts";
import { compare } from "./operators.ts";
import { type Path, parsePath } from "./paths.ts";
import type { Aggregate, Expression } from "./query.ts";
import { follow, type Row, schema } from "./schema.ts";

/** Makes a reader of an expression; the joins that it takes are added on the way. */
export function readExpression(expression: Expression, context: Context): Reader {
  if ("value" in expression) return () => comparable(expression.value, expression.kind ?? "");
  if ("f" in expression) return readName(expression.f, context);
  if ("outer" in expression) return readOuter(expression.outer, context);
  if ("operator" in expression) return readComputed(expression, context);
  if ("whens" in expression) return readCase(expression, context);
  if ("call" in expression) return readFunction(expression, context);
  if ("aggregate" in expression) return readAggregate(expression, context);
  if ("exists" in expression) {
    const rows = subQuery(expression.exists, context);
    return (unit) => rows(unit).length > 0 !== expression.negated;
  }
  const rows = subQuery(expression.subquery, context);
  return (unit) => rows(unit)[0] ?? null;
}

function subQuery(query: Parameters<Context["valuesOf"]>[0], context: Context): (unit: Unit) => unknown[] {
  const model = context.joins.modelAt(0);
  return ({ joined }) => context.valuesOf(query, { model, row: joined[0] as Row });
}

/** An annotation, or a column. */
function readName(name: string, context: Context): Reader {
  const annotation = context.annotations.get(name);
  if (annotation) return annotation.read;
  const path = parsePath(context.joins.modelAt(0), name);
  const read = readPath(path, context);
  return (unit) => comparable(read(unit), path.kind.kind);
}

/** The value at the end of a path, after its transforms; null where there is no row. */
export function readPath({ links, column, transforms: names }: Path, { joins, reusable }: Context): Reader {
  const place = links.reduce((at, name) => joins.step(at, name, reusable), 0);
  return ({ joined }) => {
    const value = joined[place]?.[column] ?? null;
    return value === null ? null : names.reduce<unknown>((text, name) => transforms[name](text as string), value);
  };
}

/** Decimals are texts that are compared as numbers, datetimes must have all their digits. */
export function comparable(value: unknown, kind: string): unknown {
  if (typeof value !== "string") return value;
  if (kind === "decimal") return Number(value);
  return kind === "datetime" ? withMicroseconds(value) : value;
}

function withMicroseconds(text: string): string {
  return /^\d{4}-.*Z$/.test(text) && !text.includes(".") ? text.replace("Z", ".000000Z") : text;
}

function readOuter(name: string, { outer, data }: Context): Reader {
  return () => {
    const { model, row } = outer as NonNullable<Context["outer"]>;
    const { links, column, kind } = parsePath(model, name);
    let at: Row | undefined = row;
    let table = schema[model];
    for (const link of links) {
      at = at && follow(data, table.links[link], at)[0];
      table = schema[table.links[link].to];
    }
    return comparable(at?.[column] ?? null, kind.kind);
  };
}

function readComputed({ operator, left, right }: Extract<Expression, { operator: unknown }>, context: Context): Reader {
  const [first, second] = [context.read(left, context), context.read(right, context)];
  return (unit) => {
    const [a, b] = [first(unit), second(unit)];
    if (a === null || b === null) return null;
    if (operator === "+") return Number(a) + Number(b);
    return operator === "-" ? Number(a) - Number(b) : Number(a) * Number(b);
  };
}

/** The conditions join as they need, and a negation inside them does not ask a relation as a whole. */
function asPart(context: Context): Context {
  return { ...context, reusable: null, negations: 0, splits: false };
}

function readCase({ whens, otherwise }: Extract<Expression, { whens: unknown }>, context: Context): Reader {
  const branches = whens.map(({ when, result }) => ({
    test: context.understand(when, asPart(context)),
    value: context.read(result, context),
  }));
  const rest = otherwise === null ? () => null : context.read(otherwise, context);
  return (unit) => (branches.find(({ test }) => test(unit) === true)?.value ?? rest)(unit);
}

function readFunction({ call, args }: Extract<Expression, { call: unknown }>, context: Context): Reader {
  const readers = args.map((arg) => context.read(arg, context));
  return (unit) =>
    callFunction(
      call,
      readers.map((read) => read(unit)),
      context.rules,
    );
}

function readAggregate({ aggregate, of, distinct, filter }: Aggregate, context: Context): Reader {
  const part = asPart(context);
  const read = of === "*" ? () => true : context.read(of, part);
  const test = filter === null ? () => true : context.understand(filter, part);
  return ({ group }) => {
    const units = group.map((joined) => ({ joined, group: [joined] }));
    return aggregateOf(aggregate, units.filter((unit) => test(unit) === true).map(read), distinct);
  };
}

/** One value made of many; of nothing but NULLs it is NULL, except for a count. */
export function aggregateOf(name: Aggregate["aggregate"], all: readonly unknown[], distinct: boolean): unknown {
  const known = all.filter((value) => value !== null);
  const values = distinct ? [...new Set(known)] : known;
  if (name === "Count") return values.length;
  if (values.length === 0) return null;
  const sum = () => values.reduce<number>((total, value) => total + Number(value), 0);
  if (name === "Sum") return sum();
  if (name === "Avg") return sum() / values.length;
  const sorted = [...values].sort(compare);
  return name === "Min" ? sorted[0] : sorted[sorted.length - 1];
}
