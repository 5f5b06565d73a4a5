import { DatabaseError, FieldError } from "../../exceptions.ts";
import type { Connection } from "../backends/base.ts";
import { connections } from "../connections.ts";
import type { Field } from "../fields/field.ts";
import { stateOf } from "../meta/model_state.ts";
import type { BaseModel, ModelClass } from "../models.ts";
import { router } from "../routers.ts";
import { postSave, preSave } from "../signals.ts";
import { atomic } from "../transaction.ts";
import { insert } from "./row_insert.ts";
import { update } from "./row_update.ts";
import { computedFields, saveExpressions } from "./save_expressions.ts";
import { writerOf } from "./table_writer.ts";

/** How an object is written. */
export interface SaveOptions {
  /** Never an UPDATE, even though the key is known. */
  forceInsert?: boolean;
  /** Only these fields, under their names. */
  updateFields?: readonly string[];
  /** The database; default what `DATABASE_ROUTERS` say, or the one that the object came from. */
  using?: string;
}

type Attributes = Record<string, unknown>;

/** What `Model.save()` does; see there. */
export async function save(object: BaseModel, options: SaveOptions = {}): Promise<void> {
  const state = stateOf(object);
  const model = object.constructor as ModelClass;
  const connection = connections.get(options.using ?? router.dbForWrite(model, { instance: object }));
  const only = options.updateFields?.map((name) => writable(model, name)) ?? null;
  adoptKeys(object, model);
  for (const field of model._meta.privateFields) await field.beforeSave?.(object, connection.alias);
  const created = state.adding;
  const about = { instance: object, using: connection.alias, updateFields: options.updateFields ?? null, raw: false };
  if (preSave.hasListeners) await preSave.send(about, model);
  const computed = computedFields(object, only ?? model._meta.fields);
  const write = async () => {
    if (computed.length > 0) await saveExpressions(object, computed, connection);
    return writeTables(connection, object, only, { ...options, adding: created });
  };
  const inserted = await (computed.length > 0 ? atomic(write, { using: connection.alias, savepoint: false }) : write());
  if (postSave.hasListeners) await postSave.send({ ...about, created: inserted }, model);
}

function writable(model: ModelClass, name: string): Field {
  const field = model._meta.getField(name);
  if (!field.isManyToMany && !field.primaryKey) return field;
  throw new FieldError(`"${name}" of ${model._meta.label} cannot stand in updateFields.`, {
    hint: "Name fields that have a column and are not the key.",
  });
}

/** An object that was set before it was saved has its key by now; one that still has none cannot be referred to. */
function adoptKeys(object: BaseModel, model: ModelClass): void {
  const { related } = stateOf(object);
  if (!related) return;
  const attributes = object as never as Attributes;
  for (const field of model._meta.fields) {
    const other = field.isForeignKey ? related.get(field.name) : null;
    if (!other || attributes[field.attname] != null) continue;
    const key = (other as Attributes)[field.targetField.attname];
    if (key === null || key === undefined) throw unsaved(field);
    attributes[field.attname] = key;
  }
}

function unsaved(field: Field): FieldError {
  return new FieldError(`save() prohibited to prevent data loss due to unsaved related object "${field.name}".`, {
    hint: `Save the ${field.relatedModel._meta.objectName} first.`,
  });
}

interface WriteOptions {
  forceInsert?: boolean;
  adding: boolean;
}

/** Writes the rows of multi-table parents before the model's own. Tells whether that one was inserted. */
async function writeTables(
  connection: Connection,
  object: BaseModel,
  only: readonly Field[] | null,
  options: WriteOptions,
): Promise<boolean> {
  const { concreteModel, parents } = (object.constructor as ModelClass)._meta;
  if (parents.length === 0) return write(connection, concreteModel, object, only, options);
  takeParentKeys(object, [concreteModel, ...parents]);
  const run = async () => {
    let inserted = false;
    for (const table of [...parents.toReversed(), concreteModel]) {
      const fields = only?.filter(({ model }) => model === table) ?? null;
      if (fields?.length === 0) continue;
      giveParentKey(object, table);
      const forceInsert = inserted || (table === concreteModel && options.forceInsert === true);
      inserted = await write(connection, table, object, fields, { adding: options.adding, forceInsert });
    }
    return inserted;
  };
  return atomic(run, { using: connection.alias, savepoint: false });
}

/** An object that was given its reference to a parent has the parent's key. */
function takeParentKeys(object: BaseModel, tables: readonly ModelClass[]): void {
  const attributes = object as never as Attributes;
  for (const { _meta: meta } of tables) {
    if (meta.parentLink)
      attributes[meta.parentLink.targetField.attname] ??= attributes[meta.parentLink.attname] ?? null;
  }
}

/** The reference to a parent, which has been saved, is the parent's key. */
function giveParentKey(object: BaseModel, { _meta: meta }: ModelClass): void {
  const attributes = object as never as Attributes;
  if (meta.parentLink) attributes[meta.parentLink.attname] = attributes[meta.parentLink.targetField.attname];
}

/** Writes the row of one table. Tells whether it was inserted. */
async function write(
  connection: Connection,
  table: ModelClass,
  object: BaseModel,
  only: readonly Field[] | null,
  { forceInsert, adding }: WriteOptions,
): Promise<boolean> {
  const writer = writerOf(table, connection);
  writer.setThemselves(object, adding, only);
  const key = (object as never as Attributes)[writer.pk.attname];
  if (!only && (forceInsert || (adding && key == null))) {
    await insert(connection, [object], { table });
    return true;
  }
  if (await update(connection, object, only, { adding, table })) return false;
  if (only) throw new DatabaseError("Save with updateFields did not affect any rows.");
  await insert(connection, [object], { table });
  return true;
}
