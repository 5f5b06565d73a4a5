// django.db.models.deletion.Collector
import { ProtectedError, RestrictedError } from "../exceptions.ts";
import { type Connection, quoteName } from "./backends/base.ts";
import { makeLeaf } from "./conditions.ts";
import { connections } from "./connections.ts";
import { fetchObjects, send, writeConnectionOf } from "./execution.ts";
import { type BoundExpression, BoundValue } from "./expressions/base.ts";
import type { Field } from "./field.ts";
import type { Lookup } from "./lookup_path.ts";
import type { BaseModel, ModelClass } from "./models.ts";
import type { RelatedObject } from "./options.ts";
import { planFor } from "./plans.ts";
import { QueryState } from "./query_state.ts";
import { router } from "./routers.ts";
import { postDelete, preDelete } from "./signals.ts";
import { atomic } from "./transaction.ts";
import { deletePlan, updatePlan } from "./write_plans.ts";

/** How many rows were deleted, in all and by model: `[3, { "library.Book": 1, "library.Review": 2 }]`. */
export type Deleted = [total: number, byModel: Record<string, number>];

type Keyed = Record<string, unknown>;

/** Rows of a table between two models. */
interface Pairs {
  label: string;
  table: string;
  column: string;
  field: Field;
  keys: unknown[];
}

/** The rows that refer to some others through one foreign key. */
interface Referring {
  field: Field;
  objects: readonly BaseModel[];
}

/** Deletes objects with everything that `onDelete` says must go or change with them, in one transaction. */
export async function deleteObjects(objects: readonly BaseModel[], using?: string): Promise<Deleted> {
  if (objects.length === 0) return [0, {}];
  const [first] = objects;
  const connection = connections.get(using ?? router.dbForWrite(first.constructor as ModelClass, { instance: first }));
  const run = async () => {
    const collector = new Collector(connection);
    await collector.collect(objects);
    collector.check();
    return collector.delete();
  };
  return atomic(run, { using: connection.alias, savepoint: false });
}

/** Deletes all rows of a query: by one statement where nothing refers to them and nobody listens. */
export async function deleteQuery(state: QueryState): Promise<Deleted> {
  const { model } = state;
  const connection = writeConnectionOf(state);
  const { alias } = connection;
  if (!canDeleteBlindly(model)) {
    return deleteObjects(await fetchObjects(state.with({ values: null, db: alias })), alias);
  }
  const count = await deleteBlindly(connection, state);
  return [count, count > 0 ? { [model._meta.label]: count } : {}];
}

async function deleteBlindly(connection: Connection, state: QueryState): Promise<number> {
  const plan = planFor(connection, `delete ${state.shape}`, () => deletePlan(connection, state));
  return (await send(connection, plan, state)).rowCount;
}

/** Whether deleting rows of a model concerns nothing else. */
function canDeleteBlindly(model: ModelClass): boolean {
  const { fields, relatedObjects, manyToMany } = model._meta;
  if (preDelete.hasListeners || postDelete.hasListeners || manyToMany.some(isAutomatic)) return false;
  // What refers to others by RESTRICT must be known to go, so that it does not stand in their way.
  if (fields.some((field) => field.remote?.onDelete === "RESTRICT")) return false;
  return relatedObjects.every(({ field }) => !field.isManyToMany && field.remote?.onDelete === "DO_NOTHING");
}

/** A many-to-many field whose table has no model: its rows are nobody's but ours to delete. */
function isAutomatic(field: Field): boolean {
  return !field.throughModel;
}

function local(field: Field): Lookup {
  const key = `=${field.label}__in`;
  return { relations: [], field, toMany: false, key, transforms: [], operator: "in" };
}

/**
 * What goes when some objects go:
 *
 *  1. {@link collect} follows the references to them, and to what goes with them.
 *  2. {@link check} refuses where PROTECT or RESTRICT stands in the way.
 *  3. {@link delete} tells the listeners, changes and removes rows, the referring ones before those referred to.
 */
class Collector {
  readonly #connection: Connection;
  readonly #objects = new Map<ModelClass, Map<unknown, BaseModel>>();
  readonly #blind: QueryState[] = [];
  readonly #pairs: Pairs[] = [];
  readonly #updates: { state: QueryState; field: Field; value: BoundExpression }[] = [];
  readonly #protected: Referring[] = [];
  readonly #restricted: Referring[] = [];
  readonly #counts: Record<string, number> = {};

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async collect(objects: readonly BaseModel[]): Promise<void> {
    const model = objects[0]?.constructor as ModelClass | undefined;
    const fresh = model ? this.#add(model, objects) : [];
    if (!model || fresh.length === 0) return;
    for (const field of model._meta.manyToMany.filter(isAutomatic)) this.#addPairs(field, fresh, false);
    for (const related of model._meta.relatedObjects) await this.#follow(related, fresh);
  }

