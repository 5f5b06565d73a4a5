import { FieldError } from "../../exceptions.ts";
import { type Binder, BoundExpression, Expression, toExpression } from "../expressions/base.ts";
import { type ConditionInput, QNode } from "../expressions/q.ts";
import type { Field } from "../fields/field.ts";
import { state } from "../meta/model_state.ts";
import type { ModelClass } from "../models.ts";
import { type Lookup, parseLookup, splitLookup } from "./lookup_path.ts";
import { type Annotation, isSubQuery, type SubQuery } from "./query_state.ts";

/** One comparison. Its value is not part of its shape: queries that differ only in values share their SQL. */
export interface Leaf {
  type: "leaf";
  lookup: Lookup;
  /** What is compared, where it is no column: an annotation. */
  left: BoundExpression | null;
  value: unknown;
  /** What kind of value it is, which SQL depends on. */
  form: "value" | "null" | "list" | "empty" | "query" | "expression" | "expressions" | "true" | "false";
  shape: string;
}

/** Conditions that are joined. */
export interface Group {
  type: "group";
  connector: "and" | "or" | "xor";
  negated: boolean;
  children: readonly Condition[];
  /** Those of one `filter()` speak of the same row of a relation to many. */
  scope: boolean;
  shape: string;
}

/** An expression that is true or false. */
export interface Test {
  type: "test";
  expression: BoundExpression;
  shape: string;
}

export type Condition = Leaf | Group | Test;

/** What conditions are understood against: a model, and the names that its query has annotated. */
export interface ConditionContext extends Binder {
  readonly model: ModelClass;
  readonly annotations: ReadonlyMap<string, Annotation>;
}

export function group(
  connector: Group["connector"],
  children: readonly Condition[],
  { negated = false, scope = false } = {},
): Group {
  const shape = `${negated ? "!" : ""}${connector}${scope ? "*" : ""}(${children.map((child) => child.shape).join()})`;
  return { type: "group", connector, negated, children, scope, shape };
}

/** The conditions of one `filter()` or `exclude()`. Throws a FieldError for an unknown name, and for undefined. */
export function buildConditions(
  context: ConditionContext,
  inputs: readonly (ConditionInput | undefined)[],
  negated = false,
): Group {
  const children = inputs.map((input) => buildCondition(context, input));
  return group("and", children, { negated, scope: true });
}

export function buildCondition(context: ConditionContext, input: ConditionInput | undefined): Condition {
  if (input instanceof QNode) {
    const children = input.children.map((child) => buildCondition(context, child));
    return group(input.connector, children, { negated: input.negated });
  }
  if (input instanceof Expression) return test(input.bind(context));
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    throw new FieldError(`Conditions are an object of lookups or a Q, not ${describe(input)}.`);
  }
  const leaves = Object.entries(input).map(([key, value]) => buildLeaf(context, key, value));
  return leaves.length === 1 ? leaves[0] : group("and", leaves);
}

function test(expression: BoundExpression): Test {
  if (expression.output?.kind === "BooleanField") return { type: "test", expression, shape: `?${expression.shape}` };
  throw new FieldError("Cannot filter against a non-conditional expression.", {
    hint: "Annotate it first, and compare the annotation with a value.",
  });
}

/** Whether a condition, or one inside it, is such a one. */
export function someCondition(condition: Condition, holds: (condition: Leaf | Test) => boolean): boolean {
  return condition.type === "group"
    ? condition.children.some((child) => someCondition(child, holds))
    : holds(condition);
}

/** The expressions that a comparison takes besides a column. */
export function expressionsOf(condition: Leaf | Test): readonly BoundExpression[] {
  if (condition.type === "test") return [condition.expression];
  const { left, value, form } = condition;
  const values = form === "expression" ? [value] : form === "expressions" ? (value as unknown[]) : [];
  return [...(left ? [left] : []), ...(values as BoundExpression[])];
}

/** One comparison by name, for code that has names at run time. */
export function buildLeaf(context: ConditionContext, key: string, value: unknown): Leaf {
  const [name, ...rest] = key.split("__");
  if (context.annotations.has(name)) return annotationLeaf(context, name, rest, key, value);
  return makeLeaf(parseLookup(context.model, key), value, context);
}

function annotationLeaf(context: ConditionContext, name: string, rest: string[], key: string, value: unknown): Leaf {
  const left = context.name(name);
  const field = left.output ?? context.model._meta.pk;
  const { transforms, operator } = splitLookup(rest, field, key);
  const lookup: Lookup = { key, relations: [], field, toMany: false, transforms, operator };
  return { ...makeLeaf(lookup, value, context), left };
}

