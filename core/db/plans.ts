import { FieldError } from "../exceptions.ts";
import { annotationReader } from "./annotations.ts";
import type { Connection } from "./backends/base.ts";
import { quoteName } from "./backends/base.ts";
import { LruMap } from "./backends/lru.ts";
import { type Column, Compiler, type Slot } from "./compiler.ts";
import type { Expression } from "./expressions.ts";
import type { Field } from "./field.ts";
import { RowReader } from "./hydration.ts";
import { type FieldPath, walkPath } from "./lookup_path.ts";
import { stateOf } from "./model_state.ts";
import type { BaseModel, ModelClass } from "./models.ts";
import { type Joined, type Source, stepsOf } from "./query_source.ts";
import type { QueryState } from "./query_state.ts";
import { indexValues } from "./query_values.ts";
import { findAccessor, type Relation } from "./relations.ts";

/** A statement, ready to be sent: its SQL, where its parameters come from, and how its rows are read. */
export interface Plan<Row = unknown> {
  sql: string;
  slots: readonly Slot[];
  bigints: boolean;
  read(row: readonly unknown[], db: string): Row;
}

const LIMIT = 1000;
const plans = new WeakMap<Connection, LruMap<string, Plan>>();

/** The plan of that key, built once per connection. */
export function planFor<P extends Plan>(connection: Connection, key: string, build: () => P): P {
  let known = plans.get(connection);
  if (!known) {
    known = new LruMap(LIMIT);
    plans.set(connection, known);
  }
  let plan = known.get(key);
  if (!plan) {
    plan = build();
    known.set(key, plan);
  }
  return plan as P;
}

/** The columns of a SELECT, as they are added. */
export class Selection {
  readonly columns: string[] = [];
  bigints = false;

  /** Adds columns of one table; gives the position of the first. */
  addFields(fields: readonly Field[], at: Joined): number {
    const offset = this.columns.length;
    for (const field of fields) this.add(`${at.sql}.${quoteName(field.column)}`, field);
    return offset;
  }

  /** Adds one column; gives its position. */
  add(sql: string, field: Field | null): number {
    if (field?.isWide) this.bigints = true;
    return this.columns.push(sql) - 1;
  }
}

/** Where a row belongs: the key of the object that asked for it, through a relation. */
export interface KeyedPlan<Row> extends Plan<Row> {
  keyPosition: number;
}

/**
 * Gives the objects of a query, with what `selectRelated()` and `annotate()` add.
 *
 * @param keyPath a column to be given beside each object, at `keyPosition`.
 */
export function objectPlan(connection: Connection, state: QueryState, keyPath?: FieldPath): KeyedPlan<BaseModel> {
  const compiler = new Compiler(connection, indexValues(state));
  const source = compiler.source(state.model);
  const selection = new Selection();
  const { fields } = state.model._meta;
  const reader = new RowReader(state.model, fields, selection.addFields(fields, source.base), connection.vendor);
  const related = relatedReaders(connection, state, source, selection);
  const annotations = addAnnotations(compiler, state, source, selection);
  const keyPosition = keyPath ? selection.add(compiler.column(keyPath, source).sql, keyPath.field) : -1;
  const plan = finish(compiler, state, source, selection, (row, db) => {
    const object = reader.readObject(row, db);
    for (const { reader, attach } of related) attach(object, reader.read(row, db));
    for (const { name, position, read } of annotations)
      (object as never as Record<string, unknown>)[name] = read(row[position]);
    return object;
  });
  return { ...plan, keyPosition };
}

interface RelatedReader {
  reader: RowReader;
  attach(object: BaseModel, related: BaseModel | null): void;
}

/** One JOIN and one reader for each relation that `selectRelated()` names, the outer ones first. */
function relatedReaders(
  { vendor }: Connection,
  state: QueryState,
  source: Source,
  selection: Selection,
): RelatedReader[] {
  const readers: RelatedReader[] = [];
  for (const path of expand(state.selectRelated)) {
    const relations = relationsOf(state.model, path);
    const at = source.follow(stepsOf(relations), source.base, null);
    const { model } = relations[relations.length - 1];
    const { fields } = model._meta;
    const reader = new RowReader(model, fields, selection.addFields(fields, at), vendor);
    readers.push({ reader, attach: (object, related) => attach(object, relations, related) });
  }
  return readers;
}

/** `author__agent` needs `author` first. */
function expand(paths: readonly string[]): string[] {
  const all = paths.flatMap((path) => {
    const parts = path.split("__");
    return parts.map((_, index) => parts.slice(0, index + 1).join("__"));
  });
  return [...new Set(all)].sort((a, b) => a.split("__").length - b.split("__").length);
}

