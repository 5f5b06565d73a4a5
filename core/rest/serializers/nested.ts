// A schema as a field of another.

import { ImproperlyConfigured } from "../../exceptions.ts";
import { typeName } from "../../utils/python_text.ts";
import { type Detail, ErrorDetail, nonFieldErrorsKey } from "../error_detail.ts";
import { ValidationError } from "../exceptions.ts";
import { type CompileSchema, type Empty, empty, Field, type FieldContext, type FieldOptions } from "../fields/base.ts";
import type { CompiledSchema } from "./compiled.ts";
import type { SchemaClass } from "./schema.ts";

/** A schema class, or a function that gives it, for classes that name each other or themselves. */
export type SchemaReference<S extends object = object> = (new () => S) | (() => new () => S);

export interface NestedFieldOptions extends FieldOptions {
  /** A list of objects. */
  many?: boolean;
  /** Whether the empty list is a value; true by default. */
  allowEmpty?: boolean;
  minLength?: number;
  maxLength?: number;
}

function isClass(reference: SchemaReference): reference is SchemaClass {
  return reference.prototype !== undefined;
}

/** An object, or with `many` a list of objects, described by another schema. */
export class NestedField extends Field<unknown> {
  static override defaultErrorMessages = {
    not_a_list: 'Expected a list of items but got type "{input_type}".',
    empty: "This list may not be empty.",
    max_length: "Ensure this field has no more than {max_length} elements.",
    min_length: "Ensure this field has at least {min_length} elements.",
  };

  readonly many: boolean;
  readonly allowEmpty: boolean;
  readonly minLength: number | undefined;
  readonly maxLength: number | undefined;
  readonly #reference: SchemaReference;
  #compile: CompileSchema | undefined;

  constructor(schema: SchemaReference, options: NestedFieldOptions = {}) {
    super(options);
    this.#reference = schema;
    this.many = options.many ?? false;
    this.allowEmpty = options.allowEmpty ?? true;
    this.minLength = options.minLength;
    this.maxLength = options.maxLength;
  }

  override bind(_name: string, _schema: object, compile: CompileSchema): Field {
    this.#compile = compile;
    return this;
  }

  get schemaClass(): SchemaClass {
    const reference = this.#reference;
    return isClass(reference) ? reference : (reference as () => SchemaClass)();
  }

  /** The inner schema, compiled when it is first needed: schemas may contain themselves. */
  get compiled(): CompiledSchema {
    if (this.#compile) return this.#compile(this.schemaClass) as CompiledSchema;
    throw new ImproperlyConfigured("A nested schema was used before the schema around it was compiled.");
  }

  override validateInput(data: unknown, context: FieldContext): unknown | Empty | Promise<unknown> {
    const known = this.validateEmptyValues(data, context);
    if (known !== undefined) return known;
    const inner = { ...context, instance: null, initialData: data };
    const result = this.many ? this.#parseMany(data, inner) : this.compiled.parseWithin(data, inner);
    return result instanceof Promise
      ? result.then((settled) => this.#accept(settled, context))
      : this.#accept(result, context);
  }

  #parseMany(data: unknown, context: FieldContext) {
    if (!Array.isArray(data)) return this.#failList("not_a_list", { input_type: typeName(data) });
    const { minLength, maxLength } = this;
    if (!this.allowEmpty && data.length === 0) this.#failList("empty");
    if (maxLength !== undefined && data.length > maxLength) this.#failList("max_length", { max_length: maxLength });
    if (minLength !== undefined && data.length < minLength) this.#failList("min_length", { min_length: minLength });
    return this.compiled.parseList(data, context);
  }

  /** What is wrong with the list as a whole stands beside what may be wrong with its items. */
  #failList(code: string, params: Record<string, unknown> = {}): never {
    throw new ValidationError({ [nonFieldErrorsKey]: [new ErrorDetail(this.message(code, params), code)] });
  }

  #accept(result: { ok: boolean; value: unknown; errors?: Detail | undefined }, context: FieldContext): unknown {
    if (!result.ok) throw new ValidationError(result.errors);
    this.runValidators(result.value, context);
    return result.value;
  }

  toInternalValue(data: unknown, context: FieldContext): unknown {
    const value = this.validateInput(data, context);
    if (!(value instanceof Promise)) return value;
    throw new TypeError("A nested schema has to be waited for; use validateInput().");
  }

  override runValidation(data: unknown, context: FieldContext): unknown {
    return data === empty || data === null ? super.runValidation(data, context) : this.toInternalValue(data, context);
  }

  #items(value: unknown): object[] {
    if (typeof (value as Iterable<object> | null)?.[Symbol.iterator] === "function")
      return [...(value as Iterable<object>)];
    throw new TypeError(
      `A list of ${this.schemaClass.name} was given ${typeName(value)}. Load the relation before it is shown.`,
    );
  }

  toRepresentation(value: unknown, context: FieldContext): unknown {
    const { compiled } = this;
    if (!this.many) return compiled.represent(value as object, context);
    return this.#items(value).map((item) => compiled.represent(item, context));
  }

  override toJson(value: unknown, context: FieldContext): string {
    const { compiled } = this;
    if (!this.many) return compiled.toJson(value as object, context);
    return `[${this.#items(value)
      .map((item) => compiled.toJson(item, context))
      .join(",")}]`;
  }
}
