// The relations to many of a fixture's objects: what the fixture lists is what there is afterwards.
import type { Connection } from "../connections.ts";
import type { Field } from "../fields/field.ts";
import type { RelatedManager } from "../related/related.ts";
import { m2mChanged } from "../signals.ts";
import type { FixtureObject } from "./fixtures.ts";
import { MAX_ROWS, placeholderRows, toDb } from "./rows.ts";
import { instanceOf } from "./signals.ts";

/** Writes the pairs of every many-to-many field that the objects, all of one model, have values of. */
export async function writePairs(connection: Connection, objects: readonly FixtureObject[]): Promise<void> {
  for (const field of objects[0]?.model._meta.manyToMany ?? []) {
    const given = objects.filter(({ many }) => many.has(field));
    if (m2mChanged.hasListeners) await setOneByOne(connection, field, given);
    else await replaceAll(connection, field, given);
  }
}

async function setOneByOne(connection: Connection, field: Field, objects: readonly FixtureObject[]): Promise<void> {
  for (const object of objects) {
    const instance = instanceOf(object, connection) as never as Record<string, RelatedManager<never>>;
    await instance[field.name].set((object.many.get(field) ?? []) as never[]);
  }
}

async function replaceAll(connection: Connection, field: Field, objects: readonly FixtureObject[]): Promise<void> {
  const { table, from, to } = field.model._meta.manyToManyColumns(field);
  const [quotedTable, quotedFrom, quotedTo] = [table, from, to].map((name) => connection.quoteName(name));
  for (const keys of chunks(objects.map((object) => ownKey(object, connection)))) {
    const list = keys.map((_, i) => connection.placeholder(i + 1)).join(", ");
    await connection.execute(`DELETE FROM ${quotedTable} WHERE ${quotedFrom} IN (${list})`, keys);
  }
  for (const some of chunks(objects.flatMap((object) => pairsOf(field, object, connection)))) {
    const values = placeholderRows(connection, some.length, 2);
    const sql = `INSERT INTO ${quotedTable} (${quotedFrom}, ${quotedTo}) VALUES ${values}`;
    await connection.execute(sql, some.flat());
  }
}

function pairsOf(field: Field, object: FixtureObject, connection: Connection): unknown[][] {
  const own = ownKey(object, connection);
  const others = (object.many.get(field) ?? []).map((key) => toDb(field, key, object.label, connection));
  return [...new Set(others)].map((other) => [own, other]);
}

function ownKey({ model, pk, label }: FixtureObject, connection: Connection): unknown {
  return toDb(model._meta.pk, pk, label, connection);
}

function chunks<T>(items: readonly T[]): T[][] {
  const count = Math.ceil(items.length / MAX_ROWS);
  return Array.from({ length: count }, (_, i) => items.slice(i * MAX_ROWS, (i + 1) * MAX_ROWS));
}
