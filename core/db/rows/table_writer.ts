import { compile, literal } from "../../utils/codegen.ts";
import { type Connection, quoteName } from "../backends/base.ts";
import { LruMap } from "../backends/lru.ts";
import { Field } from "../fields/field.ts";
import type { Vendor } from "../fields/field_types.ts";
import type { Options } from "../meta/options.ts";
import type { BaseModel, ModelClass } from "../models.ts";
import { RowCode } from "./row_code.ts";

/** What an INSERT is to do besides. */
export interface InsertForm {
  /** The columns whose values the database gives back. */
  returning: readonly Field[];
  /** ` ON CONFLICT …`, or nothing. */
  conflicts: string;
  /** The database chooses the key. */
  withoutKey: boolean;
}

/** SQL in the place of a parameter. */
export class Literally {
  readonly sql: string;

  constructor(sql: string) {
    this.sql = sql;
  }
}

/** A field of which nothing was said, where the column has a default of its own. */
export function isLeftToDatabase(object: BaseModel, field: Field): boolean {
  return field.hasDbDefault && (object as never as Record<string, unknown>)[field.attname] === undefined;
}

const STATEMENTS = 16;

/**
 * How the objects of a model become the parameters of its own table, worked out once per model and kind of database.
 * Of an object with a multi-table parent, the parent's writer knows the rest.
 */
export class TableWriter {
  readonly meta: Options;
  readonly pk: Field;
  /** All fields of the model. */
  readonly source: readonly Field[];
  /** Those that the database computes. */
  readonly generated: readonly Field[];
  /** Those that are written, in the order of {@link params}. */
  readonly fields: readonly Field[];
  readonly pkIndex: number;
  /** What an object's attributes are sent as. */
  readonly params: (object: BaseModel) => unknown[];
  /** Gives an object the key that the database chose; returns what it would be sent as. */
  readonly setKey: (object: BaseModel, raw: unknown) => unknown;
  readonly #placeholder: (position: number) => string;
  /** Fields whose column has a default of its own. */
  readonly databaseDefaults: readonly Field[];
  readonly #selfSetting: readonly Field[];
  readonly #inserts = new LruMap<string, string>(STATEMENTS);

  constructor({ _meta: meta }: ModelClass, connection: Connection) {
    this.meta = meta;
    this.pk = meta.pk;
    this.source = meta.localFields;
    this.generated = this.source.filter((field) => field.isGenerated);
    this.fields = this.generated.length === 0 ? this.source : this.source.filter((field) => !field.isGenerated);
    this.pkIndex = this.fields.indexOf(meta.pk);
    this.params = compileParams(this.fields, connection.vendor);
    this.setKey = compileSetKey(meta.pk, connection.vendor);
    this.#placeholder = (position) => connection.placeholder(position);
    this.databaseDefaults = this.fields.filter((field) => field.hasDbDefault);
    this.#selfSetting = this.fields.filter(setsItself);
  }

  /** Gives `autoNow`, `autoNowAdd` and their like their values. */
  setThemselves(object: BaseModel, adding: boolean, only: readonly Field[] | null = null): void {
    for (const field of this.#selfSetting) {
      if (only && !only.includes(field)) continue;
      const value = field.preSave(adding);
      if (value !== undefined) (object as never as Record<string, unknown>)[field.attname] = value;
    }
  }

  /** {@link writeInsert} for rows that are all parameters, remembered. */
  insertSql(rows: readonly unknown[][], form: InsertForm): string {
    const key = `${rows.length} ${form.withoutKey} ${form.returning.length} ${form.conflicts}`;
    let sql = this.#inserts.get(key);
    if (sql === undefined) {
      sql = this.writeInsert(rows, form);
      this.#inserts.set(key, sql);
    }
    return sql;
  }

  /** `INSERT INTO … VALUES …` for these rows, which have a value for each of the fields. */
  writeInsert(rows: readonly unknown[][], { returning, conflicts, withoutKey }: InsertForm): string {
    const table = quoteName(this.meta.dbTable);
    const isLeftOut = (index: number) => withoutKey && index === this.pkIndex;
    const columns = this.fields.filter((_, index) => !isLeftOut(index)).map(({ column }) => quoteName(column));
    const returned = returning.map(({ column }) => quoteName(column)).join(", ");
    const end = `${conflicts}${returned && ` RETURNING ${returned}`}`;
    if (columns.length === 0) return `INSERT INTO ${table} DEFAULT VALUES${end}`;
    let position = 0;
    const write = (value: unknown) => (value instanceof Literally ? value.sql : this.#placeholder(++position));
    const values = rows.map(
      (row) => `(${row.flatMap((value, index) => (isLeftOut(index) ? [] : [write(value)])).join(", ")})`,
    );
    return `INSERT INTO ${table} (${columns.join(", ")}) VALUES ${values.join(", ")}${end}`;
  }
}

function setsItself(field: Field): boolean {
  const { autoNow, autoNowAdd } = field.options;
  return autoNow === true || autoNowAdd === true || field.preSave !== Field.prototype.preSave;
}

function compileParams(fields: readonly Field[], vendor: Vendor): (object: BaseModel) => unknown[] {
  const code = new RowCode(vendor);
  const params = fields.map((field) => code.param(`object[${literal(field.attname)}]`, field));
  return compile(`return (object) => { let raw; return [${params.join(",\n")}]; };`, code.constants);
}

function compileSetKey(pk: Field, vendor: Vendor): TableWriter["setKey"] {
  const code = new RowCode(vendor);
  const [value, param] = [code.column("given", pk), code.param("key", pk)];
  const body = `return (object, given) => {
    let raw;
    const key = ${value};
    object[${literal(pk.attname)}] = key;
    return ${param};
  };`;
  return compile(body, code.constants);
}

const writers = new WeakMap<ModelClass, Map<Vendor, TableWriter>>();

/** The writer of a model for a database. */
export function writerOf(model: ModelClass, connection: Connection): TableWriter {
  let known = writers.get(model);
  if (!known) {
    known = new Map();
    writers.set(model, known);
  }
  let writer = known.get(connection.vendor);
  // While models are connected a parent's fields may still change, and with them its children's.
  if (writer?.source !== model._meta.localFields) {
    writer = new TableWriter(model, connection);
    known.set(connection.vendor, writer);
  }
  return writer;
}
