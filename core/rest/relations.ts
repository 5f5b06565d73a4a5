// rest_framework.relations: fields whose value is another object, or several.

import type { Field as ModelField } from "../db/fields/field.ts";
import type { BaseModel, ModelClass } from "../db/models.ts";
import type { QuerySet } from "../db/queryset.ts";
import { JsonFloat } from "../utils/json.ts";
import { isPlainObject, pythonStr, typeName } from "../utils/python_text.ts";
import { type Empty, Field, type FieldContext, type FieldOptions } from "./fields.ts";
import { lookupValue } from "./lookup_value.ts";

/** Where the objects come from: a model, or a queryset that has only those that may be referred to. */
export type RelatedSource = ModelClass | QuerySet<BaseModel> | (() => ModelClass | QuerySet<BaseModel>);

export interface RelatedFieldOptions extends FieldOptions<BaseModel> {
  /** Not needed for a read-only field. */
  queryset?: RelatedSource;
}

type Attributes = Readonly<Record<string, unknown>>;

/** Base of the fields that show another object by something of it, and find it by that. */
export abstract class RelatedField extends Field<BaseModel> {
  readonly #source: RelatedSource | undefined;

  constructor({ queryset, ...options }: RelatedFieldOptions = {}) {
    super(options);
    this.#source = queryset;
  }

  /** Whether what is shown stands in the row that refers, so that the other need not be read. */
  get usesKeyOnly(): boolean {
    return false;
  }

  /** The rows that may be referred to. */
  getQueryset(): QuerySet<BaseModel> {
    const source = isThunk(this.#source) ? this.#source() : this.#source;
    if (source === undefined) throw new TypeError("A relation that is written needs a queryset.");
    return isModelClass(source)
      ? (source as unknown as { objects: { all(): QuerySet<BaseModel> } }).objects.all()
      : source;
  }

  /** The columns of the other object that are shown. */
  abstract columnsOf(model: ModelClass): readonly ModelField[];

  /** The objects that the given values name, by value. */
  abstract find(values: readonly unknown[]): Promise<Map<unknown, BaseModel>>;

  /** The error of a value that names no object. */
  abstract missing(value: unknown): never;

  /** As DRF: an empty text is null. */
  override runValidation(data: unknown, context?: FieldContext): BaseModel | null | Empty {
    return super.runValidation(data === "" ? null : data, context);
  }

  override readonly resolve = async (value: unknown): Promise<BaseModel> => {
    const found = await this.find([value]);
    return found.get(keyOf(value)) ?? this.missing(value);
  };
}

/** Objects are found in any order and put together by their key as text. */
export function keyOf(value: unknown): string {
  return String(value);
}

function isThunk(source: RelatedSource | undefined): source is () => ModelClass | QuerySet<BaseModel> {
  return typeof source === "function" && !isModelClass(source);
}

function isModelClass(source: unknown): source is ModelClass {
  return typeof source === "function" && "_meta" in source;
}

/** Another object by its key. */
export class PrimaryKeyRelatedField extends RelatedField {
  static override defaultErrorMessages = {
    does_not_exist: 'Invalid pk "{pk_value}" - object does not exist.',
    incorrect_type: "Incorrect type. Expected pk value, received {data_type}.",
  };

  override get usesKeyOnly(): boolean {
    return true;
  }

  columnsOf(model: ModelClass): readonly ModelField[] {
    return [model._meta.pk];
  }

  /** The key that a value stands for; the object behind it is found by `resolve`. */
  toInternalValue(data: unknown): BaseModel {
    const text = keyText(data);
    if (text === null) return this.fail("incorrect_type", { data_type: typeName(data) });
    const key = lookupValue(this.getQueryset().model._meta.pk, text);
    if (key !== undefined) return key as BaseModel;
    // A number that no row can have is a key that does not exist; a word is not a key at all.
    return /^[-+\s\d_]+$/.test(text) ? this.missing(data) : this.fail("incorrect_type", { data_type: typeName(data) });
  }

  async find(keys: readonly unknown[]): Promise<Map<unknown, BaseModel>> {
    const objects = await this.getQueryset().where("pk__in", [...keys]);
    return new Map(objects.map((object) => [keyOf(object.pk), object]));
  }

  missing(value: unknown): never {
    return this.fail("does_not_exist", { pk_value: pythonStr(value) });
  }

  override getAttribute(object: Attributes, name: string): unknown {
    const key = `${name}Id`;
    return key in object ? object[key] : object[name];
  }

