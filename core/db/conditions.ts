import { FieldError } from "../exceptions.ts";
import { type ConditionInput, Expression, QNode } from "./expressions.ts";
import { type Lookup, parseLookup, splitLookup } from "./lookup_path.ts";
import { state } from "./model_state.ts";
import type { ModelClass } from "./models.ts";
import type { QueryState } from "./query_state.ts";

/** One comparison. Its value is not part of its shape: queries that differ only in values share their SQL. */
export interface Leaf {
  type: "leaf";
  lookup: Lookup;
  /** The annotation that is compared, where it is no column. */
  annotation?: string;
  value: unknown;
  /** What kind of value it is, which SQL depends on. */
  form: "value" | "null" | "list" | "empty" | "query" | "expression" | "true" | "false";
  shape: string;
}

/** Conditions that are joined. */
export interface Group {
  type: "group";
  connector: "and" | "or";
  negated: boolean;
  children: readonly Condition[];
  /** Those of one `filter()` speak of the same row of a relation to many. */
  scope: boolean;
  shape: string;
}

export type Condition = Leaf | Group;

/** A queryset where a value is expected: the rows that it gives. */
export interface SubQuery {
  readonly queryState: QueryState;
}

export function isSubQuery(value: unknown): value is SubQuery {
  return typeof value === "object" && value !== null && "queryState" in value;
}

/** What conditions are understood against: a model, and the names that its query has annotated. */
export interface ConditionContext {
  model: ModelClass;
  annotations: ReadonlyMap<string, unknown>;
}

export function group(
  connector: "and" | "or",
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
  const children = inputs.map((input) => build(context, input));
  return group("and", children, { negated, scope: true });
}

function build(context: ConditionContext, input: ConditionInput | undefined): Condition {
  if (input instanceof QNode) {
    const children = input.children.map((child) => build(context, child));
    return group(input.connector, children, { negated: input.negated });
  }
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    throw new FieldError(`Conditions are an object of lookups or a Q, not ${describe(input)}.`);
  }
  const leaves = Object.entries(input).map(([key, value]) => buildLeaf(context, key, value));
  return leaves.length === 1 ? leaves[0] : group("and", leaves);
}

/** One comparison by name, for code that has names at run time. */
export function buildLeaf(context: ConditionContext, key: string, value: unknown): Leaf {
  const [name, ...rest] = key.split("__");
  if (context.annotations.has(name)) return annotationLeaf(context, name, rest, key, value);
  return makeLeaf(parseLookup(context.model, key), value);
}

function annotationLeaf(context: ConditionContext, name: string, rest: string[], key: string, value: unknown): Leaf {
  const field = context.model._meta.pk;
  const { operator } = splitLookup(rest, field, key);
  const lookup: Lookup = { key, relations: [], field, toMany: false, transforms: [], operator };
  return { ...makeLeaf(lookup, value), annotation: name };
}

/** A comparison with its value checked as far as that can be done without a database. */
export function makeLeaf(lookup: Lookup, given: unknown): Leaf {
  const value = prepare(lookup, given);
  const form = formOf(lookup, value);
  return { type: "leaf", lookup, value, form, shape: shapeOf(lookup, value, form) };
}

function shapeOf({ key }: Lookup, value: unknown, form: Leaf["form"]): string {
  if (form === "query") return `${key}:${(value as SubQuery).queryState.shape}`;
  return form === "expression" ? `${key}:${(value as Expression).shape}` : `${key}:${form}`;
}

function formOf({ operator, key }: Lookup, value: unknown): Leaf["form"] {
  if (value instanceof Expression) return "expression";
  if (isSubQuery(value)) return "query";
  if (operator === "isnull") return value ? "true" : "false";
  if (operator === "in") return (value as unknown[]).length === 0 ? "empty" : "list";
  if (value !== null) return "value";
  if (operator === "exact" || operator === "iexact") return "null";
  throw new FieldError(`Cannot use null with "${key}".`, { hint: `Use ${key.replace(/__\w+$/, "")}__isnull.` });
}

function prepare(lookup: Lookup, value: unknown): unknown {
  const { operator, key } = lookup;
  if (value === undefined) {
    throw new FieldError(`The value of "${key}" is undefined, which matches nothing and everything.`, {
      hint: "Leave the condition out, or compare with null.",
    });
  }
  if (value instanceof Expression) return value;
  if (isSubQuery(value)) return subQuery(lookup, value);
  if (operator === "isnull") return nullness(key, value);
  if (operator === "in") return list(lookup, value).filter((item) => item !== null);
  if (operator === "range") return bounds(lookup, value);
  return keyOf(lookup, value);
}

function subQuery({ operator, key }: Lookup, value: SubQuery): SubQuery {
  if (operator === "in" || operator === "exact") return value;
  throw new FieldError(`"${key}" cannot be compared with a queryset; use __in.`);
}

function nullness(key: string, value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw new FieldError(`"${key}" takes true or false, not ${describe(value)}.`);
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
