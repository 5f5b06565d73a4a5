import { type Connection, quoteName } from "../backends/base.ts";
import type { Field } from "../fields/field.ts";
import { type ModelState, stateOf } from "../meta/model_state.ts";
import type { BaseModel, ModelClass } from "../models.ts";
import { deferredFields } from "./deferred.ts";
import { SavedValues } from "./saved_values.ts";
import { isLeftToDatabase, type TableWriter, writerOf } from "./table_writer.ts";

interface Written {
  field: Field;
  value: unknown;
}

/**
 * One UPDATE of the columns that have changed; none where nothing has.
 *
 * @param only the fields to look at; null for all that were loaded
 * @param options.table the model whose table is meant: the object's, or a multi-table parent of it
 * @returns false where there is no such row
 */
export async function update(
  connection: Connection,
  object: BaseModel,
  only: readonly Field[] | null,
  { adding, table }: { adding: boolean; table: ModelClass },
): Promise<boolean> {
  const writer = writerOf(table, connection);
  const state = stateOf(object);
  const params = paramsOf(object, writer, only ?? loadedFields(object, writer), connection);
  const key = params.find(({ field }) => field === writer.pk) as Written;
  const isOther = adding || state.db !== connection.alias || !isUnchanged(state, key, connection);
  const changes = params.filter(
    (param) =>
      param !== key && !isLeftToDatabase(object, param.field) && (isOther || !isUnchanged(state, param, connection)),
  );
  if (changes.length === 0 && !isOther) return true;
  const found = await (changes.length === 0
    ? exists(connection, writer, key.value)
    : send(connection, object, writer, changes, key.value));
  if (found) markSaved(object, connection, [...changes, key]);
  return found;
}

/** Of an object that was read without some columns, those that it has by now; null for all. */
function loadedFields(object: BaseModel, { fields }: TableWriter): readonly Field[] | null {
  const deferred = deferredFields(object);
  return deferred.length === 0 ? null : fields.filter((field) => !deferred.includes(field));
}

/** What the fields and the key are sent as. */
function paramsOf(
  object: BaseModel,
  writer: TableWriter,
  only: readonly Field[] | null,
  { vendor }: Connection,
): Written[] {
  if (!only) {
    const params = writer.params(object);
    return writer.fields.map((field, index) => ({ field, value: params[index] }));
  }
  const written = only.filter((field) => !field.isGenerated);
  const fields = written.includes(writer.pk) ? written : [writer.pk, ...written];
  const attributes = object as never as Record<string, unknown>;
  return fields.map((field) => ({ field, value: field.toDb(attributes[field.attname], vendor) }));
}

async function send(
  connection: Connection,
  object: BaseModel,
  writer: TableWriter,
  changes: readonly Written[],
  key: unknown,
): Promise<boolean> {
  const { meta, pk, generated } = writer;
  if (meta.selectOnSave && !(await exists(connection, writer, key))) return false;
  const set = changes.map(({ field }, index) => `${quoteName(field.column)} = ${connection.placeholder(index + 1)}`);
  const where = `${quoteName(pk.column)} = ${connection.placeholder(changes.length + 1)}`;
  const returned = generated.map(({ column }) => quoteName(column)).join(", ");
  const end = returned && ` RETURNING ${returned}`;
  const sql = `UPDATE ${quoteName(meta.dbTable)} SET ${set.join(", ")} WHERE ${where}${end}`;
  const bigints = generated.some((field) => field.isWide);
  const { rows, rowCount } = await connection.execute(sql, [...changes.map(({ value }) => value), key], { bigints });
  for (const [index, field] of generated.entries()) {
    if (rows.length > 0) {
      (object as never as Record<string, unknown>)[field.attname] = field.fromDb(rows[0][index], connection.vendor);
    }
  }
  return rowCount > 0 || meta.selectOnSave;
}

async function exists(connection: Connection, { meta, pk }: TableWriter, key: unknown): Promise<boolean> {
  const where = `${quoteName(pk.column)} = ${connection.placeholder(1)}`;
  const { rows } = await connection.execute(`SELECT 1 FROM ${quoteName(meta.dbTable)} WHERE ${where}`, [key]);
  return rows.length > 0;
}

/** Compared as it is sent: a DateTime is another object each time it is read. */
function isUnchanged(state: ModelState, { field, value }: Written, { vendor }: Connection): boolean {
  const { saved, row, reader } = state;
  if (saved?.has(field)) return isSame(saved.get(field), value);
  if (!row || !reader) return false;
  const raw = reader.rawOf(row, field);
  if (raw === undefined) return false;
  // What is sent as the database gave it needs no second look.
  return Object.is(raw, value) || isSame(field.toDb(field.fromDb(raw, vendor), vendor), value);
}

function isSame(known: unknown, value: unknown): boolean {
  if (known instanceof Uint8Array && value instanceof Uint8Array) return Buffer.compare(known, value) === 0;
  return Object.is(known, value);
}

function markSaved(object: BaseModel, connection: Connection, written: readonly Written[]): void {
  const state = stateOf(object);
  state.adding = false;
  state.db = connection.alias;
  state.saved ??= new SavedValues((object.constructor as ModelClass)._meta.fields);
  for (const { field, value } of written) state.saved.set(field, value);
}
