import { FieldError } from "../../exceptions.ts";
import type { Connection } from "../backends/base.ts";
import { LruMap } from "../backends/lru.ts";
import { stateOf } from "../meta/model_state.ts";
import type { BaseModel, ModelClass } from "../models.ts";
import { findAccessor, joinsOf, type Relation } from "../related/relations.ts";
import { type PlainColumn, plainReader, RowReader } from "../rows/hydration.ts";
import { BoundColumn, QueryBinder } from "./binding.ts";
import { Compiler, type Slot } from "./compiler.ts";
import { loadedFields } from "./loading.ts";
import type { FieldPath } from "./lookup_path.ts";
import { type Frame, placeOf } from "./place.ts";
import { type Source, stepsOf } from "./query_source.ts";
import type { QueryState } from "./query_state.ts";
import { type Selection, writeQuery } from "./select.ts";

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
  const compiler = Compiler.of(connection, state);
  const { sql, selection, filled } = writeQuery(compiler, state, (frame, selection) =>
    objectColumns(compiler, frame, selection, keyPath),
  );
  const { reader, related, annotations, keyPosition } = filled;
  const read = (row: readonly unknown[], db: string) => {
    const object = reader.readObject(row, db);
    for (const { reader, attach } of related) attach(object, reader.read(row, db));
    for (const { name, position, read } of annotations)
      (object as never as Record<string, unknown>)[name] = read(row[position]);
    return object;
  };
  return { ...compiler.statement(sql), bigints: selection.bigints, read, keyPosition };
}

function objectColumns(compiler: Compiler, frame: Frame, selection: Selection, keyPath: FieldPath | undefined) {
  const { state, source } = frame;
  const { connection } = compiler;
  const { model } = state;
  const fields = loadedFields(state, model, "");
  const offset = selection.addFields(model, fields, source);
  for (const [index, { name, attname }] of fields.entries()) {
    selection.names.set(name, offset + index).set(attname, offset + index);
  }
  const reader = new RowReader(model, fields, offset, connection.vendor, state.fetchMode);
  const related = relatedReaders(connection, state, source, selection);
  const annotations = addAnnotations(compiler, frame, selection);
  const keyPosition = keyPath ? selection.add(compiler.column(keyPath, source).sql, keyPath.field) : -1;
  return { reader, related, annotations, keyPosition };
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
    const at = source.follow(stepsOf(joinsOf(state.model, relations)), source.base, null);
    const { model } = relations[relations.length - 1];
    const fields = loadedFields(state, model, path);
    const reader = new RowReader(
      model,
      fields,
      selection.addFields(model, fields, source, at),
      vendor,
      state.fetchMode,
    );
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

/** The values that `annotate()` adds to each row. */
export function addAnnotations(compiler: Compiler, frame: Frame, selection: Selection): PlainColumn[] {
  return [...frame.state.annotations]
    .filter(([, { hidden }]) => !hidden)
    .map(([name]) => valueColumn(compiler, frame, selection, name));
}

/** Gives plain values instead of objects. */
export function valuesPlan(connection: Connection, state: QueryState): Plan {
  const compiler = Compiler.of(connection, state);
  const names = valueNames(state);
  const { sql, selection, filled } = writeQuery(compiler, state, (frame, selection) =>
    names.map((name) => valueColumn(compiler, frame, selection, name)),
  );
  const read = plainReader(filled, state.rows, connection.vendor);
  return { ...compiler.statement(sql), bigints: selection.bigints, read };
}

/** What `values()` without a name gives: every column, and what was annotated. */
export function valueNames({ values, model, annotations }: QueryState): readonly string[] {
  if (values && values.length > 0) return values;
  const shown = [...annotations].filter(([, { hidden }]) => !hidden).map(([name]) => name);
  return [...model._meta.fields.map((field) => field.attname), ...shown];
}

function valueColumn(compiler: Compiler, frame: Frame, selection: Selection, name: string): PlainColumn {
  const { vendor } = compiler.connection;
  const expression = new QueryBinder(frame.state).name(name);
  const position = selection.add(compiler.expression(expression, placeOf(frame)), expression.output);
  selection.names.set(name, position);
  const field = expression instanceof BoundColumn && expression.transforms.length === 0 ? expression.output : null;
  return { name, position, field, read: (raw) => expression.read(raw, vendor) };
}
