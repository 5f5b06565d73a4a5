import {
  Abs,
  Avg,
  Case,
  Coalesce,
  Concat,
  Count,
  Exists,
  F,
  Greatest,
  Least,
  Length,
  Lower,
  Max,
  Min,
  NullIf,
  OuterRef,
  Q,
  type QNode,
  Subquery,
  Sum,
  Upper,
  Value,
  When,
} from "core-framework/db";
import { models } from "./models.ts";
import {
  annotationsOf,
  type Call,
  type Condition,
  type Expression,
  type Expressions,
  type FunctionName,
  groupedBy,
  isGroup,
  type Operand,
  type Query,
} from "./query.ts";
import { type Kind, schema } from "./schema.ts";
import { shown } from "./understood.ts";

/** A queryset whose names are known at run time only. */
interface AnyQuerySet extends PromiseLike<unknown[]> {
  filter(...conditions: object[]): AnyQuerySet;
  exclude(...conditions: object[]): AnyQuerySet;
  orderBy(...names: readonly string[]): AnyQuerySet;
  reverse(): AnyQuerySet;
  distinct(): AnyQuerySet;
  all(): AnyQuerySet;
  none(): AnyQuerySet;
  annotate(expressions: object): AnyQuerySet;
  alias(expressions: object): AnyQuerySet;
  aggregate(expressions: object): Promise<Record<string, unknown>>;
  union(...others: readonly unknown[]): AnyQuerySet;
  intersection(...others: readonly unknown[]): AnyQuerySet;
  difference(...others: readonly unknown[]): AnyQuerySet;
  slice(start: number, stop?: number): AnyQuerySet;
  values(...names: readonly string[]): AnyQuerySet;
  valuesList(...names: readonly unknown[]): AnyQuerySet;
  count(): Promise<number>;
  exists(): Promise<boolean>;
  get(): Promise<object>;
  first(): Promise<object | null>;
  last(): Promise<object | null>;
  sql(): { sql: string; params: unknown[] };
}

/** The queryset that a query describes, without its end. */
export function querySet({ model, calls, end }: Query): AnyQuerySet {
  const { objects } = models[model] as unknown as { objects: { all(): AnyQuerySet } };
  const called = calls.reduce(apply, objects.all());
  if (end.end === "values" || end.end === "valuesList") return called[end.end](...end.names);
  return end.end === "flat" ? called.valuesList(end.name, { flat: true }) : called;
}

function apply(queryset: AnyQuerySet, call: Call): AnyQuerySet {
  if ("conditions" in call) return queryset[call.call](...call.conditions.map(toCondition));
  if ("expressions" in call) return queryset[call.call](toExpressions(call.expressions));
  if ("names" in call) return queryset[call.call](...call.names);
  if (call.call === "slice") return queryset.slice(call.start, call.stop ?? undefined);
  if (!("others" in call)) return queryset[call.call]();
  return queryset[call.call](...call.others.map(querySet), ...(call.all ? [{ all: true }] : []));
}

function toCondition(condition: Condition): object {
  if ("exists" in condition) return toExpression(condition) as object;
  if (!isGroup(condition)) return { [condition.key]: toOperand(condition.value) };
  const [first, ...rest] = condition.children.map(toCondition);
  const node = first === undefined ? Q() : Q(first);
  const joined: QNode = rest.length === 0 ? node : condition.connector === "and" ? node.and(...rest) : node.or(...rest);
  return condition.negated ? joined.not() : joined;
}

function toOperand(operand: Operand): unknown {
  if ("literal" in operand) return operand.literal;
  return "query" in operand ? querySet(operand.query) : toExpression(operand.expression);
}

function toExpressions(expressions: Expressions): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(expressions).map(([name, { expression }]) => [name, toExpression(expression)]),
  );
}

const aggregates = { Count, Sum, Avg, Min, Max } as unknown as Record<
  string,
  (of: unknown, options: object) => unknown
>;
const functions = { Coalesce, Greatest, Least, NullIf, Upper, Lower, Length, Concat, Abs } as unknown as Record<
  FunctionName,
  (...args: unknown[]) => unknown
