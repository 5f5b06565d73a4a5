import { FieldError } from "../exceptions.ts";
import type { Connection } from "./backends/base.ts";
import { quoteName } from "./backends/base.ts";
import type { Field } from "./fields/field.ts";
import type { Vendor } from "./fields/field_types.ts";
import type { ModelClass } from "./models.ts";
import { inverseLookup, inversePath } from "./related/inverse.ts";
import { findAccessor, type Relation, wayOf } from "./related/relations.ts";
import { Compiler } from "./sql/compiler.ts";
import { makeLeaf } from "./sql/conditions.ts";
import { connectionOf, send } from "./sql/execution.ts";
import type { FieldPath } from "./sql/lookup_path.ts";
import { addAnnotations, type Plan, planFor } from "./sql/plans.ts";
import { type Joined, type Source, stepsOf, stepsToField } from "./sql/query_source.ts";
import { QueryState } from "./sql/query_state.ts";
import { type Selection, writeQuery } from "./sql/select.ts";

/**
 * Which columns and relations are wanted as plain objects: what the REST layer makes of an output schema.
 *
 * The result has columns under their `attname` (`id`, `title`, `authorId`), relations to one as an object or null, and
 * relations to many as arrays, in the order of their keys.
 */
export interface Projection {
  columns: readonly Field[];
  /** By the name of the foreign key, or the accessor of a one-to-one from its other side. */
  one: ReadonlyMap<string, Projection>;
  /** By the name of the many-to-many field, or the accessor of the way back. */
  many: ReadonlyMap<string, Projection>;
}

type Row = readonly unknown[];
type Plain = Record<string, unknown>;

/** A relation to many that one more query fills, and where its owner's key stands in the rows. */
interface ManyNode {
  name: string;
  relation: Relation;
  projection: Projection;
}

/** An object that waits for its relation to many. */
interface Waiting {
  object: Plain;
  key: unknown;
}

interface ProjectionPlan extends Plan<object> {
  many: readonly ManyNode[];
  keyPosition: number;
  readInto(row: Row, waiting: readonly Waiting[][]): Plain;
}

/** The rows of a query as plain nested objects: one statement, and one more for each relation to many. */
export async function project(state: QueryState, projection: Projection): Promise<object[]> {
  if (state.isEmpty) return [];
  return (await run(connectionOf(state), state, projection)).objects;
}

async function run(connection: Connection, state: QueryState, projection: Projection, keyPath?: FieldPath) {
  const plan = planFor(connection, `project ${keyOf(projection)} ${pathKey(keyPath)} ${state.shape}`, () =>
    buildPlan(connection, state, projection, keyPath),
  );
  const { rows } = await send(connection, plan, state);
  const waiting = plan.many.map((): Waiting[] => []);
  const objects = rows.map((row) => plan.readInto(row, waiting));
  for (const [index, node] of plan.many.entries()) await fill(connection, node, waiting[index]);
  return { objects, keys: rows.map((row) => row[plan.keyPosition]) };
}

async function fill(
  connection: Connection,
  { name, relation, projection }: ManyNode,
  waiting: Waiting[],
): Promise<void> {
  if (waiting.length === 0) return;
  const path = inversePath(relation);
  const leaf = makeLeaf(inverseLookup(relation, "in"), ownKeys(waiting));
  const state = new QueryState(relation.model).with({ where: [leaf], order: ["pk"], db: connection.alias });
  const { objects, keys } = await run(connection, state, projection, path);
  const byOwner = new Map<unknown, object[]>(waiting.map(({ key }) => [key, []]));
  for (const [index, object] of objects.entries()) byOwner.get(keys[index])?.push(object);
  for (const { object, key } of waiting) object[name] = byOwner.get(key);
}

function ownKeys(waiting: readonly Waiting[]): unknown[] {
  return [...new Set(waiting.map(({ key }) => key))];
}

let count = 0;
const identities = new WeakMap<Projection, number>();

/** A projection is made once, when a schema is compiled, and known by itself. */
function keyOf(projection: Projection): number {
  const known = identities.get(projection) ?? ++count;
  identities.set(projection, known);
  return known;
}

