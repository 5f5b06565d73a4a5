// Fields whose value is made of values: lists, dictionaries, any JSON.

import { inOrder } from "../../utils/in_order.ts";
import {
  JsonFloat,
  JsonSyntaxError,
  type JsonValue,
  parseJson,
  stringifyJson,
  stringifyString,
} from "../../utils/json.ts";
import { isPlainObject, typeName } from "../../utils/python_text.ts";
import { MaxLengthValidator, MinLengthValidator } from "../../utils/validators.ts";
import type { Detail, DetailByField } from "../error_detail.ts";
import { ValidationError } from "../exceptions.ts";
import { type CompileSchema, detailOf, type Empty, Field, type FieldContext, type FieldOptions } from "./base.ts";

/** Lets everything through, null included. */
export class UnvalidatedField extends Field<unknown> {
  constructor() {
    super({ allowNull: true });
  }

  toInternalValue(data: unknown, _context: FieldContext): unknown {
    return data;
  }

  toRepresentation(value: unknown, _context: FieldContext): unknown {
    return value;
  }
}

/** A field, or the decorator made from one. */
export type FieldLike<T> = Field<T> | { readonly field: Field<T> };

/** The field of a {@link FieldLike}. */
export function fieldOf<T>(child: FieldLike<T>): Field<T> {
  return child instanceof Field ? child : child.field;
}

type Entries = [string, unknown][];

/** Checks every entry with the same field, one after the other, since what they wait for is usually one connection. */
function checkAll(entries: Entries, child: Field, context: FieldContext): Entries | Promise<Entries> {
  const values: Entries = [];
  const errors: [string, Detail][] = [];
  const fail = (key: string, error: unknown) => void errors.push([key, detailOf(error)]);
  const visit = ([key, item]: [string, unknown]) => {
    try {
      const value = child.validateInput(item, context);
      if (value instanceof Promise) {
        return value.then(
          (settled) => void values.push([key, settled]),
          (error) => fail(key, error),
        );
      }
      values.push([key, value]);
    } catch (error) {
      fail(key, error);
    }
    return undefined;
  };
  const finish = () => {
    if (errors.length > 0) throw new ValidationError(Object.fromEntries(errors) as DetailByField);
    return values;
  };
  return inOrder(entries, visit)?.then(finish) ?? finish();
}

/** Base of the fields whose values are checked one by one, each by the child. */
abstract class CompositeField<T, C> extends Field<T> {
  readonly child: Field<C>;
  readonly allowEmpty: boolean;

  constructor(options: FieldOptions<T> & { child?: FieldLike<C>; allowEmpty?: boolean }) {
    super(options);
    this.child = options.child ? fieldOf(options.child) : (new UnvalidatedField() as Field<C>);
    this.allowEmpty = options.allowEmpty ?? true;
  }

  override bind(name: string, schema: object, compile: CompileSchema): Field {
    this.child.bind(name, schema, compile);
    return this as Field;
  }

  /** The entries of the data, by position or key. */
  protected abstract entries(data: unknown): [string, unknown][];

  /** The value made of checked entries. */
  protected abstract collect(entries: [string, unknown][]): T;

  toInternalValue(data: unknown, context: FieldContext): T {
    const entries = this.entries(data).map(([key, item]): [string, unknown] => [key, item]);
    const checked = checkAll(entries, this.child as Field, context);
    if (checked instanceof Promise)
      throw new TypeError(`${this.constructor.name}: its child has to be waited for; use validateInput().`);
    return this.collect(checked);
  }

  override validateInput(data: unknown, context: FieldContext): T | null | Empty | Promise<T | null | Empty> {
    const known = this.validateEmptyValues(data, context);
    if (known !== undefined) return known;
    const checked = checkAll(this.entries(data), this.child as Field, context);
    const done = (entries: [string, unknown][]) => {
      const value = this.collect(entries);
      this.runValidators(value, context);
      return value;
    };
    return checked instanceof Promise ? checked.then(done) : done(checked);
  }
}

export interface ListFieldOptions<T> extends FieldOptions<T[]> {
  /** Checks each item; without it items are not looked at. */
  child?: FieldLike<T>;
  /** Whether the empty list is a value; true by default. */
  allowEmpty?: boolean;
  minLength?: number;
  maxLength?: number;
}

/** A list; errors of items are keyed by position. */
export class ListField<T = unknown> extends CompositeField<T[], T> {
  static override defaultErrorMessages = {
    not_a_list: 'Expected a list of items but got type "{input_type}".',
    empty: "This list may not be empty.",
    min_length: "Ensure this field has at least {min_length} elements.",
    max_length: "Ensure this field has no more than {max_length} elements.",
  };
  readonly minLength: number | undefined;
  readonly maxLength: number | undefined;

