// What `loaddata` does with the objects of a fixture: rows as they are given, all or none.
import { DatabaseError, IntegrityError } from "../exceptions.ts";
import { snakeCase } from "../utils/text.ts";
import { type Connection, connections } from "./connections.ts";
import type { Field } from "./field.ts";
import type { Vendor } from "./field_types.ts";
import { DeserializationError, type FixtureObject } from "./fixtures.ts";
import type { ModelClass } from "./models.ts";
import { resetSequences } from "./sequences.ts";
import { atomic } from "./transaction.ts";

/** Below what SQLite and PostgreSQL take in one statement (32,766 and 65,535). */
const MAX_PARAMETERS = 30_000;
const MAX_ROWS = 500;

/**
 * Stores the objects of fixtures, in one transaction:
 *
 *  1. references are checked at the end, so that a row may refer to one that comes later;
 *  2. each model's rows are written as they are, nothing is set automatically, and a row with the same key is replaced;
 *  3. relations to many are made what the fixture says;
 *  4. a reference to nothing undoes everything;
 *  5. automatic keys go on behind the largest one.
 *
 * @throws DeserializationError that names the file, the object and, where it can be told, the field.
 */
export async function loadFixtures(objects: readonly FixtureObject[], options: { using?: string } = {}): Promise<void> {
  const connection = connections.get(options.using);
  const models = [...new Set(objects.map(({ model }) => model))];
  await atomic(async () => {
    await deferReferences(connection);
    for (const model of models) await new ModelLoader(connection, model, objects, options.using).load();
    for (const model of models) await checkReferences(connection, model, objects);
    await resetSequences(models, options.using);
  }, options);
}

async function deferReferences(connection: Connection): Promise<void> {
  const sqlite = connection.vendor === "sqlite";
  await connection.execute(sqlite ? "PRAGMA defer_foreign_keys = ON" : "SET CONSTRAINTS ALL DEFERRED");
}

/** Writes the rows of one model and the pairs of its relations to many. */
class ModelLoader {
  readonly #connection: Connection;
  readonly #model: ModelClass;
  readonly #objects: FixtureObject[];
  readonly #using: string | undefined;

  constructor(connection: Connection, model: ModelClass, objects: readonly FixtureObject[], using: string | undefined) {
    this.#connection = connection;
    this.#model = model;
    this.#using = using;
    this.#objects = lastOfEachKey(objects.filter((object) => object.model === model));
  }

