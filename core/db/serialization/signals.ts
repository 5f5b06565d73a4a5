// The signals of a save while a fixture is loaded: `raw` is true, since what an object refers to may not be there yet.
import type { Connection } from "../connections.ts";
import type { Field } from "../fields/field.ts";
import { stateOf } from "../meta/model_state.ts";
import type { BaseModel } from "../models.ts";
import { postSave, preSave } from "../signals.ts";
import type { FixtureObject } from "./fixtures.ts";

type Attributes = Record<string, unknown>;

/** Whether anybody listens; then each row needs an object. */
export function announcesSaves(): boolean {
  return preSave.hasListeners || postSave.hasListeners;
}

/** An object of the model with a fixture's values, as it would be read from the database. */
export function instanceOf(object: FixtureObject, { alias }: Connection): BaseModel {
  const { model, pk } = object;
  const values = [...object.columns].filter(([field]) => !field.primaryKey);
  const instance = new model(Object.fromEntries(values.map(([field, value]) => [field.attname, typed(field, value)])));
  instance.pk = typed(model._meta.pk, pk);
  stateOf(instance).db = alias;
  return instance;
}

/** A fixture's text becomes a DateTime, a Duration, a bigint: what a column makes of it and gives back. */
function typed(field: Field, value: unknown): unknown {
  return field.fromDb(field.toDb(value, "sqlite"), "sqlite");
}

/**
 * Writes objects between their signals; what a receiver of preSave changes is what is written.
 *
 * @param write writes the objects and gives them back with their keys.
 */
export async function saveWithSignals(
  connection: Connection,
  objects: readonly FixtureObject[],
  write: (objects: readonly FixtureObject[]) => Promise<FixtureObject[]>,
): Promise<FixtureObject[]> {
  const instances = objects.map((object) => instanceOf(object, connection));
  const known = await knownKeys(connection, objects);
  const about = (instance: BaseModel) => ({ instance, using: connection.alias, updateFields: null, raw: true });
  for (const instance of instances) await preSave.send(about(instance), instance.constructor);
  const written = await write(objects.map((object, at) => withValuesOf(instances[at], object)));
  for (const [at, instance] of instances.entries()) {
    instance.pk = typed(objects[at].model._meta.pk, written[at].pk);
    stateOf(instance).adding = false;
    await postSave.send({ ...about(instance), created: !known.has(String(instance.pk)) }, instance.constructor);
  }
  return written;
}

function withValuesOf(instance: BaseModel, object: FixtureObject): FixtureObject {
  const attributes = instance as never as Attributes;
  const columns = [...object.columns.keys()].map((field) => [field, attributes[field.attname]] as const);
  return { ...object, columns: new Map(columns) };
}

/** The keys of these objects that are in the database already. */
async function knownKeys(connection: Connection, objects: readonly FixtureObject[]): Promise<Set<string>> {
  const { pk, dbTable } = objects[0].model._meta;
  const keys = objects.filter((object) => object.pk !== null).map((object) => pk.toDb(object.pk, connection.vendor));
  if (keys.length === 0) return new Set();
  const [column, table] = [pk.column, dbTable].map((name) => connection.quoteName(name));
  const list = keys.map((_, at) => connection.placeholder(at + 1)).join(", ");
  const sql = `SELECT ${column} FROM ${table} WHERE ${column} IN (${list})`;
  const { rows } = await connection.execute(sql, keys, { bigints: pk.isWide });
  return new Set(rows.map(([key]) => String(pk.fromDb(key, connection.vendor))));
}
