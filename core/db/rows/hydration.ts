import { compile, literal } from "../../utils/codegen.ts";
import { LruMap } from "../backends/lru.ts";
import type { Field } from "../fields/field.ts";
import type { Vendor } from "../fields/field_types.ts";
import { type ModelState, state } from "../meta/model_state.ts";
import type { BaseModel, ModelClass } from "../models.ts";
import type { FetchMode } from "../sql/query_state.ts";
import { deferredPrototype } from "./deferred.ts";
import { assignments, RowCode } from "./row_code.ts";

type Row = readonly unknown[];

/** How the columns of a model are read from a row: from `offset` on, in the order of `fields`. */
export class RowReader {
  readonly model: ModelClass;
  readonly fields: readonly Field[];
  readonly offset: number;
  readonly vendor: Vendor;
  /** How the objects fetch relations; null as the settings say. */
  readonly fetchMode: FetchMode | null;
  readonly #code: CompiledReader;
  readonly #key: number;

  constructor(
    model: ModelClass,
    fields: readonly Field[],
    offset: number,
    vendor: Vendor,
    fetchMode: FetchMode | null = null,
  ) {
    this.model = model;
    this.fetchMode = fetchMode;
    this.fields = fields;
    this.offset = offset;
    this.vendor = vendor;
    this.#code = compiledReader(model, fields, vendor);
    this.#key = offset + fields.findIndex((field) => field.primaryKey);
  }

  /** The row's object, or null where an outer JOIN found none. */
  read(row: Row, db: string): BaseModel | null {
    return row[this.#key] === null ? null : this.readObject(row, db);
  }

  readObject(row: Row, db: string): BaseModel {
    return new this.#code.Loaded(row, this.offset, loadedState(row, this, db));
  }

  /** Writes the row's values onto an object. */
  assign(object: object, row: Row): void {
    this.#code.assign(object, row, this.offset);
  }

  /** What the row holds in this column, as the driver gave it; undefined where it was not read. */
  rawOf(row: Row, field: Field): unknown {
    const index = this.fields.indexOf(field);
    return index < 0 ? undefined : row[this.offset + index];
  }

  /** The value of {@link rawOf}. */
  valueOf(row: Row, field: Field): unknown {
    const raw = this.rawOf(row, field);
    return raw === undefined ? undefined : field.fromDb(raw, this.vendor);
  }
}

function loadedState(row: Row, reader: RowReader, db: string): ModelState {
  return { adding: false, db, related: null, row, reader, saved: null, peers: null };
}

/** Generated from the names and the kinds of a model's fields. */
interface CompiledReader {
  readonly fields: readonly Field[];
  /** Makes an object of the model without its own constructor, which would set defaults. */
  Loaded: new (
    row: Row,
    offset: number,
    own: ModelState,
  ) => BaseModel;
  assign(object: object, row: Row, offset: number): void;
}

/** Queries that read the same fields share a constructor, so that their objects are alike to the engine. */
const compiled = new WeakMap<ModelClass, LruMap<string, CompiledReader>>();
const LIMIT = 100;

function compiledReader(model: ModelClass, fields: readonly Field[], vendor: Vendor): CompiledReader {
  let known = compiled.get(model);
  if (!known) {
    known = new LruMap(LIMIT);
    compiled.set(model, known);
  }
  const key = `${vendor} ${fields.map((field) => field.attname).join()}`;
  let reader = known.get(key);
  if (!reader?.fields.every((field, index) => field === fields[index])) {
    reader = compileReader(model, fields, vendor);
    known.set(key, reader);
  }
  return reader;
}

function compileReader(model: ModelClass, fields: readonly Field[], vendor: Vendor): CompiledReader {
  const code = new RowCode(vendor);
  const values = new Map(fields.map((field, index) => [field.attname, code.column(`row[offset + ${index}]`, field)]));
  const body = `
    function Loaded(row, offset, own) {
      let raw;
      this[state] = own;
      ${assignments("this", values)}
    }
    Loaded.prototype = prototype;
    function assign(target, row, offset) {
      let raw;
      ${assignments("target", values)}
    }
    return { Loaded, assign };`;
  const functions = compile<Omit<CompiledReader, "fields">>(body, {
    ...code.constants,
    state,
    prototype: prototypeFor(model, fields),
  });
  return { fields, ...functions };
}

function prototypeFor(model: ModelClass, fields: readonly Field[]): object {
  const missing = model._meta.fields.filter((field) => !fields.includes(field));
  return missing.length === 0 ? model.prototype : deferredPrototype(model, missing);
}

/** One column of a row that is given as plain values. */
export interface PlainColumn {
  name: string;
  position: number;
  /** What describes the column; else `read` makes its value. */
  field: Field | null;
  read(raw: unknown): unknown;
}

/**
 * How rows become plain values, for `values()` and `valuesList()`.
 *
 * @param rows objects by the columns' names, arrays in their order, or the values of the first column alone
 */
export function plainReader(
  columns: readonly PlainColumn[],
  rows: "objects" | "arrays" | "flat",
  vendor: Vendor,
): (row: Row) => unknown {
  const code = new RowCode(vendor);
  const values = columns.map(({ position, field, read }) =>
    field ? code.column(`row[${position}]`, field) : code.computed(`row[${position}]`, read),
  );
  return compile(`return (row) => { let raw; return ${rowText(columns, values, rows)}; };`, code.constants);
}

function rowText(columns: readonly PlainColumn[], values: readonly string[], rows: string): string {
  if (rows === "flat") return values[0];
  if (rows === "arrays") return `[${values.join(", ")}]`;
  return `{ ${columns.map(({ name }, index) => `${key(name)}: ${values[index]}`).join(", ")} }`;
}

/** `"__proto__": value` in an object literal would mean something else; other names are faster as they are. */
function key(name: string): string {
  return name === "__proto__" ? `[${literal(name)}]` : literal(name);
}