function relationsOf(model: ModelClass, path: string): Relation[] {
  const relations: Relation[] = [];
  let at = model;
  for (const name of path.split("__")) {
    const relation = findAccessor(at._meta, name);
    if (!relation || relation.toMany) throw notToOne(at, name, path);
    relations.push(relation);
    at = relation.model;
  }
  return relations;
}

/** Throws a FieldError unless every part of the path is a relation to one. */
export function checkSelectRelated(model: ModelClass, path: string): void {
  relationsOf(model, path);
}

function notToOne(model: ModelClass, name: string, path: string): FieldError {
  const { fields, relatedObjects } = model._meta;
  const choices = fields.filter((field) => field.isForeignKey).map((field) => field.name);
  const back = relatedObjects.filter(({ field }) => field.kind === "OneToOneField").map(({ accessor }) => accessor);
  return new FieldError(`Invalid field name given in selectRelated: "${name}" of "${path}".`, {
    hint: `Choices are: ${[...choices, ...back].join(", ") || "(none)"}. Relations to many go into prefetchRelated().`,
  });
}

/** Puts an object where the relation's accessor looks for it, at both sides of a one-to-one. */
function attach(object: BaseModel, relations: readonly Relation[], related: BaseModel | null): void {
  let holder: BaseModel | null = object;
  for (const relation of relations.slice(0, -1))
    holder = (relatedCache(holder).get(cacheName(relation)) ?? null) as BaseModel | null;
  if (!holder) return;
  const relation = relations[relations.length - 1];
  relatedCache(holder).set(cacheName(relation), related);
  if (relation.reverse && related) relatedCache(related).set(relation.field.name, holder);
}

/** Under what name an object remembers what a relation leads to. */
export function cacheName({ reverse, field, name }: Relation): string {
  return reverse ? `<${field.label}` : name;
}

export function relatedCache(object: BaseModel | null): Map<string, unknown> {
  if (!object) return new Map();
  const own = stateOf(object);
  own.related ??= new Map();
  return own.related;
}

export interface AnnotationReader {
  name: string;
  position: number;
  read(raw: unknown): unknown;
}

export function addAnnotations(
  compiler: Compiler,
  state: QueryState,
  source: Source,
  selection: Selection,
): AnnotationReader[] {
  return [...state.annotations].map(([name, bound]) => {
    const { sql } = compiler.annotation(bound, source);
    const position = selection.add(`${sql} AS ${quoteName(name)}`, null);
    return { name, position, read: annotationReader(bound, compiler.connection.vendor) };
  });
}

/** Gives plain values instead of objects. */
export function valuesPlan(connection: Connection, state: QueryState): Plan {
  const compiler = new Compiler(connection, indexValues(state));
  const source = compiler.source(state.model);
  const selection = new Selection();
  const names = state.values?.length ? state.values : defaultValues(state);
  const columns = names.map((name) => valueColumn(compiler, state, source, selection, name));
  const read = (row: readonly unknown[]) => columns.map(({ position, read }) => read(row[position]));
  return finish(compiler, state, source, selection, (row) => {
    if (state.rows === "flat") return columns[0].read(row[columns[0].position]);
    if (state.rows === "arrays") return read(row);
    const object: Record<string, unknown> = {};
    for (const { name, position, read } of columns) object[name] = read(row[position]);
    return object;
  });
}

function defaultValues(state: QueryState): string[] {
  return [...state.model._meta.fields.map((field) => field.attname), ...state.annotations.keys()];
}

function valueColumn(
  compiler: Compiler,
  state: QueryState,
  source: Source,
  selection: Selection,
  name: string,
): AnnotationReader {
  const { vendor } = compiler.connection;
  const bound = state.annotations.get(name);
  if (bound) {
    const position = selection.add(compiler.annotation(bound, source).sql, null);
    return { name, position, read: annotationReader(bound, vendor) };
  }
  const { field, column } = namedColumn(compiler, state, source, name);
  return { name, position: selection.add(column.sql, field), read: (raw) => field.fromDb(raw, vendor) };
}

function namedColumn(
  compiler: Compiler,
  state: QueryState,
  source: Source,
  name: string,
): { field: Field; column: Column } {
  const { path, rest } = walkPath(state.model, name);
  if (rest.length > 0) throw new FieldError(`Cannot resolve "${name}" of ${state.model._meta.label} into a field.`);
  return { field: path.field, column: compiler.column(path, source) };
}

/** DISTINCT compares what is selected, so what is ordered by must be among it. */
export function finish<Row>(
  compiler: Compiler,
  state: QueryState,
  source: Source,
  selection: Selection,
  read: Plan<Row>["read"],
): Plan<Row> {
  const distinctOrder = state.distinct ? orderByPosition(compiler, state, source, selection) : "";
  const where = compiler.where(state, source);
  const order = distinctOrder || (state.distinct ? "" : compiler.orderBy(state, source));
  const slice = compiler.slice(state);
  const columns = selection.columns.join(", ");
  const sql = `SELECT ${state.distinct ? "DISTINCT " : ""}${columns} FROM ${source.sql}${where}${order}${slice}`;
  return { sql, slots: compiler.slots, bigints: selection.bigints, read };
}

