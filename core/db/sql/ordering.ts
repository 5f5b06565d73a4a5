import type { Connection } from "../backends/base.ts";
import { type BoundOrder, bindOrder } from "../expressions/base.ts";
import { jsonOrder } from "../lookups/json.ts";
import { collated } from "../lookups.ts";
import type { ModelClass } from "../models.ts";
import { BoundReference, QueryBinder } from "./binding.ts";
import type { Compiler } from "./compiler.ts";
import { walkPath } from "./lookup_path.ts";
import { type Frame, placeOf } from "./place.ts";
import type { OrderTerm, QueryState } from "./query_state.ts";

/** What to order by, apart from its direction. */
export interface WrittenOrder {
  sql: string;
  suffix: string;
  /** The annotation that it names, whose column may be named by its position. */
  name: string | null;
  /** It is made of a group of rows, so nothing has to be grouped by it. */
  aggregate: boolean;
}

/** The terms of a query's ordering. */
export function writeOrder(compiler: Compiler, frame: Frame): WrittenOrder[] {
  const { state } = frame;
  const inherited = state.groupBy === null ? state.model._meta.ordering : [];
  return (state.order ?? inherited).flatMap((term) => orderTerm(compiler, frame, term, state.reversed));
}

function orderTerm(compiler: Compiler, frame: Frame, term: OrderTerm, reversed: boolean): WrittenOrder[] {
  if (term === "?") return [{ sql: "RANDOM()", suffix: "", name: null, aggregate: true }];
  if (typeof term !== "string") return [bound(compiler, frame, term, reversed)];
  const name = term.replace(/^[-+]/, "");
  const descending = term.startsWith("-") !== reversed;
  const isAnnotation = frame.state.annotations.has(name.split("__")[0]);
  const inner = isAnnotation ? null : relatedOrdering(frame.state.model, name);
  if (inner) return inner.flatMap((other) => orderTerm(compiler, frame, prefixed(name, other), descending));
  const order = bindOrder(name, new QueryBinder(frame.state));
  return [bound(compiler, frame, { ...order, descending: descending !== reversed }, reversed)];
}

function bound(compiler: Compiler, frame: Frame, order: BoundOrder, reversed: boolean): WrittenOrder {
  return directed(compiler.connection, order, compiler.expression(order.expression, placeOf(frame)), reversed);
}

/** With NULLS FIRST or LAST only where the database would do otherwise: an index may not help any more. */
export function directed(connection: Connection, order: BoundOrder, written: string, reversed: boolean): WrittenOrder {
  const { expression, nulls } = order;
  const operand = { sql: written, field: expression.output, toParam: same };
  const isJson = expression.output?.kind === "JSONField";
  const sql = isJson ? jsonOrder(written, connection.vendor) : collated(operand, connection);
  const descending = order.descending !== reversed;
  const name = expression instanceof BoundReference && sql === operand.sql ? expression.name : null;
  const first = nulls ? (nulls === "first") !== reversed : nullsFirst(connection, order, descending);
  const place = first === null ? "" : ` NULLS ${first ? "FIRST" : "LAST"}`;
  return { sql, suffix: `${descending ? " DESC" : ""}${place}`, name, aggregate: expression.aggregate };
}

const same = (value: unknown) => value;

/** Where the database's options want NULLs; null where they stand there anyway. */
function nullsFirst(connection: Connection, { expression }: BoundOrder, descending: boolean): boolean | null {
  const { orderingNulls, vendor } = connection;
  const natural = vendor === "sqlite" ? "lowest" : "highest";
  if (orderingNulls === "database" || orderingNulls === natural || !expression.nullable) return null;
  return (orderingNulls === "lowest") !== descending;
}

/** Throws a FieldError for a term that names nothing. */
export function checkOrder(state: QueryState, term: string): void {
  if (term !== "?") new QueryBinder(state).name(term.replace(/^[-+]/, ""));
}

/** Who orders by a relation means the other model's own ordering, as in Django; who means the key writes `authorId`. */
function relatedOrdering(model: ModelClass, name: string): readonly string[] | null {
  const { path, rest } = walkPath(model, name);
  const last = name.split("__").at(-1);
  const { field, relations } = path;
  const relation = relations.at(-1);
  if (rest.length > 0) return null;
  if (field.isForeignKey && field.name === last) return nonEmpty(field.relatedModel._meta.ordering);
  return relation && relation.name === last ? nonEmpty(relation.model._meta.ordering) : null;
}

function nonEmpty(names: readonly string[]): readonly string[] | null {
  return names.length === 0 ? null : names;
}

function prefixed(prefix: string, term: string): string {
  return term.startsWith("-") ? `-${prefix}__${term.slice(1)}` : `${prefix}__${term}`;
}
