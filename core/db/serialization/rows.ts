// The rows of a fixture as they are written: many to a statement, replacing what has the same key.
import { DatabaseError } from "../../exceptions.ts";
import { snakeCase } from "../../utils/text.ts";
import type { Connection } from "../connections.ts";
import { Expression } from "../expressions/base.ts";
import type { Field } from "../fields/field.ts";
import type { ModelClass } from "../models.ts";
import { atomic } from "../transaction.ts";
import { DeserializationError, type FixtureObject } from "./fixtures.ts";
import { announcesSaves, saveWithSignals } from "./signals.ts";

/** Below what SQLite and PostgreSQL take in one statement (32,766 and 65,535). */
const MAX_PARAMETERS = 30_000;
export const MAX_ROWS = 500;

/** Writes the rows of one model. */
export class RowWriter {
  readonly #connection: Connection;
  readonly #model: ModelClass;

  constructor(connection: Connection, model: ModelClass) {
    this.#connection = connection;
    this.#model = model;
  }

  /** Writes objects of this model, and gives them back with their keys: those that had none were given one. */
  async write(objects: readonly FixtureObject[]): Promise<FixtureObject[]> {
    const { localFields, pk } = this.#model._meta;
    const fields = localFields.filter((field) => !field.isGenerated);
    const all = objects.map((object) => (object.pk === null && pk.hasDefault ? withDefaultKey(object) : object));
    const keyed = all.filter((object) => object.pk !== null);
    const keyless = all.filter((object) => object.pk === null);
    await this.#writeAll(keyed, fields);
    const without = fields.filter((field) => field !== pk);
    return [...keyed, ...(await this.#writeAll(keyless, without))];
  }

  async #writeAll(objects: readonly FixtureObject[], fields: readonly Field[]): Promise<FixtureObject[]> {
    // A row without columns cannot be one of several.
    const size = fields.length === 0 ? 1 : Math.min(MAX_ROWS, Math.floor(MAX_PARAMETERS / fields.length));
    const written: FixtureObject[] = [];
    for (let at = 0; at < objects.length; at += size) {
      written.push(...(await this.#writeBatch(objects.slice(at, at + size), fields)));
    }
    return written;
  }

  async #writeBatch(objects: readonly FixtureObject[], fields: readonly Field[]): Promise<FixtureObject[]> {
    const insert = (some: readonly FixtureObject[]) =>
      this.#insert(
        some,
        fields,
        some.map((object) => rowOf(object, fields, this.#connection)),
      );
    return announcesSaves() ? saveWithSignals(this.#connection, objects, insert) : insert(objects);
  }

  /** Many rows in one statement; only if that fails, one by one, to know which row it was. */
  async #insert(
    objects: readonly FixtureObject[],
    fields: readonly Field[],
    rows: readonly (readonly unknown[])[],
  ): Promise<FixtureObject[]> {
    try {
      const keys = await this.#send(fields, rows);
      return objects.map((object, at) => (object.pk === null ? { ...object, pk: keys[at] } : object));
    } catch (error) {
      for (const [at, object] of objects.entries()) {
        await this.#send(fields, [rows[at]]).catch((cause) => {
          throw refused(object, cause);
        });
      }
      throw error;
    }
  }

  /** Gives the keys that the database chose, where it did. */
  async #send(fields: readonly Field[], rows: readonly (readonly unknown[])[]): Promise<unknown[]> {
    const { pk } = this.#model._meta;
    const connection = this.#connection;
    const run = () => connection.execute(this.#sql(fields, rows.length), rows.flat());
    const { rows: keys } = await atomic(run, { using: connection.alias });
    return keys.map(([key]) => pk.fromDb(key, connection.vendor));
  }

  #sql(fields: readonly Field[], rows: number): string {
    const { dbTable, pk } = this.#model._meta;
    const quote = (name: string) => this.#connection.quoteName(name);
    const columns = fields.map((field) => quote(field.column));
    const values = placeholderRows(this.#connection, rows, columns.length);
    const row = columns.length > 0 ? `(${columns.join(", ")}) VALUES ${values}` : "DEFAULT VALUES";
    const start = `INSERT INTO ${quote(dbTable)} ${row}`;
    if (!fields.includes(pk)) return `${start} RETURNING ${quote(pk.column)}`;
    const others = columns.filter((column) => column !== quote(pk.column));
    const replaced = others.map((column) => `${column} = excluded.${column}`).join(", ");
    return `${start} ON CONFLICT (${quote(pk.column)}) DO ${replaced === "" ? "NOTHING" : `UPDATE SET ${replaced}`}`;
  }
}

function withDefaultKey(object: FixtureObject): FixtureObject {
  return { ...object, pk: object.model._meta.pk.getDefault() };
}

function rowOf(object: FixtureObject, fields: readonly Field[], connection: Connection): unknown[] {
  const value = (field: Field) =>
    field.primaryKey ? object.pk : (object.columns.get(field) ?? leftOut(object, field));
  return fields.map((field) => toDb(field, value(field), object.label, connection));
}

/** A column of which a fixture says nothing has its own default, if that is a value. */
function leftOut({ columns }: FixtureObject, field: Field): unknown {
  const { dbDefault } = field.options;
  return columns.get(field) === undefined && !(dbDefault instanceof Expression) ? dbDefault : null;
}

/** A value as the driver takes it; an error names the object and the field. */
export function toDb(field: Field, value: unknown, label: string, { vendor }: Connection): unknown {
  try {
    return (field.isManyToMany ? field.relatedModel._meta.pk : field).toDb(value, vendor);
  } catch (error) {
    throw problem(`${label}, field "${snakeCase(field.name)}"`, error);
  }
}

/** `($1, $2), ($3, $4)` */
export function placeholderRows(connection: Connection, rows: number, width: number): string {
  const row = (at: number) => Array.from({ length: width }, (_, i) => connection.placeholder(at * width + i + 1));
  return Array.from({ length: rows }, (_, at) => `(${row(at).join(", ")})`).join(", ");
}

function problem(place: string, cause: unknown): DeserializationError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new DeserializationError(`${place}: ${reason}`, { cause });
}

/** What the database said of one object; it names the columns of most constraints. */
function refused({ label, model }: FixtureObject, cause: unknown): DeserializationError {
  const columns = (cause instanceof DatabaseError && cause.columns) || [];
  const fields = model._meta.localFields.filter(({ column }) => columns.includes(column));
  const names = fields.map(({ name }) => `"${snakeCase(name)}"`).join(", ");
  return problem(names === "" ? label : `${label}, field ${names}`, cause);
}
