// A query as plain data: what the generator makes, the framework and the oracle are asked, and a report prints.
import type { Kind } from "./schema.ts";

export interface Query {
  model: string;
  calls: readonly Call[];
  end: End;
}

export type Call =
  | { call: "filter" | "exclude"; conditions: readonly Condition[] }
  | { call: "annotate" | "alias"; expressions: Expressions }
  /** Rows are groups by these columns, where aggregates are annotated afterwards. */
  | { call: "values"; names: readonly string[] }
  | { call: "orderBy"; names: readonly string[] }
  | { call: "reverse" | "distinct" | "all" | "none" }
  | { call: "slice"; start: number; stop: number | null }
  | { call: "union" | "intersection" | "difference"; others: readonly Query[]; all: boolean };

export type Condition = Lookup | Group | Existence;

export interface Lookup {
  key: string;
  value: Operand;
}

export interface Group {
  connector: "and" | "or";
  negated: boolean;
  children: readonly Condition[];
}

export type Operand = { literal: unknown } | { expression: Expression } | { query: Query };

/** Expressions by the names that they get, with what kind of value each gives. */
export type Expressions = Readonly<Record<string, { kind: Kind; expression: Expression }>>;

export type Expression =
  | { f: string }
  /** A column of the query around this one. */
  | { outer: string }
  | { value: unknown; kind?: Kind }
  | { operator: "+" | "-" | "*"; left: Expression; right: Expression }
  | { whens: readonly { when: Condition; result: Expression }[]; otherwise: Expression | null; kind: Kind }
  | { call: FunctionName; args: readonly Expression[] }
  | { subquery: Query }
  | Existence
  | Aggregate;

/** The functions that the oracle knows, by their names in Django. */
export type FunctionName =
  | "Coalesce"
  | "Greatest"
  | "Least"
  | "NullIf"
  | "Upper"
  | "Lower"
  | "Length"
  | "Concat"
  | "Abs";

export interface Existence {
  exists: Query;
  negated: boolean;
}

export interface Aggregate {
  aggregate: "Count" | "Sum" | "Avg" | "Min" | "Max";
  /** `"*"` counts rows. */
  of: Expression | "*";
  distinct: boolean;
  filter: Condition | null;
}

export type End =
  | { end: "objects" | "count" | "exists" | "first" | "last" | "get" }
  | { end: "values" | "valuesList"; names: readonly string[] }
  | { end: "flat"; name: string }
  /** What `values()` and `annotate()` have made the rows. */
  | { end: "rows" }
  | { end: "aggregate"; expressions: Expressions };

export function isGroup(condition: Condition): condition is Group {
  return "children" in condition;
}

/** What is annotated for the rows to have, by name. */
export function annotationsOf({ calls }: Query): Expressions {
  return Object.assign({}, ...calls.map((call) => (call.call === "annotate" ? call.expressions : {})));
}

/** The columns that `values()` among the calls names; null where the rows are objects. */
export function groupedBy({ calls }: Query): readonly string[] | null {
  const named = calls.find((call) => call.call === "values");
  return named && "names" in named ? named.names : null;
}
