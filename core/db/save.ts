import { DatabaseError, FieldError } from "../exceptions.ts";
import { type Connection, quoteName } from "./backends/base.ts";
import { type ConflictOptions, checkConflicts, conflictClause } from "./conflicts.ts";
import { connections } from "./connections.ts";
import type { Field } from "./field.ts";
import { stateOf } from "./model_state.ts";
import type { BaseModel, ModelClass } from "./models.ts";
import { placeLast } from "./order_wrt.ts";
import { router } from "./routers.ts";
import { databaseDefault } from "./schema/columns.ts";
import { postSave, preSave } from "./signals.ts";

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
  const connection = connections.get(
    options.using ?? router.dbForWrite(object.constructor as ModelClass, { instance: object }),
  );
  const { model, fields } = describe(object, options);
  adoptKeys(object, model);
  const created = state.adding;
  const about = { instance: object, using: connection.alias, updateFields: options.updateFields ?? null, raw: false };
  if (preSave.hasListeners) await preSave.send(about, model);
  const inserted = await write(connection, object, fields, options, created);
  if (postSave.hasListeners) await postSave.send({ ...about, created: inserted }, model);
}

function describe(object: BaseModel, { updateFields }: SaveOptions): { model: ModelClass; fields: readonly Field[] } {
  const model = object.constructor as ModelClass;
  if (!updateFields) return { model, fields: model._meta.fields };
  return { model, fields: updateFields.map((name) => writable(model, name)) };
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

/** Tells whether a row was inserted. */
async function write(
  connection: Connection,
  object: BaseModel,
  fields: readonly Field[],
  options: SaveOptions,
  adding: boolean,
): Promise<boolean> {
  for (const field of fields) setItself(object, field, adding);
  if (!options.updateFields && (options.forceInsert || (adding && object.pk == null))) {
    await insert(connection, [object]);
    return true;
  }
  if (await update(connection, object, fields, adding)) return false;
  if (options.updateFields) throw new DatabaseError("Save with updateFields did not affect any rows.");
  await insert(connection, [object]);
  return true;
}

function setItself(object: BaseModel, field: Field, adding: boolean): void {
  const value = field.preSave(adding);
  if (value !== undefined) (object as never as Attributes)[field.attname] = value;
}

/** One UPDATE of the columns that have changed; none where nothing has. False where there is no such row. */
async function update(
  connection: Connection,
  object: BaseModel,
  fields: readonly Field[],
  adding: boolean,
): Promise<boolean> {
  const { _meta: meta } = object.constructor as ModelClass;
  const key = parameter(object, meta.pk, connection);
  const isElsewhere = stateOf(object).db !== connection.alias;
  const isOther = adding || isElsewhere || !isUnchanged(object, meta.pk, key, connection);
  const changes = fields
    .filter((field) => !field.primaryKey && !isLeftToDatabase(object, field))
    .map((field) => ({ field, value: parameter(object, field, connection) }))
    .filter(({ field, value }) => isOther || !isUnchanged(object, field, value, connection));
  if (changes.length === 0 && !isOther) return true;
  if (changes.length === 0) return exists(connection, object, key);
  if (meta.selectOnSave && !(await exists(connection, object, key))) return false;
  const set = changes.map(({ field }, index) => `${quoteName(field.column)} = ${connection.placeholder(index + 1)}`);
  const where = `${quoteName(meta.pk.column)} = ${connection.placeholder(changes.length + 1)}`;
  const sql = `UPDATE ${quoteName(meta.dbTable)} SET ${set.join(", ")} WHERE ${where}`;
  const { rowCount } = await connection.execute(sql, [...changes.map(({ value }) => value), key]);
  const isThere = rowCount > 0 || meta.selectOnSave;
  if (isThere) markSaved(object, connection, [...changes, { field: meta.pk, value: key }]);
  return isThere;
}

async function exists(connection: Connection, object: BaseModel, key: unknown): Promise<boolean> {
  const { pk, dbTable } = (object.constructor as ModelClass)._meta;
  const where = `${quoteName(pk.column)} = ${connection.placeholder(1)}`;
  const { rows } = await connection.execute(`SELECT 1 FROM ${quoteName(dbTable)} WHERE ${where}`, [key]);
  if (rows.length > 0) markSaved(object, connection, [{ field: pk, value: key }]);
  return rows.length > 0;
}

function parameter(object: BaseModel, field: Field, { vendor }: Connection): unknown {
  const value = (object as never as Attributes)[field.attname];
  return field.toDb(value, vendor);
}

/** Compared as it is sent: a DateTime is another object each time it is read. */
function isUnchanged(object: BaseModel, field: Field, value: unknown, { vendor }: Connection): boolean {
  const { saved, row, reader } = stateOf(object);
  const known = saved?.has(field)
    ? saved.get(field)
    : row && reader
      ? field.toDb(reader.valueOf(row, field), vendor)
      : undefined;
  if (known instanceof Uint8Array && value instanceof Uint8Array) return Buffer.compare(known, value) === 0;
  return Object.is(known, value) || (typeof known === "bigint" && known === value);
}

interface Written {
  field: Field;
  value: unknown;
}

function markSaved(object: BaseModel, connection: Connection, written: readonly Written[]): void {
  const state = stateOf(object);
  state.adding = false;
  state.db = connection.alias;
  state.saved ??= new Map();
  for (const { field, value } of written) state.saved.set(field, value);
}

/** SQLite takes 32,766 parameters, PostgreSQL 65,535. */
const PARAMETERS = 30_000;

/** Inserts objects of one model, several to a statement, and gives them the keys that the database chose. */
export async function insertAll(
  connection: Connection,
  objects: readonly BaseModel[],
  options: ConflictOptions & { batchSize?: number } = {},
): Promise<void> {
  if (objects.length === 0) return;
  const { _meta: meta } = objects[0].constructor as ModelClass;
  const { fields } = meta;
  checkConflicts(meta, options);
  for (const object of objects) for (const field of fields) setItself(object, field, true);
  const batch = Math.min(options.batchSize ?? 1000, Math.floor(PARAMETERS / fields.length));
  // Those with a key and those without take different columns.
  for (const group of [objects.filter(({ pk }) => pk == null), objects.filter(({ pk }) => pk != null)]) {
    for (let start = 0; start < group.length; start += batch) {
      await insert(connection, group.slice(start, start + batch), options);
    }
  }
}

type InsertOptions = ConflictOptions;

async function insert(
  connection: Connection,
  objects: readonly BaseModel[],
  options: InsertOptions = {},
): Promise<void> {
  const { _meta: meta } = objects[0].constructor as ModelClass;
  if (meta.orderWithRespectTo) await placeLast(connection, meta.orderWithRespectTo, objects);
  const chooses = objects[0].pk == null && meta.pk.isAuto;
  const fields = chooses ? meta.fields.filter((field) => !field.primaryKey) : meta.fields;
  const values = objects.map((object) => fields.map((field) => cell(object, field, connection)));
  const left = fields.filter((field) => objects.some((object) => isLeftToDatabase(object, field)));
  const returning = options.ignoreConflicts ? [] : chooses ? [meta.pk, ...left] : left;
  const conflicts = conflictClause(meta, options);
  const sql = insertSql(connection, meta.dbTable, fields, values, { conflicts, returning });
  const { rows } = await connection.execute(sql, values.flat().filter(isParameter), {
    prepare: objects.length === 1,
    bigints: returning.some((field) => field.isWide),
  });
  if (options.ignoreConflicts) return;
  for (const [index, object] of objects.entries()) {
    for (const [at, field] of returning.entries()) {
      (object as never as Attributes)[field.attname] = field.fromDb(rows[index][at], connection.vendor);
    }
    const written = fields.map((field, column) => ({ field, value: values[index][column] }));
    const chosen = returning.map((field) => ({ field, value: parameter(object, field, connection) }));
    markSaved(object, connection, [...written, ...chosen]);
  }
}

/** SQL in the place of a parameter. */
class Literally {
  readonly sql: string;

  constructor(sql: string) {
    this.sql = sql;
  }
}

function isParameter(value: unknown): boolean {
  return !(value instanceof Literally);
}

/** A field of which nothing was said, where the column has a default of its own. */
function isLeftToDatabase(object: BaseModel, field: Field): boolean {
  return field.hasDbDefault && (object as never as Attributes)[field.attname] === undefined;
}

/** What an INSERT says of a column; SQLite has no word for the default that it knows. */
function cell(object: BaseModel, field: Field, connection: Connection): unknown {
  if (!isLeftToDatabase(object, field)) return parameter(object, field, connection);
  const { vendor } = connection;
  return new Literally(vendor === "postgresql" ? "DEFAULT" : (databaseDefault(field, vendor) ?? "NULL"));
}

function insertSql(
  connection: Connection,
  table: string,
  fields: readonly Field[],
  rows: readonly (readonly unknown[])[],
  { returning, conflicts }: { returning: readonly Field[]; conflicts: string },
): string {
  const returned = returning.map(({ column }) => quoteName(column)).join(", ");
  const end = `${conflicts}${returned && ` RETURNING ${returned}`}`;
  if (fields.length === 0) return `INSERT INTO ${quoteName(table)} DEFAULT VALUES${end}`;
  let position = 0;
  const write = (value: unknown) => (value instanceof Literally ? value.sql : connection.placeholder(++position));
  const columns = fields.map((field) => quoteName(field.column)).join(", ");
  const values = rows.map((row) => `(${row.map(write).join(", ")})`).join(", ");
  return `INSERT INTO ${quoteName(table)} (${columns}) VALUES ${values}${end}`;
}
