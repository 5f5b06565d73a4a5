import type { Field } from "../fields/field.ts";

/** What has not been saved since the object was read. */
const unknown = Symbol("unknown");

/** What an object's columns were last saved as: one array, for a bulk write makes many of them. */
export class SavedValues {
  readonly #fields: readonly Field[];
  readonly #values: unknown[];

  /**
   * @param fields the model's
   * @param values in the same order, as they were sent; default none
   */
  constructor(fields: readonly Field[], values: unknown[] = new Array(fields.length).fill(unknown)) {
    this.#fields = fields;
    this.#values = values;
  }

  has(field: Field): boolean {
    return this.#at(field) !== unknown;
  }

  get(field: Field): unknown {
    const value = this.#at(field);
    return value === unknown ? undefined : value;
  }

  set(field: Field, value: unknown): void {
    this.#values[this.#fields.indexOf(field)] = value;
  }

  #at(field: Field): unknown {
    const index = this.#fields.indexOf(field);
    return index < 0 ? unknown : this.#values[index];
  }
}
