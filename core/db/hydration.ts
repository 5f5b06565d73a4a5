import type { Field } from "./field.ts";
import type { Vendor } from "./field_types.ts";
import { state } from "./model_state.ts";
import type { BaseModel, ModelClass } from "./models.ts";

type Convert = (raw: unknown) => unknown;

/** Kinds whose raw value is the value, so that no function is called for it. */
const asRead = new Set(["CharField", "TextField", "SlugField", "EmailField", "URLField"]);

/** How the columns of a model are read from a row: from `offset` on, in the order of `fields`. */
export class RowReader {
  readonly model: ModelClass;
  readonly fields: readonly Field[];
  readonly offset: number;
  readonly vendor: Vendor;
  readonly #names: readonly string[];
  readonly #converters: readonly (Convert | null)[];
  readonly #blank: new () => BaseModel;
  readonly #key: number;

  constructor(model: ModelClass, fields: readonly Field[], offset: number, vendor: Vendor) {
    this.model = model;
    this.fields = fields;
    this.offset = offset;
    this.vendor = vendor;
    this.#names = fields.map((field) => field.attname);
    this.#converters = fields.map((field) => (asRead.has(field.kind) ? null : converter(field, vendor)));
    this.#blank = blankOf(model);
    this.#key = offset + fields.findIndex((field) => field.primaryKey);
  }

  /** The row's object, or null where an outer JOIN found none. */
  read(row: readonly unknown[], db: string): BaseModel | null {
    return row[this.#key] === null ? null : this.readObject(row, db);
  }

  readObject(row: readonly unknown[], db: string): BaseModel {
    const object = new this.#blank();
    object[state] = { adding: false, db, related: null, row, reader: this, saved: null, peers: null };
    this.assign(object, row);
    return object;
  }

  /** Writes the row's values onto an object. */
  assign(object: object, row: readonly unknown[]): void {
    const target = object as Record<string, unknown>;
    const names = this.#names;
    const converters = this.#converters;
    for (let index = 0; index < names.length; index++) {
      const raw = row[this.offset + index];
      const convert = converters[index];
      target[names[index]] = convert === null || raw === null ? raw : convert(raw);
    }
  }

  /** What the object's row held in this column; undefined where it was not read. */
  valueOf(row: readonly unknown[], field: Field): unknown {
    const index = this.fields.indexOf(field);
    return index < 0 ? undefined : field.fromDb(row[this.offset + index], this.vendor);
  }
}

function converter(field: Field, vendor: Vendor): Convert {
  return (raw) => field.fromDb(raw, vendor);
}

const blanks = new WeakMap<ModelClass, new () => BaseModel>();

/** A constructor of the model's objects that sets no defaults: what is read from the database has its values. */
function blankOf(model: ModelClass): new () => BaseModel {
  let blank = blanks.get(model);
  if (!blank) {
    blank = function Blank() {} as unknown as new () => BaseModel;
    (blank as { prototype: unknown }).prototype = model.prototype;
    blanks.set(model, blank);
  }
  return blank;
}