function pathKey(path: FieldPath | undefined): string {
  return path ? path.relations.map(({ field, reverse }) => `${reverse}${field.label}`).join() + path.field.name : "";
}

function buildPlan(
  connection: Connection,
  state: QueryState,
  projection: Projection,
  keyPath: FieldPath | undefined,
): ProjectionPlan {
  const compiler = Compiler.of(connection, state);
  const { sql, selection, filled } = writeQuery(compiler, state, (frame, selection) => {
    const builder = new ProjectionBuilder(frame.source, selection, connection.vendor);
    const read = builder.node(state.model, projection, frame.source.base);
    const annotations = addAnnotations(compiler, frame, selection);
    const keyPosition = keyPath ? selection.add(compiler.column(keyPath, frame.source).sql, keyPath.field) : -1;
    return { read, annotations, keyPosition, many: builder.many };
  });
  const { read, annotations, keyPosition, many } = filled;
  const readInto = (row: Row, waiting: readonly Waiting[][]) => {
    const object = read(row, waiting) as Plain;
    for (const { name, position, read } of annotations) object[name] = read(row[position]);
    return object;
  };
  const plan = { ...compiler.statement(sql), bigints: selection.bigints, read: (row: Row) => readInto(row, []) };
  return { ...plan, many, keyPosition, readInto };
}

type Read = (row: Row, waiting: readonly Waiting[][]) => Plain | null;

/** Adds the columns of a projection to a SELECT, and makes the functions that read them. */
class ProjectionBuilder {
  readonly selection: Selection;
  readonly many: ManyNode[] = [];
  readonly #source: Source;
  readonly #vendor: Vendor;

  constructor(source: Source, selection: Selection, vendor: Vendor) {
    this.#source = source;
    this.selection = selection;
    this.#vendor = vendor;
  }

  node(model: ModelClass, projection: Projection, at: Joined): Read {
    const key = this.#position(model, model._meta.pk, at);
    const columns = projection.columns.map((field) => this.#column(model, field, at));
    const one = [...projection.one].map(([name, inner]) => this.#toOne(model, name, inner, at));
    const many = [...projection.many].map(([name, inner]) => this.#toMany(model, name, inner, at));
    return (row, waiting) => {
      if (row[key] === null) return null;
      const object: Plain = {};
      for (const { name, position, field } of columns) object[name] = field.fromDb(row[position], this.#vendor);
      for (const { name, read } of one) object[name] = read(row, waiting);
      for (const { index, position } of many) waiting[index].push({ object, key: row[position] });
      return object;
    };
  }

  #column(model: ModelClass, field: Field, at: Joined) {
    return { name: field.attname, field, position: this.#position(model, field, at) };
  }

  /** The position of a column, which is selected once. */
  #position(model: ModelClass, field: Field, at: Joined): number {
    const table = this.#source.follow(stepsToField(model, field), at, null);
    const sql = `${table.sql}.${quoteName(field.column)}`;
    const known = this.selection.columns.indexOf(sql);
    return known < 0 ? this.selection.add(sql, field) : known;
  }

  #toOne(model: ModelClass, name: string, inner: Projection, at: Joined) {
    const relation = relationNamed(model, name, false);
    const joined = this.#source.follow(stepsOf(wayOf(model._meta, relation)), at, null);
    return { name, read: this.node(relation.model, inner, joined) };
  }

  #toMany(model: ModelClass, name: string, projection: Projection, at: Joined) {
    const relation = relationNamed(model, name, true);
    const index = this.many.push({ name, relation, projection }) - 1;
    return { index, position: this.#position(model, ownerField(relation), at) };
  }
}

/** What the other side refers to. */
function ownerField({ field, reverse }: Relation): Field {
  if (field.isManyToMany) return (reverse ? field.relatedModel : field.model)._meta.pk;
  return field.targetField;
}

function relationNamed(model: ModelClass, name: string, toMany: boolean): Relation {
  const relation = findAccessor(model._meta, name);
  if (relation && relation.toMany === toMany) return relation;
  throw new FieldError(`${model._meta.label} has no relation "${name}" to ${toMany ? "many" : "one"}.`);
}
