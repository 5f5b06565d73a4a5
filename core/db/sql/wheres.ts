import { FieldError } from "../../exceptions.ts";
import { quoteName } from "../backends/base.ts";
import type { BoundExpression } from "../expressions/base.ts";
import { isGrouped } from "./binding.ts";
import type { Compiler } from "./compiler.ts";
import { type Condition, expressionsOf, someCondition } from "./conditions.ts";
import { type Frame, type Place, placeOf } from "./place.ts";
import type { Joined } from "./query_source.ts";
import type { QueryState } from "./query_state.ts";

/** The conditions of a query by where they belong. */
export interface Wheres {
  where: string;
  having: string;
  /** Those that speak of windows, which are computed after everything else. */
  qualify: readonly Condition[];
}

/**
 * What a query's conditions say, apart by the clause that they belong into.
 *
 * @param select chooses the columns, once those conditions are written that came before them.
 */
export function writeWheres(compiler: Compiler, frame: Frame, select: () => void = () => undefined): Wheres {
  const { state } = frame;
  const split = state.selectedAt ?? state.where.length;
  const clauses: Clauses = { where: [], having: [], qualify: [] };
  for (const condition of state.where.slice(0, split)) addCondition(compiler, frame, condition, clauses);
  select();
  for (const condition of state.where.slice(split)) addCondition(compiler, frame, condition, clauses);
  const { where, having, qualify } = clauses;
  if (state.isEmpty) where.push("1 = 0");
  return { where: joined(" WHERE ", where), having: joined(" HAVING ", having), qualify };
}

interface Clauses {
  where: string[];
  having: string[];
  qualify: Condition[];
}

function addCondition(compiler: Compiler, frame: Frame, whole: Condition, clauses: Clauses): void {
  const place = placeOf(frame);
  const required = true;
  for (const { condition, local } of separated(whole)) {
    if (mentions(condition, (expression) => expression.window)) clauses.qualify.push(condition);
    else if (mentions(condition, isGrouped)) clauses.having.push(compiler.condition(condition, { ...place, local }));
    else clauses.where.push(rowCondition(compiler, condition, { ...place, local, required }));
  }
}

/** ` WHERE …` of conditions that need neither groups nor windows, or nothing. */
export function writeWhere(compiler: Compiler, frame: Frame): string {
  const { where, having, qualify } = writeWheres(compiler, frame);
  if (having === "" && qualify.length === 0) return where;
  throw new FieldError("Conditions on groups of rows or on windows are not possible here.");
}

/** Beside an aggregate over a relation to many, each row is given once: as if the rows were grouped by their key. */
function rowCondition(compiler: Compiler, condition: Condition, place: Place): string {
  const { state, outer } = place.frame;
  if (!multiplies(condition) || !aggregatesRows(state)) return compiler.condition(condition, place);
  const { pk } = state.model._meta;
  const frame = compiler.frame(state, outer, compiler.nextAlias());
  const sql = compiler.condition(condition, { ...placeOf(frame), local: new Map(), required: true });
  const keys = `SELECT ${frame.source.base.sql}.${quoteName(pk.column)} FROM ${frame.source.sql} WHERE ${sql}`;
  return `${place.source.base.sql}.${quoteName(pk.column)} IN (${keys})`;
}

function joined(clause: string, conditions: readonly string[]): string {
  const all = conditions.filter((sql) => sql !== "");
  return all.length === 0 ? "" : `${clause}${all.join(" AND ")}`;
}

interface Separated {
  condition: Condition;
  local: Map<string, Joined> | null;
}

/** The conditions of one `filter()`, which still speak of the same related row, unless they are one condition. */
function separated(condition: Condition): Separated[] {
  const isPlain = condition.type === "group" && condition.scope && !condition.negated;
  if (!isPlain || !mentions(condition, needsClause)) return [{ condition, local: null }];
  const local = new Map<string, Joined>();
  return condition.children.flatMap(alternatives).map((child) => ({ condition: child, local }));
}

function alternatives(condition: Condition): readonly Condition[] {
  if (condition.type !== "group" || condition.connector !== "and" || condition.negated) return [condition];
  return condition.children.flatMap(alternatives);
}

function needsClause(expression: BoundExpression): boolean {
  return expression.window || isGrouped(expression);
}

function mentions(condition: Condition, holds: (expression: BoundExpression) => boolean): boolean {
  return someCondition(condition, (leaf) => expressionsOf(leaf).some(holds));
}

/** It may give a row several times. */
function multiplies(condition: Condition): boolean {
  return someCondition(condition, (leaf) => leaf.type === "leaf" && !leaf.left && leaf.lookup.toMany);
}

function aggregatesRows({ groupBy, annotations }: QueryState): boolean {
  return groupBy === null && [...annotations.values()].some(({ expression }) => ofManyRows(expression));
}

function ofManyRows({ aggregate, paths }: BoundExpression): boolean {
  return aggregate && paths.some(({ toMany }) => toMany);
}
