// The references of loaded rows, checked at the end: the database would only say that some reference is wrong.
import { IntegrityError } from "../../exceptions.ts";
import { snakeCase } from "../../utils/text.ts";
import type { Connection } from "../connections.ts";
import type { Field } from "../fields/field.ts";
import type { ModelClass } from "../models.ts";
import { isConstrained } from "../schema/columns.ts";
import { DeserializationError, type FixtureObject } from "./fixtures.ts";
import { MAX_ROWS } from "./rows.ts";

interface Reference {
  field: Field;
  table: string;
  /** The column that holds the referring object's key. */
  key: string;
  column: string;
}

/** Throws a DeserializationError that names the object and the field of a reference to nothing. */
export async function checkReferences(
  connection: Connection,
  model: ModelClass,
  objects: readonly FixtureObject[],
): Promise<void> {
  const keys = writtenKeys(connection, model, objects);
  for (const reference of referencesOf(model)) {
    const found = await findDangling(connection, reference, keys);
    if (found) throw dangling(reference, connection, found, objects);
  }
}

/** The keys of the rows to look at; null for all, where there are too many of them to say. */
function writtenKeys(
  { vendor }: Connection,
  model: ModelClass,
  objects: readonly FixtureObject[],
): readonly unknown[] | null {
  const own = objects.filter((object) => object.model === model);
  return own.length === 0 || own.length > MAX_ROWS ? null : own.map(({ pk }) => model._meta.pk.toDb(pk, vendor));
}

function referencesOf({ _meta }: ModelClass): Reference[] {
  const own = _meta.localFields.filter(isConstrained).map((field) => {
    return { field, table: _meta.dbTable, key: _meta.pk.column, column: field.column };
  });
  const paired = _meta.localManyToMany.map((field) => {
    const { table, from, to } = _meta.manyToManyColumns(field);
    return { field, table, key: from, column: to };
  });
  return [...own, ...paired];
}

async function findDangling(
  connection: Connection,
  reference: Reference,
  keys: readonly unknown[] | null,
): Promise<unknown[] | undefined> {
  const { field, ...names } = reference;
  const target = targetOf(field);
  const [table, key, column] = [names.table, names.key, names.column].map((name) => connection.quoteName(name));
  const [other, otherKey] = [target.model._meta.dbTable, target.column].map((name) => connection.quoteName(name));
  const only = keys ? ` AND t.${key} IN (${keys.map((_, at) => connection.placeholder(at + 1)).join(", ")})` : "";
  const sql =
    `SELECT t.${key}, t.${column} FROM ${table} t LEFT JOIN ${other} r ON t.${column} = r.${otherKey} ` +
    `WHERE t.${column} IS NOT NULL AND r.${otherKey} IS NULL${only} LIMIT 1`;
  const { rows } = await connection.execute(sql, keys ?? []);
  return rows[0];
}

function targetOf(field: Field): Field {
  return field.isManyToMany ? field.relatedModel._meta.pk : field.targetField;
}

function dangling(
  { field }: Reference,
  { vendor }: Connection,
  [rawKey, value]: unknown[],
  objects: readonly FixtureObject[],
): DeserializationError {
  const { label: model, pk } = field.model._meta;
  const key = pk.fromDb(rawKey, vendor);
  const found = objects.find((object) => object.model === field.model && String(object.pk) === String(key));
  const message = `there is no ${field.relatedModel._meta.label} with the key ${JSON.stringify(String(value))}.`;
  const place = `${found?.label ?? `${model} (pk=${String(key)})`}, field "${snakeCase(field.name)}"`;
  return new DeserializationError(`${place}: ${message}`, {
    cause: new IntegrityError(message, { kind: "foreignKey" }),
  });
}