  constructor(options: ListFieldOptions<T> = {}) {
    super(options);
    const { minLength, maxLength } = options;
    this.minLength = minLength;
    this.maxLength = maxLength;
    if (maxLength !== undefined) {
      const message = this.message("max_length", { max_length: maxLength });
      this.validators.push(new MaxLengthValidator(maxLength, { message }));
    }
    if (minLength !== undefined) {
      const message = this.message("min_length", { min_length: minLength });
      this.validators.push(new MinLengthValidator(minLength, { message }));
    }
  }

  protected entries(data: unknown): [string, unknown][] {
    if (!Array.isArray(data)) return this.fail("not_a_list", { input_type: typeName(data) });
    if (!this.allowEmpty && data.length === 0) this.fail("empty");
    return data.map((item, index) => [String(index), item]);
  }

  protected collect(entries: [string, unknown][]): T[] {
    return entries.map(([, value]) => value as T);
  }

  toRepresentation(value: Iterable<T>, context: FieldContext): unknown[] {
    return Array.from(value, (item) => (item === null ? null : this.child.toRepresentation(item, context)));
  }

  override toJson(value: Iterable<T>, context: FieldContext): string {
    return `[${Array.from(value, (item) => (item === null ? "null" : this.child.toJson(item, context))).join(",")}]`;
  }
}

export interface DictFieldOptions<T> extends FieldOptions<Record<string, T>> {
  /** Checks each value; without it values are not looked at. */
  child?: FieldLike<T>;
  /** Whether the empty dictionary is a value; true by default. */
  allowEmpty?: boolean;
}

/** A dictionary with texts for keys; errors of values are keyed by key. */
export class DictField<T = unknown> extends CompositeField<Record<string, T>, T> {
  static override defaultErrorMessages = {
    not_a_dict: 'Expected a dictionary of items but got type "{input_type}".',
    empty: "This dictionary may not be empty.",
  };

  constructor(options: DictFieldOptions<T> = {}) {
    super(options);
  }

  protected entries(data: unknown): [string, unknown][] {
    if (!isPlainObject(data)) return this.fail("not_a_dict", { input_type: typeName(data) });
    const entries = Object.entries(data);
    if (!this.allowEmpty && entries.length === 0) this.fail("empty");
    return entries;
  }

  protected collect(entries: [string, unknown][]): Record<string, T> {
    return Object.fromEntries(entries) as Record<string, T>;
  }

  toRepresentation(value: Record<string, T>, context: FieldContext): Record<string, unknown> {
    const shown = ([key, item]: [string, T]) => [
      key,
      item === null ? null : this.child.toRepresentation(item, context),
    ];
    return Object.fromEntries(Object.entries(value).map(shown));
  }

  override toJson(value: Record<string, T>, context: FieldContext): string {
    const parts = Object.entries(value).map(([key, item]) => {
      return `${stringifyString(key)}:${item === null ? "null" : this.child.toJson(item, context)}`;
    });
    return `{${parts.join(",")}}`;
  }
}

export interface JSONFieldOptions extends FieldOptions<JsonValue> {
  /** The value travels as a text that holds JSON. */
  binary?: boolean;
}

const loneSurrogate = /\p{Cs}/u;

/** Whether JSON in UTF-8 can hold the value: not numbers beyond a double, which came in as infinity, nor halves of characters. */
function isJson(value: unknown): boolean {
  if (typeof value === "string") return !loneSurrogate.test(value);
  if (typeof value === "number") return Number.isFinite(value);
  if (value instanceof JsonFloat) return Number.isFinite(value.value);
  if (typeof value !== "object" || value === null) return value !== undefined && typeof value !== "function";
  return Array.isArray(value) ? value.every(isJson) : Object.entries(value).flat().every(isJson);
}

/** Anything that JSON has. Long integers and whole floats keep their form. */
export class JSONField extends Field<JsonValue> {
  static override defaultErrorMessages = { invalid: "Value must be valid JSON." };
  readonly binary: boolean;

  constructor(options: JSONFieldOptions = {}) {
    super(options);
    this.binary = options.binary ?? false;
  }

  toInternalValue(data: unknown, _context: FieldContext): JsonValue {
    const value = this.binary ? this.#parse(data) : data;
    return isJson(value) ? (value as JsonValue) : this.fail("invalid");
  }

  #parse(data: unknown): JsonValue {
    if (typeof data !== "string") return this.fail("invalid");
    try {
      return parseJson(data);
    } catch (error) {
      if (error instanceof JsonSyntaxError) return this.fail("invalid");
      throw error;
    }
  }

  toRepresentation(value: JsonValue, _context: FieldContext): JsonValue {
    return this.binary ? stringifyJson(value) : value;
  }
}