/** A comparison with its value checked as far as that can be done without a database. */
export function makeLeaf(lookup: Lookup, given: unknown, binder?: Binder): Leaf {
  const value = prepare(lookup, given, binder);
  const form = formOf(lookup, value);
  return { type: "leaf", lookup, left: null, value, form, shape: shapeOf(lookup, value, form) };
}

function shapeOf({ key }: Lookup, value: unknown, form: Leaf["form"]): string {
  if (form === "query") return `${key}:${(value as SubQuery).queryState.shape}`;
  if (form === "expression") return `${key}:${(value as BoundExpression).shape}`;
  if (form === "expressions") return `${key}:[${(value as BoundExpression[]).map(({ shape }) => shape).join()}]`;
  return `${key}:${form}`;
}

function formOf({ operator, key }: Lookup, value: unknown): Leaf["form"] {
  if (value instanceof BoundExpression) return "expression";
  if (isSubQuery(value)) return "query";
  if (operator === "isnull") return value ? "true" : "false";
  if (Array.isArray(value) && value.some((item) => item instanceof BoundExpression)) return "expressions";
  if (operator === "in") return (value as unknown[]).length === 0 ? "empty" : "list";
  if (value !== null) return "value";
  if (operator === "exact" || operator === "iexact") return "null";
  throw new FieldError(`Cannot use null with "${key}".`, { hint: `Use ${key.replace(/__\w+$/, "")}__isnull.` });
}

function prepare(lookup: Lookup, value: unknown, binder: Binder | undefined): unknown {
  const { operator, key } = lookup;
  if (value === undefined) {
    throw new FieldError(`The value of "${key}" is undefined, which matches nothing and everything.`, {
      hint: "Leave the condition out, or compare with null.",
    });
  }
  if (value instanceof Expression && operator !== "isnull") return bound(lookup, value, binder);
  if (isSubQuery(value)) return subQuery(lookup, value);
  if (operator === "isnull") return nullness(key, value);
  if (operator === "in") {
    const items = list(lookup, value).filter((item) => item !== null);
    return boundItems(lookup, items, binder);
  }
  if (operator === "range") return boundItems(lookup, bounds(lookup, value), binder);
  return keyOf(lookup, value);
}

function bound({ key, field, transforms }: Lookup, value: unknown, binder: Binder | undefined): BoundExpression {
  if (!binder) throw new FieldError(`"${key}" cannot be compared with an expression here.`);
  const expression = toExpression(value).bind(binder);
  return transforms.length === 0 ? expression.as(plain(field)) : expression;
}

function plain(field: Field): Field {
  return field.isForeignKey ? plain(field.targetField) : field;
}

/** Where one item is an expression, all of them become expressions. */
function boundItems(lookup: Lookup, items: readonly unknown[], binder: Binder | undefined): readonly unknown[] {
  if (!items.some((item) => item instanceof Expression)) return items;
  return items.map((item) => bound(lookup, item, binder));
}

function subQuery({ operator, key }: Lookup, value: SubQuery): SubQuery {
  if (operator === "in" || operator === "exact") return value;
  throw new FieldError(`"${key}" cannot be compared with a queryset; use __in.`);
}

function nullness(key: string, value: unknown): boolean {
  if (typeof value === "boolean") return value;
  const given = value instanceof Expression ? "an expression" : describe(value);
  throw new FieldError(`"${key}" takes true or false, not ${given}.`);
}

function list(lookup: Lookup, value: unknown): unknown[] {
  if (typeof value === "object" && value !== null && Symbol.iterator in value) {
    return [...(value as Iterable<unknown>)].map((item) => keyOf(lookup, item));
  }
  throw new FieldError(`"${lookup.key}" takes a list, not ${describe(value)}.`);
}

function bounds(lookup: Lookup, value: unknown): unknown[] {
  const values = list(lookup, value);
  if (values.length === 2) return values;
  throw new FieldError(`"${lookup.key}" takes two values, not ${values.length}.`);
}

/** An object stands for its key. */
function keyOf({ field, key }: Lookup, value: unknown): unknown {
  if (value === undefined) throw new FieldError(`A value of "${key}" is undefined.`);
  if (typeof value !== "object" || value === null || !(state in value)) return value;
  const target = field.isForeignKey ? field.targetField.attname : "pk";
  const identity = (value as Record<string, unknown>)[target];
  if (identity !== null && identity !== undefined) return identity;
  throw new FieldError(`"${key}" was given an object that is not saved yet.`, { hint: "Save it first." });
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return Array.isArray(value) ? "an array" : `${typeof value} ${JSON.stringify(value) ?? ""}`.trim();
}
