import type { Operand } from "../lookups.ts";
import type { Condition } from "./conditions.ts";
import type { Joined, Source } from "./query_source.ts";
import type { QueryState } from "./query_state.ts";

/** A column or an expression as SQL. */
export interface Column extends Operand {
  /** It may be NULL, if only because there is no row. */
  nullable: boolean;
  /** The table that it is a column of. */
  joined?: Joined;
}

/** A query that is being written, and the one around it. */
export interface Frame {
  readonly state: QueryState;
  readonly source: Source;
  readonly outer: Frame | null;
}

/** Where in a query something is written. */
export interface Place {
  readonly frame: Frame;
  /** Where JOINs are added: the query's own tables, or those of an aggregate's subquery. */
  readonly source: Source;
  /** Where paths begin: inside such a subquery still at the table of the query around it. */
  readonly base: Joined;
  /** Some NOT stands above. */
  readonly negated: boolean;
  /** Rows count only if what is written here holds. */
  readonly required: boolean;
  /** Under a NOT a relation to many is asked as a whole; not so in a condition that is part of an expression. */
  readonly splits: boolean;
  /** The relations to many of the same `filter()`. */
  readonly local: Map<string, Joined> | null;
  /** Relations to many whose rows every `filter()` speaks of here: those of an aggregate's subquery. */
  readonly given: ReadonlyMap<string, Joined>;
  /** Aggregates speak of a group of rows. */
  readonly grouped: boolean;
  /** Conditions that an aggregate over the same relation keeps to. */
  readonly within: readonly Condition[];
}

export function placeOf(frame: Frame): Place {
  const { source } = frame;
  return {
    frame,
    source,
    base: source.base,
    negated: false,
    required: false,
    splits: true,
    local: null,
    given: new Map(),
    grouped: false,
    within: [],
  };
}
