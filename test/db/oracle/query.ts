// A query as plain data: what the generator makes, the framework and the oracle are asked, and a report prints.

export interface Query {
  model: string;
  calls: readonly Call[];
  end: End;
}

export type Call =
  | { call: "filter" | "exclude"; conditions: readonly Condition[] }
  | { call: "orderBy"; names: readonly string[] }
  | { call: "reverse" | "distinct" | "all" | "none" }
  | { call: "slice"; start: number; stop: number | null };

export type Condition = Lookup | Group;

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

export type Expression =
  | { f: string }
  | { value: number }
  | { operator: "+" | "-" | "*"; left: Expression; right: Expression };

export type End =
  | { end: "objects" | "count" | "exists" | "first" | "last" | "get" }
  | { end: "values" | "valuesList"; names: readonly string[] }
  | { end: "flat"; name: string };

export function isGroup(condition: Condition): condition is Group {
  return "children" in condition;
}
