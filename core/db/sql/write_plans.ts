// Statements that change rows: UPDATE and DELETE.
import { FieldError } from "../../exceptions.ts";
import { type Connection, quoteName } from "../backends/base.ts";
import type { BoundExpression } from "../expressions/base.ts";
import type { Field } from "../fields/field.ts";
import { Compiler } from "./compiler.ts";
import { placeOf } from "./place.ts";
import type { Plan } from "./plans.ts";
import type { QueryState } from "./query_state.ts";
import { writeWheres } from "./wheres.ts";

/** ` WHERE …` of a statement that changes one table: with JOINs, the keys of the rows are asked for first. */
function targetRows(compiler: Compiler, state: QueryState): string {
  const frame = compiler.frame(state);
  const { dbTable, pk } = state.model._meta;
  if (!state.isSliced && state.groupBy === null && !state.distinct && !state.combined) {
    const { where, having, qualify } = writeWheres(compiler, frame);
    if (having === "" && qualify.length === 0 && !frame.source.isJoined) return where;
  }
  const keys = compiler.subQuery(state, null, "key");
  return ` WHERE ${quoteName(dbTable)}.${quoteName(pk.column)} IN (${keys})`;
}

/** Changes columns of all rows of a query. */
export function updatePlan(
  connection: Connection,
  state: QueryState,
  assignments: ReadonlyMap<Field, BoundExpression>,
): Plan {
  const compiler = Compiler.of(connection, state, [...assignments.values()]);
  const frame = compiler.frame(state);
  const set = [...assignments].map(
    ([field, expression]) => `${quoteName(field.column)} = ${compiler.assigned(expression, placeOf(frame), field)}`,
  );
  if (frame.source.isJoined) throw new FieldError("Joined field references are not permitted in this query");
  const sql = `UPDATE ${quoteName(state.model._meta.dbTable)} SET ${set.join(", ")}${targetRows(compiler, state)}`;
  return { ...compiler.statement(sql), bigints: false, read: () => null };
}

/** Removes all rows of a query, without a look at what refers to them. */
export function deletePlan(connection: Connection, state: QueryState): Plan {
  const compiler = Compiler.of(connection, state);
  const sql = `DELETE FROM ${quoteName(state.model._meta.dbTable)}${targetRows(compiler, state)}`;
  return { ...compiler.statement(sql), bigints: false, read: () => null };
}