  #add(model: ModelClass, objects: readonly BaseModel[]): BaseModel[] {
    const known = this.#objects.get(model) ?? new Map<unknown, BaseModel>();
    this.#objects.set(model, known);
    const fresh = objects.filter((object) => !known.has(object.pk));
    for (const object of fresh) known.set(object.pk, object);
    return fresh;
  }

  #addPairs(field: Field, objects: readonly BaseModel[], reverse: boolean): void {
    const { table, from, to } = field.model._meta.manyToManyColumns(field);
    const key = (reverse ? field.relatedModel : field.model)._meta.pk;
    const label = `${field.model._meta.label}_${field.name}`;
    const keys = objects.map((object) => object.pk);
    this.#pairs.push({ label, table, column: reverse ? to : from, field: key, keys });
  }

  async #follow({ field }: RelatedObject, objects: readonly BaseModel[]): Promise<void> {
    if (field.isManyToMany) {
      if (isAutomatic(field)) this.#addPairs(field, objects, true);
      return;
    }
    const keys = objects.map((object) => (object as never as Keyed)[field.targetField.attname]);
    const leaf = makeLeaf(local(field), keys);
    const state = new QueryState(field.model).with({ where: [leaf], order: [], db: this.#connection.alias });
    await this.#apply(field, state);
  }

  async #apply(field: Field, state: QueryState): Promise<void> {
    switch (field.remote?.onDelete) {
      case "CASCADE":
        if (canDeleteBlindly(field.model)) this.#blind.push(state);
        else await this.collect(await fetchObjects(state));
        break;
      case "PROTECT":
        this.#protected.push({ field, objects: await fetchObjects(state) });
        break;
      case "RESTRICT":
        this.#restricted.push({ field, objects: await fetchObjects(state) });
        break;
      case "SET_NULL":
        this.#updates.push({ state, field, value: new BoundValue(null, null) });
        break;
      case "SET_DEFAULT":
        this.#updates.push({ state, field, value: new BoundValue(field.getDefault(), null) });
        break;
    }
  }

  /** Throws a ProtectedError or a RestrictedError that lists the rows in the way. */
  check(): void {
    const isProtected = this.#protected.filter(({ objects }) => objects.length > 0);
    if (isProtected.length > 0) throw new ProtectedError(refusal("protected", isProtected), allOf(isProtected));
    const staying = this.#restricted
      .map(({ field, objects }) => ({ field, objects: objects.filter((object) => !this.#goes(object)) }))
      .filter(({ objects }) => objects.length > 0);
    if (staying.length > 0) throw new RestrictedError(refusal("restricted", staying), allOf(staying));
  }

  #goes(object: BaseModel): boolean {
    return this.#objects.get(object.constructor as ModelClass)?.has(object.pk) ?? false;
  }

  async delete(): Promise<Deleted> {
    await this.#tell(preDelete);
    for (const state of this.#blind) this.#count(state.model._meta.label, await deleteBlindly(this.#connection, state));
    for (const pairs of this.#pairs) this.#count(pairs.label, await this.#deletePairs(pairs));
    for (const { state, field, value } of this.#updates) await this.#update(state, field, value);
    for (const model of this.#inOrder()) await this.#deleteRows(model);
    await this.#tell(postDelete);
    for (const object of this.#all())
      (object as never as Keyed)[(object.constructor as ModelClass)._meta.pk.attname] = null;
    return [Object.values(this.#counts).reduce((sum, count) => sum + count, 0), this.#counts];
  }

  async #tell(signal: typeof preDelete): Promise<void> {
    if (!signal.hasListeners) return;
    for (const instance of this.#all()) {
      await signal.send({ instance, using: this.#connection.alias }, instance.constructor);
    }
  }

  #all(): BaseModel[] {
    return [...this.#objects.values()].flatMap((objects) => [...objects.values()]);
  }

  #count(label: string, count: number): void {
    if (count > 0) this.#counts[label] = (this.#counts[label] ?? 0) + count;
  }

  async #deletePairs({ table, column, field, keys }: Pairs): Promise<number> {
    const { vendor } = this.#connection;
    let count = 0;
    for (const some of batches(keys)) {
      const marks = some.map((_, index) => this.#connection.placeholder(index + 1)).join(", ");
      const sql = `DELETE FROM ${quoteName(table)} WHERE ${quoteName(column)} IN (${marks})`;
      const params = some.map((key) => field.toDb(key, vendor));
      count += (await this.#connection.execute(sql, params, { prepare: some.length === 1 })).rowCount;
    }
    return count;
  }

  async #update(state: QueryState, field: Field, value: BoundExpression): Promise<void> {
    const build = () => updatePlan(this.#connection, state, new Map([[field, value]]));
    const plan = planFor(this.#connection, `update ${field.name}=${value.shape} ${state.shape}`, build);
    await send(this.#connection, plan, state, [value]);
  }

  async #deleteRows(model: ModelClass): Promise<void> {
    const keys = [...(this.#objects.get(model)?.keys() ?? [])];
    const leaf = makeLeaf(local(model._meta.pk), keys);
    const state = new QueryState(model).with({ where: [leaf], db: this.#connection.alias });
    this.#count(model._meta.label, await deleteBlindly(this.#connection, state));
  }

  /** A model comes before those that it refers to; where they go round in a circle, the database's deferral helps. */
  #inOrder(): ModelClass[] {
    const ordered: ModelClass[] = [];
    const visit = (model: ModelClass, above: readonly ModelClass[]) => {
      if (ordered.includes(model) || above.includes(model)) return;
      for (const { field } of model._meta.relatedObjects) {
        if (!field.isManyToMany && this.#objects.has(field.model)) visit(field.model, [...above, model]);
      }
      ordered.push(model);
    };
    for (const model of this.#objects.keys()) visit(model, []);
    return ordered;
  }
}

const BATCH = 1000;

function batches<T>(items: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(items.length / BATCH) }, (_, index) =>
    items.slice(index * BATCH, (index + 1) * BATCH),
  );
}

function allOf(referring: readonly Referring[]): BaseModel[] {
  return referring.flatMap(({ objects }) => [...objects]);
}

/** The sentence is Django's. */
function refusal(how: "protected" | "restricted", referring: readonly Referring[]): string {
  const [{ field }] = referring;
  const keys = referring.map(({ field: { model, name } }) => `'${model._meta.objectName}.${name}'`).join(", ");
  const target = field.relatedModel._meta.objectName;
  return `Cannot delete some instances of model '${target}' because they are referenced through ${how} foreign keys: ${keys}.`;
}
