import type { Joined, Joins } from "./joins.ts";
import type { Truth } from "./logic.ts";
import type { Condition, Expression, Query } from "./query.ts";
import type { Rules } from "./rules.ts";
import type { Column, Data, Row } from "./schema.ts";

/** One row of the joined tables, and the rows of the group that it stands for. */
export interface Unit {
  joined: Joined;
  group: readonly Joined[];
}

export type Reader = (unit: Unit) => unknown;
export type Test = (unit: Unit) => Truth;

/** The row of the query around this one. */
export interface Outer {
  model: string;
  row: Row;
}

/** Something that `annotate()` has named. */
export interface Annotation {
  column: Column;
  read: Reader;
  /** It is made of many rows. */
  isAggregate: boolean;
  /** It is no part of the rows: `alias()`. */
  isHidden: boolean;
}

/** What conditions and expressions are understood in. */
export interface Context {
  data: Data;
  rules: Rules;
  joins: Joins;
  /** What has been annotated so far. */
  annotations: ReadonlyMap<string, Annotation>;
  outer: Outer | null;
  /** The joins to many that conditions of the same `filter()` share; null for any. */
  reusable: Set<number> | null;
  /** How many negations stand around. */
  negations: number;
  /** Under a negation a relation to many is asked as a whole; not so inside an aggregate. */
  splits: boolean;
  understand(condition: Condition, context: Context): Test;
  read(expression: Expression, context: Context): Reader;
  /** The values that another query gives for a row of this one. */
  valuesOf(query: Query, outer: Outer): unknown[];
}

/** A row alone. */
export function unitOf(joined: Joined): Unit {
  return { joined, group: [joined] };
}