function orderByPosition(compiler: Compiler, state: QueryState, source: Source, selection: Selection): string {
  const terms = compiler.orderTerms(state, source).map(({ sql, suffix }) => {
    const known = selection.columns.indexOf(sql);
    return `${(known < 0 ? selection.add(sql, null) : known) + 1}${suffix}`;
  });
  return terms.length === 0 ? "" : ` ORDER BY ${terms.join(", ")}`;
}

/** How many rows a query gives. */
export function countPlan(connection: Connection, state: QueryState): Plan<number> {
  const compiler = new Compiler(connection, indexValues(state));
  const source = compiler.source(state.model);
  const read = (row: readonly unknown[]) => Number(row[0]);
  if (state.distinct || state.isSliced) {
    const rows = rowsOf(compiler, state, source);
    return { sql: `SELECT COUNT(*) FROM (${rows}) AS counted`, slots: compiler.slots, bigints: false, read };
  }
  const where = compiler.where(state, source);
  return { sql: `SELECT COUNT(*) FROM ${source.sql}${where}`, slots: compiler.slots, bigints: false, read };
}

/** Whether a query gives any row. */
export function existsPlan(connection: Connection, state: QueryState): Plan<boolean> {
  const compiler = new Compiler(connection, indexValues(state));
  const source = compiler.source(state.model);
  const isWhole = !state.distinct && !state.isSliced;
  const where = isWhole ? compiler.where(state, source) : "";
  const rows = isWhole ? `${source.sql}${where}` : `(${rowsOf(compiler, state, source)}) AS found`;
  return { sql: `SELECT 1 FROM ${rows} LIMIT 1`, slots: compiler.slots, bigints: false, read: () => true };
}

/** What a counted query gives: its columns where they decide what is distinct, else its keys. */
function rowsOf(compiler: Compiler, state: QueryState, source: Source): string {
  const names = state.values?.length ? state.values : ["pk"];
  const columns = names.map((name, index) => {
    const bound = state.annotations.get(name);
    const { sql } = bound ? compiler.annotation(bound, source) : namedColumn(compiler, state, source, name).column;
    return `${sql} AS c${index}`;
  });
  const where = compiler.where(state, source);
  const order = state.isSliced && !state.distinct ? compiler.orderBy(state, source) : "";
  const select = state.distinct ? "SELECT DISTINCT" : "SELECT";
  return `${select} ${columns.join(", ")} FROM ${source.sql}${where}${order}${compiler.slice(state)}`;
}

/** ` WHERE …` of a statement that changes one table: with JOINs, the keys of the rows are asked for first. */
function targetRows(compiler: Compiler, state: QueryState): string {
  const { dbTable, pk } = state.model._meta;
  if (!state.isSliced && !needsJoin(compiler.connection, state))
    return compiler.where(state, compiler.source(state.model));
  const keys = compiler.subQuery({ queryState: state.with({ values: null }) });
  return ` WHERE ${quoteName(dbTable)}.${quoteName(pk.column)} IN (${keys})`;
}

function needsJoin(connection: Connection, state: QueryState): boolean {
  const trial = new Compiler(connection, indexValues(state));
  const source = trial.source(state.model);
  trial.where(state, source);
  return source.isJoined;
}

/** Changes columns of all rows of a query. */
export function updatePlan(
  connection: Connection,
  state: QueryState,
  assignments: ReadonlyMap<Field, Expression>,
): Plan {
  const compiler = new Compiler(connection, indexValues(state, [...assignments.values()]));
  const source = compiler.source(state.model);
  const set = [...assignments].map(
    ([field, expression]) => `${quoteName(field.column)} = ${compiler.assigned(expression, source, field)}`,
  );
  if (source.isJoined) throw new FieldError("update() cannot take values from other tables.");
  const sql = `UPDATE ${quoteName(state.model._meta.dbTable)} SET ${set.join(", ")}${targetRows(compiler, state)}`;
  return { sql, slots: compiler.slots, bigints: false, read: () => null };
}

/** Removes all rows of a query, without a look at what refers to them. */
export function deletePlan(connection: Connection, state: QueryState): Plan {
  const compiler = new Compiler(connection, indexValues(state));
  const sql = `DELETE FROM ${quoteName(state.model._meta.dbTable)}${targetRows(compiler, state)}`;
  return { sql, slots: compiler.slots, bigints: false, read: () => null };
}