>;
const methods = { "+": "add", "-": "subtract", "*": "multiply" } as const;

function toExpression(expression: Expression): unknown {
  if ("f" in expression) return F(expression.f);
  if ("outer" in expression) return OuterRef(expression.outer);
  if ("value" in expression) return Value(expression.value);
  if ("operator" in expression) {
    const [left, right] = [toExpression(expression.left), toExpression(expression.right)];
    return (left as ReturnType<typeof F>)[methods[expression.operator]](right);
  }
  if ("whens" in expression) {
    const branches = expression.whens.map(({ when, result }) => When(toCondition(when), toExpression(result)));
    if (expression.otherwise === null) return Case(...branches);
    return Case(...branches, { default: toExpression(expression.otherwise) });
  }
  if ("call" in expression) return functions[expression.call](...expression.args.map(toExpression));
  if ("subquery" in expression) return Subquery(querySet(expression.subquery) as never);
  if ("exists" in expression) {
    const exists = Exists(querySet(expression.exists) as never);
    return expression.negated ? exists.not() : exists;
  }
  const { aggregate, of, distinct, filter } = expression;
  const options = { ...(distinct ? { distinct } : {}), ...(filter ? { filter: toCondition(filter) } : {}) };
  return aggregates[aggregate](of === "*" ? of : "f" in of ? of.f : toExpression(of), options);
}

/** What the framework answers: rows as arrays of plain values, or one value. */
export async function askFramework(query: Query): Promise<unknown[] | { value: unknown }> {
  const queryset = querySet(query);
  const { end } = query;
  if (end.end === "count") return { value: await queryset.count() };
  if (end.end === "exists") return { value: await queryset.exists() };
  if (end.end === "get") return { value: await only(query, queryset) };
  if (end.end === "aggregate") {
    const found = await queryset.aggregate(toExpressions(end.expressions));
    return { value: Object.entries(end.expressions).map(([name, { kind }]) => computed(found[name], kind)) };
  }
  if (end.end === "first" || end.end === "last") {
    const row = await queryset[end.end]();
    return row === null ? [] : [objectRow(query, row)];
  }
  const rows = (await queryset) as unknown[];
  if (end.end === "objects" || end.end === "rows") return rows.map((row) => objectRow(query, row));
  const annotations = annotationsOf(query);
  const read = (name: string, value: unknown) =>
    annotations[name] ? computed(value, annotations[name].kind) : plain(value);
  if (end.end === "flat") return rows.map((value) => [read(end.name, value)]);
  if (end.end === "valuesList")
    return (rows as unknown[][]).map((row) => end.names.map((name, at) => read(name, row[at])));
  const { names } = end as { names: readonly string[] };
  return rows.map((row) => names.map((name) => read(name, (row as Record<string, unknown>)[name])));
}

async function only(query: Query, queryset: AnyQuerySet): Promise<unknown> {
  try {
    return objectRow(query, await queryset.get());
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === "does_not_exist") return "DoesNotExist";
    if (code === "multiple_objects_returned") return "MultipleObjectsReturned";
    throw error;
  }
}

/** The columns of a row, and then what is annotated. */
function objectRow(query: Query, row: unknown): unknown[] {
  const values = row as Record<string, unknown>;
  const annotations = annotationsOf(query);
  const columns = groupedBy(query) ?? Object.keys(schema[query.model].columns);
  return [...new Set([...columns, ...Object.keys(annotations)])].map((name) => {
    return annotations[name] ? computed(values[name], annotations[name].kind) : plain(values[name]);
  });
}

function plain(value: unknown): unknown {
  return value instanceof Date ? (value as Date & { isoformat(): string }).isoformat() : value;
}

const types: Partial<Record<Kind, string>> = {
  decimal: "string",
  text: "string",
  integer: "number",
  boolean: "boolean",
};

/** What the database computed is of the type that a column of its kind has. */
function computed(value: unknown, kind: Kind): unknown {
  const type = types[kind];
  if (value !== null && type !== undefined && typeof value !== type)
    return `${typeof value} for ${kind}: ${String(value)}`;
  return shown(plain(value), kind);
}
