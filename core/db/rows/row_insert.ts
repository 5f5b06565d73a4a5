import { FieldError } from "../../exceptions.ts";
import type { Connection } from "../backends/base.ts";
import type { Field } from "../fields/field.ts";
import { type ModelState, stateOf } from "../meta/model_state.ts";
import { placeLast } from "../meta/order_wrt.ts";
import type { BaseModel, ModelClass } from "../models.ts";
import { databaseDefault } from "../schema/columns.ts";
import { type ConflictOptions, checkConflicts, conflictClause } from "../sql/conflicts.ts";
import { SavedValues } from "./saved_values.ts";
import { isLeftToDatabase, Literally, type TableWriter, writerOf } from "./table_writer.ts";

/** SQLite takes 32,766 parameters, PostgreSQL 65,535. */
const PARAMETERS = 30_000;

type Attributes = Record<string, unknown>;

/** Inserts objects of one model, several to a statement, and gives them the keys that the database chose. */
export async function insertAll(
  connection: Connection,
  objects: readonly BaseModel[],
  options: ConflictOptions & { batchSize?: number } = {},
): Promise<void> {
  if (objects.length === 0) return;
  checkOneTable(objects[0].constructor as ModelClass);
  const writer = writerOf(objects[0].constructor as ModelClass, connection);
  checkConflicts(writer.meta, options);
  for (const object of objects) writer.setThemselves(object, true);
  for (const field of writer.meta.privateFields) {
    for (const object of objects) await field.beforeSave?.(object, connection.alias);
  }
  const batch = Math.min(options.batchSize ?? 1000, Math.floor(PARAMETERS / writer.fields.length));
  for (const group of byKey(objects, writer)) {
    for (let start = 0; start < group.length; start += batch) {
      // A statement for the rows that are left over will hardly come again.
      const prepare = group.length > batch && start + batch <= group.length;
      await insert(connection, group.slice(start, start + batch), { ...options, prepare });
    }
  }
}

/** The sentence is Django's. */
function checkOneTable({ _meta }: ModelClass): void {
  if (_meta.parents.length > 0) throw new FieldError("Can't bulk create a multi-table inherited model");
}

/** Those with a key and those without take different columns. */
function byKey(objects: readonly BaseModel[], { pk }: TableWriter): readonly BaseModel[][] {
  const groups: [BaseModel[], BaseModel[]] = [[], []];
  for (const object of objects) groups[(object as never as Attributes)[pk.attname] == null ? 0 : 1].push(object);
  return groups;
}

/**
 * One INSERT of objects that all have a key, or that all have none.
 *
 * @param options.table a multi-table parent of the objects' model, whose table is meant
 */
export async function insert(
  connection: Connection,
  objects: readonly BaseModel[],
  options: ConflictOptions & { prepare?: boolean; table?: ModelClass } = {},
): Promise<void> {
  const model = objects[0].constructor as ModelClass;
  const writer = writerOf(options.table ?? model, connection);
  const { meta, pk } = writer;
  if (meta.orderWithRespectTo) await placeLast(connection, meta.orderWithRespectTo, objects);
  const rows = objects.map(writer.params);
  const left = leaveToDatabase(connection, objects, writer, rows);
  const chooses = pk.isAuto && rows[0][writer.pkIndex] === null;
  const computed = [...(chooses ? [pk] : []), ...left, ...writer.generated];
  const returning = options.ignoreConflicts ? [] : computed;
  const statement = { returning, conflicts: conflictClause(meta, options), withoutKey: chooses };
  const sql = left.length > 0 ? writer.writeInsert(rows, statement) : writer.insertSql(rows, statement);
  const { prepare = objects.length === 1 } = options;
  const bigints = returning.some((field) => field.isWide);
  const result = await connection.execute(sql, flat(rows, chooses ? writer.pkIndex : -1), { prepare, bigints });
  if (options.ignoreConflicts) return;
  if (returning.length > 0) adopt(connection, objects, writer, { rows, returning, returned: result.rows });
  const isWhole = model._meta.fields.length === writer.fields.length;
  for (let index = 0; index < objects.length; index++) {
    const state = stateOf(objects[index]);
    state.adding = false;
    state.db = connection.alias;
    if (isWhole) state.saved = new SavedValues(writer.fields, rows[index]);
    else remember(state, model, writer, rows[index]);
  }
}

/** Where these are not all fields of the model, what is known of the others stays known. */
function remember(state: ModelState, { _meta }: ModelClass, { fields }: TableWriter, row: readonly unknown[]): void {
  state.saved ??= new SavedValues(_meta.fields);
  for (const [index, field] of fields.entries()) state.saved.set(field, row[index]);
}

/**
 * Puts the column's own default where an object says nothing of it; SQLite has no word for the default that it knows.
 *
 * @returns the fields of which that is so
 */
function leaveToDatabase(
  connection: Connection,
  objects: readonly BaseModel[],
  { fields, databaseDefaults }: TableWriter,
  rows: readonly unknown[][],
): Field[] {
  return databaseDefaults.filter((field) => {
    const column = fields.indexOf(field);
    const word = new Literally(
      connection.vendor === "postgresql" ? "DEFAULT" : (databaseDefault(field, connection) ?? "NULL"),
    );
    let isLeft = false;
    for (let index = 0; index < objects.length; index++) {
      if (!isLeftToDatabase(objects[index], field)) continue;
      rows[index][column] = word;
      isLeft = true;
    }
    return isLeft;
  });
}

/** The parameters of all rows, without one of the columns. */
function flat(rows: readonly unknown[][], without: number): unknown[] {
  const params = new Array(rows.length * rows[0].length);
  let count = 0;
  for (const row of rows) {
    for (let index = 0; index < row.length; index++) {
      if (index !== without && !(row[index] instanceof Literally)) params[count++] = row[index];
    }
  }
  params.length = count;
  return params;
}

/** What the database chose comes in the order of the rows. */
function adopt(
  { vendor }: Connection,
  objects: readonly BaseModel[],
  { fields, pk, pkIndex, setKey }: TableWriter,
  { rows, returning, returned }: { rows: readonly unknown[][]; returning: readonly Field[]; returned: unknown[][] },
): void {
  const others = returning.flatMap((field, at) => (field === pk ? [] : [{ field, at, index: fields.indexOf(field) }]));
  const isKeyed = others.length < returning.length;
  for (let row = 0; row < objects.length; row++) {
    // The key comes first.
    if (isKeyed) rows[row][pkIndex] = setKey(objects[row], returned[row][0]);
    for (const { field, at, index } of others) {
      const value = field.fromDb(returned[row][at], vendor);
      (objects[row] as never as Attributes)[field.attname] = value;
      if (index >= 0) rows[row][index] = field.toDb(value, vendor);
    }
  }
}
