// Meta.orderWithRespectTo: rows that keep an order of their own among those of the same other row.
import { type Connection, quoteName } from "../backends/base.ts";
import { connections } from "../connections.ts";
import type { Field } from "../fields/field.ts";
import type { BaseModel, ModelClass } from "../models.ts";
import { router } from "../routers.ts";
import { makeLeaf } from "../sql/conditions.ts";
import { fetchObjects } from "../sql/execution.ts";
import { parseLookup } from "../sql/lookup_path.ts";
import { QueryState } from "../sql/query_state.ts";
import { atomic } from "../transaction.ts";

type Attributes = Record<string, unknown>;

/**
 * Gives the other model `getAnswerOrder()` and `setAnswerOrder(keys)`, and the ordered one `getNextInOrder()` and
 * `getPreviousInOrder()`.
 *
 * @param field the foreign key that `orderWithRespectTo` names
 */
export function installOrderMethods(model: ModelClass, field: Field): void {
  const { objectName } = model._meta;
  const other = field.relatedModel._meta.concreteModel;
  define(other, `get${objectName}Order`, function () {
    return readOrder(this, model, field);
  });
  define(other, `set${objectName}Order`, function (keys) {
    return writeOrder(this, model, field, [...(keys as Iterable<unknown>)]);
  });
  define(model, "getNextInOrder", function () {
    return neighbour(this, model, field, ">");
  });
  define(model, "getPreviousInOrder", function () {
    return neighbour(this, model, field, "<");
  });
}

function define(model: ModelClass, name: string, value: (this: BaseModel, argument?: unknown) => unknown): void {
  Object.defineProperty(model.prototype, name, { value, configurable: true, writable: true, enumerable: false });
}

function readerOf(object: BaseModel, model: ModelClass): Connection {
  return connections.get(router.dbForRead(model, { instance: object }));
}

function columnsOf({ _meta: { dbTable, pk } }: ModelClass, field: Field) {
  return { table: quoteName(dbTable), key: quoteName(pk.column), group: quoteName(field.column), pk };
}

/** The keys of the object's rows, in their order. */
async function readOrder(object: BaseModel, model: ModelClass, field: Field): Promise<unknown[]> {
  const connection = readerOf(object, model);
  const { table, key, group, pk } = columnsOf(model, field);
  const sql = `SELECT ${key} FROM ${table} WHERE ${group} = ${connection.placeholder(1)} ORDER BY "_order"`;
  const { rows } = await connection.execute(sql, [groupOf(object, field, connection)], { bigints: pk.isWide });
  return rows.map(([raw]) => pk.fromDb(raw, connection.vendor));
}

/** What the ordered rows of an object have in their foreign key. */
function groupOf(object: BaseModel, field: Field, { vendor }: Connection): unknown {
  return field.toDb((object as never as Attributes)[field.targetField.attname], vendor);
}

const BATCH = 500;

async function writeOrder(object: BaseModel, model: ModelClass, field: Field, keys: unknown[]): Promise<void> {
  const connection = connections.get(router.dbForWrite(model, { instance: object }));
  const run = async () => {
    for (let start = 0; start < keys.length; start += BATCH) {
      await writeBatch(connection, object, { model, field, keys: keys.slice(start, start + BATCH), start });
    }
  };
  await atomic(run, { using: connection.alias, savepoint: false });
}

interface Batch {
  model: ModelClass;
  field: Field;
  keys: readonly unknown[];
  /** The place of the first key. */
  start: number;
}

async function writeBatch(connection: Connection, object: BaseModel, { model, field, keys, start }: Batch) {
  const { table, key, group, pk } = columnsOf(model, field);
  const mark = (position: number) => connection.placeholder(position);
  const places = keys.map((_, index) => `WHEN ${mark(index + 1)} THEN ${start + index}`).join(" ");
  const among = keys.map((_, index) => mark(keys.length + index + 1)).join(", ");
  const where = `${key} IN (${among}) AND ${group} = ${mark(2 * keys.length + 1)}`;
  const values = keys.map((value) => pk.toDb(value, connection.vendor));
  const sql = `UPDATE ${table} SET "_order" = CASE ${key} ${places} END WHERE ${where}`;
  await connection.execute(sql, [...values, ...values, groupOf(object, field, connection)], { prepare: false });
}

/** The object that stands next to another one; a DoesNotExist at the end. */
async function neighbour(object: BaseModel, model: ModelClass, field: Field, sign: "<" | ">"): Promise<BaseModel> {
  const connection = readerOf(object, model);
  const { table, key, group, pk } = columnsOf(model, field);
  const mark = (position: number) => connection.placeholder(position);
  const own = `SELECT "_order" FROM ${table} WHERE ${key} = ${mark(2)}`;
  const order = `ORDER BY "_order"${sign === "<" ? " DESC" : ""} LIMIT 1`;
  const sql = `SELECT ${key} FROM ${table} WHERE ${group} = ${mark(1)} AND "_order" ${sign} (${own}) ${order}`;
  const related = field.toDb((object as never as Attributes)[field.attname], connection.vendor);
  const { rows } = await connection.execute(sql, [related, pk.toDb(object.pk, connection.vendor)]);
  const { DoesNotExist, _meta: meta } = model;
  if (rows.length === 0) throw new DoesNotExist(`${meta.objectName} matching query does not exist.`);
  const where = [makeLeaf(parseLookup(model, "pk"), pk.fromDb(rows[0][0], connection.vendor))];
  const [found] = await fetchObjects(new QueryState(model).with({ where, order: [], db: connection.alias }));
  return found;
}

/** Puts new objects behind those that are there, each among its own: called before they are inserted. */
export async function placeLast(connection: Connection, field: Field, objects: readonly BaseModel[]): Promise<void> {
  const places = new Map<unknown, number>();
  for (const object of objects as never as readonly Attributes[]) {
    const group = object[field.attname];
    const place = places.get(group) ?? (await nextPlace(connection, field, group));
    object._order = place;
    places.set(group, place + 1);
  }
}

async function nextPlace(connection: Connection, field: Field, group: unknown): Promise<number> {
  const { table, group: column } = columnsOf(field.model, field);
  const sql = `SELECT COALESCE(MAX("_order") + 1, 0) FROM ${table} WHERE ${column} = ${connection.placeholder(1)}`;
  const { rows } = await connection.execute(sql, [field.toDb(group, connection.vendor)]);
  return Number(rows[0][0]);
}
