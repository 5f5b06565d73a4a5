// rest_framework.fields.Field: what every field of a schema knows and does. A field checks one value on the way in,
// shows one on the way out, and keeps no state of a request, so one instance serves them all.

import { ImproperlyConfigured, ValidationError as ModelValidationError } from "../../exceptions.ts";
import { stringifyJson } from "../../utils/json.ts";
import { formatMessage, type MessageParams } from "../../utils/validators.ts";
import { type Detail, ErrorDetail, isKeyed, modelErrorDetail } from "../error_detail.ts";
import { ValidationError } from "../exceptions.ts";

/** Stands for “nothing was given”, since null is a value; also what a field answers that has nothing to add. */
export const empty: unique symbol = Symbol("empty");
export type Empty = typeof empty;

/** What a field may look at besides its value. */
export interface FieldContext {
  /** PATCH: what is absent stays as it is. */
  readonly partial: boolean;
  /** The object being changed; null on creation. */
  readonly instance: object | null;
  /** The whole input as it came. */
  readonly initialData?: unknown;
  /** `request`, `view`, and whatever else the caller gave. */
  readonly [key: string]: unknown;
}

/** Compiles a schema class; fields made of schemas are given it, since they cannot know the settings it is compiled by. */
export type CompileSchema = (schema: new () => object) => unknown;

/** The context where there is none: not partial, no instance, no request. */
export const emptyContext: FieldContext = Object.freeze({ partial: false, instance: null });

/** A check of a field's value: throws a ValidationError, of the models or of this layer. */
export type FieldValidator<T> = Bivariant<T, void>;

/** A function as a method is typed: a field of texts remains a field of anything. */
type Bivariant<T, R> = { of(value: T, context: FieldContext): R }["of"];

/** What every field takes. */
export interface FieldOptions<T = unknown> {
  /** Shown, never read. */
  readOnly?: boolean;
  /** Read, never shown. */
  writeOnly?: boolean;
  /** An error if absent. Default: true, unless the field is read-only or has a default. */
  required?: boolean;
  /** Whether null is a value. */
  allowNull?: boolean;
  /** The value of an absent field; a function is called for each input, with the context. Not used by PATCH. */
  default?: T | null | ((context: FieldContext) => T | null | Empty);
  /** The value that an empty form shows. */
  initial?: unknown;
  /** The property it is read from and written to, if it has another name; `user.username` goes through objects, `*` is the whole. */
  source?: string;
  label?: string;
  helpText?: string;
  /** Hints for whoever draws a form. */
  style?: Readonly<Record<string, unknown>>;
  /** Own texts by code: `required`, `null`, and those of the class. */
  errorMessages?: Readonly<Record<string, string>>;
  /** Run before the field's own limits, all of them. */
  validators?: readonly FieldValidator<T>[];
}

const messagesOf = new WeakMap<object, Readonly<Record<string, string>>>();

/** The texts of a class over those of its parents. */
function defaultMessages(cls: typeof Field): Readonly<Record<string, string>> {
  const known = messagesOf.get(cls);
  if (known) return known;
  const parent = Object.getPrototypeOf(cls) as typeof Field;
  const inherited = cls === Field ? {} : defaultMessages(parent);
  const own = Object.hasOwn(cls, "defaultErrorMessages") ? cls.defaultErrorMessages : {};
  const messages = { ...inherited, ...own };
  messagesOf.set(cls, messages);
  return messages;
}

/** The details of a validation error of any layer; other errors are thrown on. */
export function detailOf(error: unknown): Detail {
  if (error instanceof ValidationError) return error.detail;
  if (error instanceof ModelValidationError) return modelErrorDetail(error);
  throw error;
}

/**
 * Base of all fields. On the way in: `runValidation` = nothing given? null? → `toInternalValue` → validators. On the way
 * out: `toRepresentation`, or `toJson` where only the text is wanted.
 *
 * @typeParam T the value that code works with; null comes on top where it is allowed.
 * @throws ImproperlyConfigured for options that contradict each other.
 * @example
 * class ColorField extends Field<Color> {
 *   static override defaultErrorMessages = { invalid: "Expected rgb(r, g, b)." };
 *   toInternalValue(data: unknown) { return Color.parse(String(data)) ?? this.fail("invalid"); }
 *   toRepresentation(value: Color) { return value.toString(); }
 * }
 */
export abstract class Field<T = unknown> {
  /** Texts by code; those of the parents hold as well. `{name}` is filled in. */
  static defaultErrorMessages: Readonly<Record<string, string>> = {
    required: "This field is required.",
    null: "This field may not be null.",
  };

  /** What the field was made from. */
  readonly options: FieldOptions<T>;
  readonly readOnly: boolean;
  readonly writeOnly: boolean;
  readonly required: boolean;
  readonly allowNull: boolean;
  readonly default: FieldOptions<T>["default"];
  readonly initial: unknown;
  readonly source: string | undefined;
  readonly label: string | undefined;
  readonly helpText: string | undefined;
  readonly style: Readonly<Record<string, unknown>>;
  readonly errorMessages: Readonly<Record<string, string>>;
  readonly validators: FieldValidator<T>[];

  /**
   * A second step that may wait, such as finding the row of a key: awaited once the field's own checks have passed. Most
   * fields have none.
   */
  resolve?(value: T, context: FieldContext): Promise<T>;