  async load(): Promise<void> {
    const { fields, pk } = this.#model._meta;
    const [keyed, keyless] = partition(this.#objects, (object) => object.pk !== null);
    await this.#write(keyed, fields);
    await this.#write(
      keyless,
      fields.filter((field) => field !== pk),
    );
    for (const field of this.#model._meta.manyToMany) await this.#writePairs(field);
  }

  async #write(objects: FixtureObject[], fields: readonly Field[]): Promise<void> {
    const rows = objects.map((object) => ({ object, values: this.#rowOf(object, fields) }));
    const size = Math.min(MAX_ROWS, Math.floor(MAX_PARAMETERS / fields.length));
    for (let at = 0; at < rows.length; at += size) await this.#writeBatch(rows.slice(at, at + size), fields);
  }

  #rowOf(object: FixtureObject, fields: readonly Field[]): unknown[] {
    return fields.map((field) => this.#toDb(field, field.primaryKey ? object.pk : object.columns.get(field), object));
  }

  #toDb(field: Field, value: unknown, { label }: FixtureObject): unknown {
    try {
      return (field.isManyToMany ? field.relatedModel._meta.pk : field).toDb(value, this.#connection.vendor);
    } catch (error) {
      throw problem(`${label}, field "${snakeCase(field.name)}"`, error);
    }
  }

  /** Many rows in one statement; only if that fails, one by one, to know which row it was. */
  async #writeBatch(rows: { object: FixtureObject; values: unknown[] }[], fields: readonly Field[]): Promise<void> {
    const insert = (some: unknown[][]) =>
      atomic(() => this.#connection.execute(this.#insertSql(fields, some.length), some.flat()), { using: this.#using });
    try {
      await insert(rows.map(({ values }) => values));
    } catch (error) {
      for (const { object, values } of rows)
        await insert([values]).catch((cause) => {
          throw refused(object, cause);
        });
      throw error;
    }
  }

  #insertSql(fields: readonly Field[], rows: number): string {
    const { dbTable, pk } = this.#model._meta;
    const quote = (name: string) => this.#connection.quoteName(name);
    const columns = fields.map((field) => quote(field.column));
    const values = placeholderRows(this.#connection, rows, fields.length);
    const replaced = fields
      .filter((field) => field !== pk)
      .map(({ column }) => `${quote(column)} = excluded.${quote(column)}`);
    const action = replaced.length > 0 ? `UPDATE SET ${replaced.join(", ")}` : "NOTHING";
    const conflict = fields.includes(pk) ? ` ON CONFLICT (${quote(pk.column)}) DO ${action}` : "";
    return `INSERT INTO ${quote(dbTable)} (${columns.join(", ")}) VALUES ${values}${conflict}`;
  }

  async #writePairs(field: Field): Promise<void> {
    const given = this.#objects.filter((object) => object.many.has(field));
    for (const object of given) if (object.pk === null) throw noKey(field, object);
    const { table, from, to } = this.#model._meta.manyToManyColumns(field);
    const [quotedTable, quotedFrom, quotedTo] = [table, from, to].map((name) => this.#connection.quoteName(name));
    const pairs = given.flatMap((object) => this.#pairsOf(field, object));
    for (const keys of chunks(given.map((object) => this.#toDb(this.#model._meta.pk, object.pk, object)))) {
      const list = keys.map((_, i) => this.#connection.placeholder(i + 1)).join(", ");
      await this.#connection.execute(`DELETE FROM ${quotedTable} WHERE ${quotedFrom} IN (${list})`, keys);
    }
    for (const some of chunks(pairs)) {
      const values = placeholderRows(this.#connection, some.length, 2);
      await this.#connection.execute(
        `INSERT INTO ${quotedTable} (${quotedFrom}, ${quotedTo}) VALUES ${values}`,
        some.flat(),
      );
    }
  }

  #pairsOf(field: Field, object: FixtureObject): unknown[][] {
    const own = this.#toDb(this.#model._meta.pk, object.pk, object);
    const others = (object.many.get(field) ?? []).map((key) => this.#toDb(field, key, object));
    return [...new Set(others)].map((other) => [own, other]);
  }
}

/** An object that a fixture gives twice is what it was given last, as in Django. */
function lastOfEachKey(objects: FixtureObject[]): FixtureObject[] {
  const byKey = new Map(objects.map((object) => [object.pk === null ? object : String(object.pk), object]));
  return [...byKey.values()];
}

function partition<T>(items: T[], test: (item: T) => boolean): [T[], T[]] {
  return [items.filter(test), items.filter((item) => !test(item))];
}

function chunks<T>(items: T[]): T[][] {
  const count = Math.ceil(items.length / MAX_ROWS);
  return Array.from({ length: count }, (_, i) => items.slice(i * MAX_ROWS, (i + 1) * MAX_ROWS));
}

function placeholderRows(connection: Connection, rows: number, width: number): string {
  const row = (at: number) => Array.from({ length: width }, (_, i) => connection.placeholder(at * width + i + 1));
  return Array.from({ length: rows }, (_, at) => `(${row(at).join(", ")})`).join(", ");
}

function noKey(field: Field, { label }: FixtureObject): DeserializationError {
  return new DeserializationError(`${label} has "${snakeCase(field.name)}" but no key that the pairs could hold.`, {
    hint: 'Give the object a "pk".',
  });
}

function problem(place: string, cause: unknown): DeserializationError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new DeserializationError(`${place}: ${reason}`, { cause });
}

/** What the database said of one object; it names the columns of most constraints. */
function refused({ label, model }: FixtureObject, cause: unknown): DeserializationError {
  const columns = (cause instanceof DatabaseError && cause.columns) || [];
  const fields = model._meta.fields.filter(({ column }) => columns.includes(column));
  const names = fields.map(({ name }) => `"${snakeCase(name)}"`).join(", ");
  return problem(names === "" ? label : `${label}, field ${names}`, cause);
}

/** The database would only say that some reference is wrong; this says which. */
async function checkReferences(
  connection: Connection,
  model: ModelClass,
  objects: readonly FixtureObject[],
): Promise<void> {
  const { dbTable, pk, fields, manyToMany } = model._meta;
  for (const field of fields.filter(({ isForeignKey }) => isForeignKey)) {
    await checkReference(connection, { field, table: dbTable, key: pk.column, column: field.column }, objects);
  }
  for (const field of manyToMany) {
    const { table, from, to } = model._meta.manyToManyColumns(field);
    await checkReference(connection, { field, table, key: from, column: to }, objects);
  }
}

interface Reference {
  field: Field;
  table: string;
  /** The column that holds the referring object's key. */
  key: string;
  column: string;
}

async function checkReference(
  connection: Connection,
  reference: Reference,
  objects: readonly FixtureObject[],
): Promise<void> {
  const { field, ...names } = reference;
  const target = field.isManyToMany ? field.relatedModel._meta.pk : field.targetField;
  const [table, key, column] = [names.table, names.key, names.column].map((name) => connection.quoteName(name));
  const [other, otherKey] = [target.model._meta.dbTable, target.column].map((name) => connection.quoteName(name));
  const { rows } = await connection.execute(
    `SELECT t.${key}, t.${column} FROM ${table} t LEFT JOIN ${other} r ON t.${column} = r.${otherKey} ` +
      `WHERE t.${column} IS NOT NULL AND r.${otherKey} IS NULL LIMIT 1`,
  );
  if (rows.length > 0) throw dangling(reference, connection.vendor, rows[0] as unknown[], objects);
}

function dangling(
  { field }: Reference,
  vendor: Vendor,
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
