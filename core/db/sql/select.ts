import { FieldError, NotSupportedError } from "../../exceptions.ts";
import { quoteName } from "../backends/base.ts";
import type { Field } from "../fields/field.ts";
import type { ModelClass } from "../models.ts";
import { isGrouped, QueryBinder } from "./binding.ts";
import type { Compiler } from "./compiler.ts";
import { lockingClause } from "./locking.ts";
import { writeOrder } from "./ordering.ts";
import { type Frame, placeOf } from "./place.ts";
import { type Joined, type Source, stepsToField } from "./query_source.ts";
import type { Combination, OrderTerm, QueryState } from "./query_state.ts";
import { type Wheres, writeWheres } from "./wheres.ts";

/** The columns of a SELECT, as they are added. */
export class Selection {
  readonly columns: string[] = [];
  /** The position of what has a name: a field of the model, or an annotation. */
  readonly names = new Map<string, number>();
  bigints = false;
  readonly #aliases = new Map<number, string>();

  /** Adds columns of a model that stands at `at`, its parents' with their JOINs; gives the position of the first. */
  addFields(model: ModelClass, fields: readonly Field[], source: Source, at: Joined = source.base): number {
    const offset = this.columns.length;
    for (const field of fields) {
      const table = source.follow(stepsToField(model, field), at, null);
      this.add(`${table.sql}.${quoteName(field.column)}`, field);
    }
    return offset;
  }

  /** Adds one column, perhaps under a name for the query around this one; gives its position. */
  add(sql: string, field: Field | null, alias?: string): number {
    if (field?.isWide) this.bigints = true;
    if (alias !== undefined) this.#aliases.set(this.columns.length, alias);
    return this.columns.push(sql) - 1;
  }