  /** How the value is read from the object that holds it, where that is not simply its property of that name. */
  getAttribute?(holder: Readonly<Record<string, unknown>>, name: string): unknown;

  constructor(options: FieldOptions<T> = {}) {
    const cls = new.target as typeof Field;
    this.options = options;
    this.readOnly = options.readOnly ?? false;
    this.writeOnly = options.writeOnly ?? false;
    this.default = options.default;
    this.required = options.required ?? (options.default === undefined && !this.readOnly);
    this.allowNull = options.allowNull ?? false;
    this.initial = options.initial;
    this.source = options.source;
    this.label = options.label;
    this.helpText = options.helpText;
    this.style = options.style ?? {};
    this.errorMessages = { ...defaultMessages(cls), ...options.errorMessages };
    this.validators = [...(options.validators ?? [])];
    checkOptions(cls.name, options as FieldOptions);
  }

  /** The value that code works with, made from what came in. Throws through {@link fail}. */
  abstract toInternalValue(data: unknown, context: FieldContext): T | null;

  /** The JSON value that stands for a value; null is never asked about. */
  abstract toRepresentation(value: T, context: FieldContext): unknown;

  /** {@link toRepresentation} as compact JSON text; subclasses write theirs without the detour. */
  toJson(value: T, context: FieldContext): string {
    return stringifyJson(this.toRepresentation(value, context));
  }

  /**
   * The field as a schema uses it, asked for once when the schema is compiled; most are used as they are.
   *
   * @param name the property.
   * @param schema the schema's object, whose methods the field may call.
   * @param compile compiles another schema in the same way.
   */
  bind(_name: string, _schema: object, _compile: CompileSchema): Field {
    return this;
  }

  /**
   * The field's part of the input. A form has rules of its own (an absent check box is false, a list is a repeated
   * name): a field that knows them overrides this.
   */
  getValue(data: Readonly<Record<string, unknown>>, name: string, _context: FieldContext): unknown {
    if (!Object.hasOwn(data, name)) return empty;
    const value = data[name];
    return value === undefined ? empty : value;
  }

  /** The value of an absent field; {@link empty} where it has none, and in a PATCH. */
  getDefault(context: FieldContext): T | null | Empty {
    if (this.default === undefined || context.partial) return empty;
    if (typeof this.default !== "function") return this.default;
    return (this.default as (context: FieldContext) => T | null | Empty)(context);
  }

  /** The value that an empty form shows. */
  getInitial(): unknown {
    return typeof this.initial === "function" ? this.initial() : (this.initial ?? null);
  }

  /**
   * Checks what was given, {@link empty} if nothing was.
   *
   * @returns the value, or {@link empty} if the field adds none.
   * @throws ValidationError with a list of details, or details by key for values made of values.
   */
  runValidation(data: unknown, context: FieldContext = emptyContext): T | null | Empty {
    const known = this.validateEmptyValues(data, context);
    if (known !== undefined) return known;
    const value = this.toInternalValue(data, context);
    this.runValidators(value as T, context);
    return value;
  }

  /** As {@link runValidation}, for fields that may have to wait: those with a {@link resolve} and those made of such. */
  validateInput(data: unknown, context: FieldContext): T | null | Empty | Promise<T | null | Empty> {
    const value = this.runValidation(data, context);
    if (!this.resolve || value === null || value === empty || data === empty) return value;
    return this.resolve(value, context);
  }

  /** The answer for a value that needs no reading; undefined for all others. */
  protected validateEmptyValues(data: unknown, context: FieldContext): T | null | Empty | undefined {
    if (this.readOnly) return this.getDefault(context);
    if (data === empty) {
      if (context.partial) return empty;
      return this.required ? this.fail("required") : this.getDefault(context);
    }
    if (data !== null) return undefined;
    if (!this.allowNull) this.fail("null");
    return this.source === "*" ? undefined : null;
  }

  /** Runs every validator and throws what they found, together. */
  protected runValidators(value: T, context: FieldContext): void {
    let errors: Detail[] | undefined;
    for (const validator of this.validators) {
      try {
        validator(value, context);
      } catch (error) {
        const detail = detailOf(error);
        if (isKeyed(detail)) throw error;
        errors ??= [];
        errors.push(...(detail as Detail[]));
      }
    }
    if (errors) throw new ValidationError(errors);
  }

  /** Throws the text of that code, filled in. */
  fail(code: string, params: MessageParams = {}): never {
    throw new ValidationError([new ErrorDetail(this.message(code, params), code)]);
  }

  /** The text of that code, filled in. */
  protected message(code: string, params: MessageParams = {}): string {
    const message = this.errorMessages[code];
    if (message !== undefined) return formatMessage(message, params);
    throw new ImproperlyConfigured(`${this.constructor.name} failed with "${code}", for which it has no message.`, {
      hint: "Add it to the class's defaultErrorMessages.",
    });
  }
}

function checkOptions(name: string, options: FieldOptions): void {
  const { readOnly, writeOnly, required, default: value } = options;
  const problem = (text: string) => new ImproperlyConfigured(`${name}: ${text}`);
  if (readOnly && writeOnly) throw problem("may not be both readOnly and writeOnly.");
  if (readOnly && required) throw problem("may not be both readOnly and required.");
  if (required && value !== undefined) throw problem("may not be both required and have a default.");
}
