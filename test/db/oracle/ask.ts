import { F, Q, type QNode } from "core-framework/db";
import { models } from "./models.ts";
import { objectColumns } from "./oracle.ts";
import { type Call, type Condition, type Expression, isGroup, type Operand, type Query } from "./query.ts";

/** A queryset whose names are known at run time only. */
interface AnyQuerySet extends PromiseLike<unknown[]> {
  filter(...conditions: object[]): AnyQuerySet;
  exclude(...conditions: object[]): AnyQuerySet;
  orderBy(...names: readonly string[]): AnyQuerySet;
  reverse(): AnyQuerySet;
  distinct(): AnyQuerySet;
  all(): AnyQuerySet;
  none(): AnyQuerySet;
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
  if (call.call === "filter" || call.call === "exclude")
    return queryset[call.call](...call.conditions.map(toCondition));
  if (call.call === "orderBy") return queryset.orderBy(...call.names);
  if (call.call === "slice") return queryset.slice(call.start, call.stop ?? undefined);
  return queryset[call.call]();
}

function toCondition(condition: Condition): object {
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

function toExpression(expression: Expression): unknown {
  if ("f" in expression) return F(expression.f);
  if ("value" in expression) return expression.value;
  const [left, right] = [toExpression(expression.left), toExpression(expression.right)];
  const method = { "+": "add", "-": "subtract", "*": "multiply" } as const;
  return (left as ReturnType<typeof F>)[method[expression.operator]](right);
}

/** What the framework answers: rows as arrays of plain values, or one value. */
export async function askFramework(query: Query): Promise<unknown[] | { value: unknown }> {
  const queryset = querySet(query);
  const { end } = query;
  if (end.end === "count") return { value: await queryset.count() };
  if (end.end === "exists") return { value: await queryset.exists() };
  if (end.end === "get") return { value: await only(query, queryset) };
  if (end.end === "first" || end.end === "last") {
    const row = await queryset[end.end]();
    return row === null ? [] : [objectRow(query, row)];
  }
  const rows = (await queryset) as unknown[];
  if (end.end === "objects") return rows.map((row) => objectRow(query, row));
  if (end.end === "flat") return rows.map((value) => [plain(value)]);
  if (end.end === "valuesList") return rows.map((row) => (row as unknown[]).map(plain));
  const { names } = end as { names: readonly string[] };
  return rows.map((row) => names.map((name) => plain((row as Record<string, unknown>)[name])));
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

function objectRow({ model }: Query, row: unknown): unknown[] {
  return objectColumns(model).map((name) => plain((row as Record<string, unknown>)[name]));
}

function plain(value: unknown): unknown {
  return value instanceof Date ? (value as Date & { isoformat(): string }).isoformat() : value;
}