  /** What follows SELECT, of these columns. */
  list(columns: readonly string[] = this.columns): string {
    return columns
      .map((sql, index) => (this.#aliases.has(index) ? `${sql} AS ${this.#aliases.get(index)}` : sql))
      .join(", ");
  }

  /** The position of a column, which is added where it is not there yet. */
  find(sql: string): number {
    const known = this.columns.indexOf(sql);
    return known < 0 ? this.add(sql, null) : known;
  }
}

/** Adds to a SELECT what is wanted of each row; called for every query that is combined with others. */
export type Fill<T> = (frame: Frame, selection: Selection) => T;

/** A query as it was written. */
export interface Written<T> {
  sql: string;
  selection: Selection;
  /** What `fill` gave, of the first query. */
  filled: T;
}

export interface SelectOptions {
  /** The query around it. */
  outer?: Frame | null;
  /** The table's alias inside another query. */
  alias?: string;
  /** False where nobody sees the order, unless a slice depends on it. */
  ordered?: boolean;
}

/** Writes a whole query: `SELECT …`, or several that are combined. */
export function writeQuery<T>(
  compiler: Compiler,
  state: QueryState,
  fill: Fill<T>,
  options: SelectOptions = {},
): Written<T> {
  if (state.combined) return writeCombined(compiler, state, state.combined, fill, options);
  const frame = compiler.frame(state, options.outer ?? null, options.alias);
  const selection = new Selection();
  let filled: T | undefined;
  const wheres = writeWheres(compiler, frame, () => {
    filled = fill(frame, selection);
  });
  return { sql: writeSelect(compiler, frame, selection, wheres, options), selection, filled: filled as T };
}

function writeSelect(
  compiler: Compiler,
  frame: Frame,
  selection: Selection,
  { where, having, qualify }: Wheres,
  { ordered = true }: SelectOptions,
): string {
  const { state, source } = frame;
  const width = selection.columns.length;
  const kept = qualify.map((condition) => {
    const sql = compiler.condition(condition, placeOf(frame));
    return selection.add(`CASE WHEN ${sql} THEN 1 ELSE 0 END`, null);
  });
  const isQualified = kept.length > 0;
  const groups = groupTerms(compiler, frame, selection);
  const order = ordered || state.isSliced ? orderTerms(compiler, frame, selection, groups, isQualified) : [];
  const grouping = groups.length === 0 ? "" : ` GROUP BY ${groups.join(", ")}`;
  const rows = `FROM ${source.sql}${where}${grouping}${having}`;
  const end = `${orderClause(order)}${compiler.slice(state)}${lockingClause(compiler.connection, frame)}`;
  const distinct = distinctClause(compiler, frame);
  if (!isQualified) return `SELECT ${distinct}${selection.list()} ${rows}${end}`;
  const inner = selection.columns.map((sql, index) => `${sql} AS c${index}`).join(", ");
  const columns = selection.list(Array.from({ length: width }, (_, index) => `c${index}`));
  const condition = kept.map((index) => `c${index} = 1`).join(" AND ");
  return `SELECT ${distinct}${columns} FROM (SELECT ${inner} ${rows}) AS qualified WHERE ${condition}${end}`;
}

function orderClause(terms: readonly string[]): string {
  return terms.length === 0 ? "" : ` ORDER BY ${terms.join(", ")}`;
}

/** By their positions where they are selected: parameters would make other expressions of them. */
function groupTerms(compiler: Compiler, frame: Frame, selection: Selection): string[] {
  const { state } = frame;
  if (state.groupBy === null) return [];
  const binder = new QueryBinder(state);
  const computed = [...state.annotations].filter(([name, { grouped, expression, hidden }]) => {
    return grouped && !hidden && !expression.aggregate && !expression.window && !state.groupBy?.includes(name);
  });
  const names = [...state.groupBy, ...computed.map(([name]) => name)];
  return names.flatMap((name) => {
    const expression = binder.name(name);
    if (isGrouped(expression)) return [];
    const position = selection.names.get(name);
    return position === undefined ? compiler.expression(expression, placeOf(frame)) : String(position + 1);
  });
}

/** DISTINCT compares what is selected, so what is ordered by must be among it; what is ordered by is grouped by, too. */
function orderTerms(
  compiler: Compiler,
  frame: Frame,
  selection: Selection,
  groups: string[],
  isQualified: boolean,
): string[] {
  const { state } = frame;
  return writeOrder(compiler, frame).map(({ sql, suffix, name, aggregate }) => {
    const known = name === null ? undefined : selection.names.get(name);
    if (isQualified) return `c${known ?? selection.find(sql)}${suffix}`;
    if (known !== undefined) return `${known + 1}${suffix}`;
    if (state.distinct && state.distinctOn.length === 0) return `${selection.find(sql) + 1}${suffix}`;
    if (groups.length > 0 && !aggregate) addGroup(groups, selection, sql);
    return `${sql}${suffix}`;
  });
}

function addGroup(groups: string[], selection: Selection, sql: string): void {
  const position = String(selection.columns.indexOf(sql) + 1);
  if (!groups.includes(sql) && !groups.includes(position)) groups.push(sql);
}

function distinctClause(compiler: Compiler, frame: Frame): string {
  const { distinct, distinctOn } = frame.state;
  if (!distinct) return "";
  if (distinctOn.length === 0) return "DISTINCT ";
  if (compiler.connection.vendor === "sqlite") {
    throw new NotSupportedError("DISTINCT ON fields is not supported by this database backend.");
  }
  const binder = new QueryBinder(frame.state);
  const columns = distinctOn.map((name) => compiler.expression(binder.name(name), placeOf(frame)));
  return `DISTINCT ON (${columns.join(", ")}) `;
}

/** Each query in a SELECT of its own, since SQLite takes no parentheses around it. */
function writeCombined<T>(
  compiler: Compiler,
  state: QueryState,
  { operator, all, parts }: Combination,
  fill: Fill<T>,
  options: SelectOptions,
): Written<T> {
  const written = parts.map((part) => writeQuery(compiler, part, fill, { outer: options.outer, alias: options.alias }));
  const queries = written.map(({ sql }) => `SELECT * FROM (${sql}) AS ${quoteName(compiler.nextAlias())}`);
  const [{ selection, filled }] = written;
  const order = (state.order ?? []).map((term) => combinedOrder(selection, term, state.reversed));
  const sql = queries.join(` ${operator}${all ? " ALL" : ""} `);
  return { sql: `${sql}${orderClause(order)}${compiler.slice(state)}`, selection, filled };
}

function combinedOrder(selection: Selection, term: OrderTerm, reversed: boolean): string {
  const name = typeof term === "string" ? term.replace(/^[-+]/, "") : term.shape;
  const position = selection.names.get(name);
  if (position === undefined) {
    throw new FieldError(`ORDER BY term "${name}" does not match any column in the result set.`, {
      hint: "The rows of combined queries are ordered by columns that all of them give.",
    });
  }
  const descending = (typeof term === "string" && term.startsWith("-")) !== reversed;
  return `${position + 1}${descending ? " DESC" : ""}`;
}

/** What a query inside another one gives: its only column, the keys of its rows, or 1 for each of them. */
export type SubQueryColumn = "column" | "key" | "one";

export function writeSubQuery(
  compiler: Compiler,
  state: QueryState,
  outer: Frame | null,
  what: SubQueryColumn,
): string {
  const [name = "pk", ...more] = what === "key" ? [] : (state.values ?? []);
  if (more.length > 0 && what === "column") throw new FieldError("A queryset in a condition must give one column.");
  const fill: Fill<void> = (frame, selection) => {
    const expression = new QueryBinder(frame.state).name(name);
    const isConstant = what === "one" && frame.state.groupBy === null && !state.combined && !state.distinct;
    selection.names.set(name, selection.columns.length);
    selection.add(isConstant ? "1" : compiler.expression(expression, placeOf(frame)), expression.output);
  };
  return writeQuery(compiler, state, fill, { outer, alias: compiler.nextAlias(), ordered: false }).sql;
}
