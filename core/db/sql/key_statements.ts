// Statements about rows that are known by a key: what deleting, and relating many to many, come down to.
import { type Connection, quoteName } from "../backends/base.ts";
import type { Field } from "../fields/field.ts";

/** A column, and the field that says how its values travel. */
export interface KeyColumn {
  table: string;
  column: string;
  field: Field;
}

/** Far below what the databases take as parameters: SQLite 32,766, PostgreSQL 65,535. */
const BATCH = 1000;

/** Some items at a time. */
export function batches<T>(items: readonly T[], size = BATCH): T[][] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size));
}

/** Deletes the rows whose column holds one of the keys. Gives how many went. */
export function deleteByKeys(connection: Connection, at: KeyColumn, keys: readonly unknown[]): Promise<number> {
  return eachBatch(connection, at, keys, `DELETE FROM ${quoteName(at.table)}`, []);
}

/** Sets one column of the rows whose column holds one of the keys. */
export function updateByKeys(
  connection: Connection,
  at: KeyColumn,
  keys: readonly unknown[],
  { field, value }: { field: Field; value: unknown },
): Promise<number> {
  const set = `UPDATE ${quoteName(at.table)} SET ${quoteName(field.column)} = ${connection.placeholder(1)}`;
  return eachBatch(connection, at, keys, set, [field.toDb(value, connection.vendor)]);
}

async function eachBatch(
  connection: Connection,
  { column, field }: KeyColumn,
  keys: readonly unknown[],
  statement: string,
  params: readonly unknown[],
): Promise<number> {
  let count = 0;
  for (const some of batches(keys)) {
    const marks = some.map((_, index) => connection.placeholder(params.length + index + 1)).join(", ");
    const values = some.map((key) => field.toDb(key, connection.vendor));
    const sql = `${statement} WHERE ${quoteName(column)} IN (${marks})`;
    count += (await connection.execute(sql, [...params, ...values], { prepare: some.length === 1 })).rowCount;
  }
  return count;
}