  /** Of an object its key; a key is itself. */
  toRepresentation(value: unknown): unknown {
    return isObject(value) ? keyIn(value) : value;
  }
}

/** The text by which Python's int() would read a key: whole numbers, fractions cut. */
function keyText(data: unknown): string | null {
  if (typeof data === "string" || typeof data === "bigint") return String(data);
  if (data instanceof JsonFloat) return wholePart(data.value);
  return typeof data === "number" ? wholePart(data) : null;
}

function wholePart(value: number): string | null {
  return Number.isFinite(value) ? BigInt(Math.trunc(value)).toString() : null;
}

function isObject(value: unknown): value is Attributes {
  return typeof value === "object" && value !== null;
}

/** The key of an instance, or of a row that has nothing but its key. */
function keyIn(object: Attributes): unknown {
  return "pk" in object ? object.pk : Object.values(object)[0];
}

/** Another object by one of its unique fields. */
export class SlugRelatedField extends RelatedField {
  static override defaultErrorMessages = {
    does_not_exist: "Object with {slug_name}={value} does not exist.",
    invalid: "Invalid value.",
  };

  readonly slugField: string;

  /** @param options.slugField The field's name in TypeScript: `username`. */
  constructor({ slugField, ...options }: RelatedFieldOptions & { slugField: string }) {
    super(options);
    this.slugField = slugField;
  }

  columnsOf(model: ModelClass): readonly ModelField[] {
    return [model._meta.getField(this.slugField)];
  }

  toInternalValue(data: unknown): BaseModel {
    if (data === true || data === false || typeof data === "object") return this.fail("invalid");
    const value = lookupValue(this.getQueryset().model._meta.getField(this.slugField), String(data));
    return value === undefined ? this.missing(data) : (value as BaseModel);
  }

  async find(values: readonly unknown[]): Promise<Map<unknown, BaseModel>> {
    const objects = await this.getQueryset().where(`${this.slugField}__in`, [...values]);
    return new Map(objects.map((object) => [keyOf((object as unknown as Attributes)[this.slugField]), object]));
  }

  missing(value: unknown): never {
    return this.fail("does_not_exist", { slug_name: this.slugField, value: pythonStr(value) });
  }

  toRepresentation(value: unknown): unknown {
    return isObject(value) ? value[this.slugField] : value;
  }
}

/** Another object as its text: what its `toString()` gives. Only shown. */
export class StringRelatedField extends RelatedField {
  constructor(options: FieldOptions<BaseModel> = {}) {
    super({ ...options, readOnly: true });
  }

  columnsOf(model: ModelClass): readonly ModelField[] {
    return model._meta.fields;
  }

  toInternalValue(): never {
    throw new TypeError("A StringRelatedField is read-only.");
  }

  find(): never {
    throw new TypeError("A StringRelatedField is read-only.");
  }

  missing(): never {
    throw new TypeError("A StringRelatedField is read-only.");
  }

  toRepresentation(value: unknown): string {
    return String(value);
  }
}

export interface ManyRelatedFieldOptions extends FieldOptions<readonly BaseModel[]> {
  /** Whether an empty list is a value; true by default. */
  allowEmpty?: boolean;
}

/** Several other objects, each by what its `child` shows. One query finds them all. */
export class ManyRelatedField extends Field<readonly BaseModel[]> {
  static override defaultErrorMessages = {
    not_a_list: 'Expected a list of items but got type "{input_type}".',
    empty: "This list may not be empty.",
  };

  readonly child: RelatedField;
  readonly allowEmpty: boolean;

  constructor(child: RelatedField, { allowEmpty, ...options }: ManyRelatedFieldOptions = {}) {
    super(options);
    this.child = child;
    this.allowEmpty = allowEmpty ?? true;
  }

  toInternalValue(data: unknown, context: FieldContext): readonly BaseModel[] {
    const items = isPlainObject(data) ? Object.keys(data) : data;
    if (!Array.isArray(items)) return this.fail("not_a_list", { input_type: typeName(data) });
    if (items.length === 0 && !this.allowEmpty) return this.fail("empty");
    return items.map((item) => this.child.runValidation(item, context) as BaseModel);
  }

  override readonly resolve = async (values: readonly unknown[]): Promise<readonly BaseModel[]> => {
    if (values.length === 0) return [];
    const found = await this.child.find(values);
    return values.map((value) => found.get(keyOf(value)) ?? this.child.missing(value));
  };

  override getAttribute(object: Attributes, name: string): unknown {
    return loadedRows(object[name]);
  }

  toRepresentation(objects: readonly BaseModel[], context: FieldContext): unknown {
    return objects.map((object) => this.child.toRepresentation(object, context));
  }
}

/** The rows at the other side: a list, or what a related manager has loaded. */
export function loadedRows(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  const loaded = (value as { loaded?: readonly unknown[] | null } | null)?.loaded;
  if (loaded) return loaded;
  throw new TypeError("A relation to many was shown before it was loaded; the view's queryset must prefetch it.");
}
