// A schema ready for use: worked out once per class, then only walked.

import { inOrder } from "../../utils/in_order.ts";
import { stringifyString } from "../../utils/json.ts";
import { typeName } from "../../utils/python_text.ts";
import { fieldCase as configuredCase, isLegacy, unknownFields } from "../compatibility.ts";
import { declaredFields } from "../declared_fields.ts";
import { type Detail, ErrorDetail, nonFieldErrorsKey } from "../error_detail.ts";
import { empty, emptyContext, type FieldContext } from "../fields/base.ts";
import { type CompiledField, compileField, type FieldCase, readSource } from "./compiled_field.ts";
import { type Attrs, type InputPlan, type ParseResult, parseInput, payloadErrors } from "./parsing.ts";
import { Schema, type SchemaClass } from "./schema.ts";

/** What a compilation depends on besides the class; by default the settings say. */
export interface CompileOptions {
  fieldCase?: FieldCase;
  unknownFields?: "ignore" | "reject";
}

/** What is known about an input besides its data. */
export interface ParseOptions {
  /** PATCH: what is absent stays as it is. */
  partial?: boolean;
  /** The object being changed; null on creation. */
  instance?: object | null;
  /** `request`, `view` and whatever else fields and hooks may want. */
  context?: Readonly<Record<string, unknown>>;
}

/** What became of a list of inputs. Where it failed, `value` holds those that passed. */
export type ParseManyResult =
  | { readonly ok: true; readonly value: Attrs[]; readonly errors?: undefined }
  | { readonly ok: false; readonly value: Attrs[]; readonly errors: Detail };

interface OutputStep extends CompiledField {
  /** `"published_on":`, ready to be written. */
  readonly key: string;
}

function contextOf(data: unknown, { partial = false, instance = null, context }: ParseOptions): FieldContext {
  return { ...context, partial, instance, initialData: data };
}

/**
 * A schema worked out: {@link parse} checks what comes in, {@link represent} and {@link toJson} show what goes out.
 *
 * @example
 * const schema = compileSchema(BookInput);
 * const result = await schema.parse({ title: "Solaris" });
 * if (!result.ok) throw new ValidationError(result.errors);
 */
export class CompiledSchema {
  readonly schemaClass: SchemaClass;
  /** The one object of the class, whose hooks are called. */
  readonly schema: object;
  /** Every field in its place, in order. */
  readonly fields: readonly CompiledField[];
  readonly #input: InputPlan;
  readonly #output: readonly OutputStep[];

  constructor(schemaClass: SchemaClass, options: Required<CompileOptions>) {
    this.schemaClass = schemaClass;
    this.schema = new schemaClass();
    this.fields = compileFields(schemaClass, this.schema, options);
    this.#input = inputPlan(this, schemaClass.unknownFields ?? options.unknownFields);
    this.#output = this.fields
      .filter(({ field }) => !field.writeOnly)
      .map((field) => ({ ...field, key: `${stringifyString(field.wireName)}:` }));
  }

  /**
   * Checks one input. A promise only if a hook, a validator or a field has to wait for something.
   *
   * @returns values by source in camelCase, or errors by wire name.
   */
  parse(data: unknown, options: ParseOptions = {}): ParseResult | Promise<ParseResult> {
    return parseInput(this.#input, data, contextOf(data, options));
  }

  /** As {@link parse}, for the part of a larger input. */
  parseWithin(data: unknown, context: FieldContext): ParseResult | Promise<ParseResult> {
    return parseInput(this.#input, data, context);
  }

  /** Checks a list of inputs; errors are keyed by position, or line up with the items as they did in DRF 3.14. */
  parseMany(data: unknown, options: ParseOptions = {}): ParseManyResult | Promise<ParseManyResult> {
    if (data === null || data === undefined) return { ok: false, value: [], errors: payloadErrors(data) };
    if (Array.isArray(data)) return this.parseList(data, contextOf(data, options));
    const message = `Expected a list of items but got type "${typeName(data)}".`;
    return { ok: false, value: [], errors: { [nonFieldErrorsKey]: [new ErrorDetail(message, "not_a_list")] } };
  }

  /** As {@link parseMany}, for what is known to be a list. */
  parseList(items: readonly unknown[], context: FieldContext): ParseManyResult | Promise<ParseManyResult> {
    const results: ParseResult[] = [];
    const visit = (item: unknown) => {
      const result = this.#parseItem(item, context);
      if (result instanceof Promise) return result.then((settled) => void results.push(settled));
      results.push(result);
      return undefined;
    };
    return inOrder(items, visit)?.then(() => collectMany(results)) ?? collectMany(results);
  }

  #parseItem(item: unknown, context: FieldContext): ParseResult | Promise<ParseResult> {
    if (item !== null) return this.parseWithin(item, context);
    // Inside a list null is a value like any other that is not allowed.
    const errors = [new ErrorDetail("This field may not be null.", "null")] as Detail;
    return { ok: false, value: {}, errors: errors as never };
  }

  /** What the schema shows of an object, by wire name. */
  represent(object: object, context: FieldContext = emptyContext): Record<string, unknown> {
    const shown: Record<string, unknown> = {};
    for (const step of this.#output) {
      const value = readSource(step, object, context);
      if (value !== empty) shown[step.wireName] = value === null ? null : step.field.toRepresentation(value, context);
    }
    return shown;
  }

  /** {@link represent} as compact JSON text, without making the object. */
  toJson(object: object, context: FieldContext = emptyContext): string {
    let text = "";
    for (const step of this.#output) {
      const value = readSource(step, object, context);
      if (value === empty) continue;
      const json = value === null ? "null" : step.field.toJson(value, context);
      text += (text === "" ? "" : ",") + step.key + json;
    }
    return `{${text}}`;
  }
}

function compileFields(cls: SchemaClass, schema: object, options: Required<CompileOptions>): CompiledField[] {
  const compile = (other: SchemaClass) => compileSchema(other, options);
  const fields = cls.getFields?.() ?? declaredFields(cls);
  const { fieldCase } = options;
  return [...fields].map(([name, field]) => compileField(name, field, { fieldCase, schema, compile }));
}

function inputPlan({ schema, schemaClass, fields }: CompiledSchema, unknown: "ignore" | "reject"): InputPlan {
  const methods = schema as Record<string, unknown>;
  const hook = (name: string) => {
    const method = methods[name];
    return typeof method === "function" && method !== Schema.prototype.validate ? method.bind(schema) : undefined;
  };
  const writable = fields.filter(({ field }) => !field.readOnly);
  const validateName = (name: string) => `validate${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  return {
    name: schemaClass.name,
    steps: writable.map((field) => ({ ...field, hook: hook(validateName(field.name)) })),
    wireNames: new Map(fields.map(({ name, wireName }) => [name, wireName])),
    rejectUnknown: unknown === "reject",
    readOnlyDefaults: fields.filter(
      ({ field, sourceAttrs }) => field.readOnly && field.default !== undefined && sourceAttrs.length === 1,
    ),
    validators: schemaClass.validators ?? [],
    validate: hook("validate"),
  };
}

function collectMany(results: readonly ParseResult[]): ParseManyResult {
  const value = results.filter((result) => result.ok).map((result) => result.value);
  if (value.length === results.length) return { ok: true, value };
  const details = results.map((result): Detail => result.errors ?? {});
  if (isLegacy()) return { ok: false, value, errors: details };
  const failed = details
    .map((detail, index) => [String(index), detail] as const)
    .filter((_, index) => !results[index]?.ok);
  return { ok: false, value, errors: Object.fromEntries(failed) };
}

const compiled = new WeakMap<SchemaClass, Map<string, CompiledSchema>>();

/**
 * Works out a schema class; a class that was compiled before, by the same settings, is not compiled again.
 *
 * @param options what the settings say otherwise: `FIELD_CASE`, `UNKNOWN_FIELDS`.
 * @throws ImproperlyConfigured where a field cannot do what the class asks of it.
 */
export function compileSchema(cls: SchemaClass, options: CompileOptions = {}): CompiledSchema {
  const complete = {
    fieldCase: options.fieldCase ?? configuredCase(),
    unknownFields: options.unknownFields ?? unknownFields(),
  };
  const key = `${complete.fieldCase} ${complete.unknownFields}`;
  const variants = compiled.get(cls) ?? new Map<string, CompiledSchema>();
  compiled.set(cls, variants);
  const known = variants.get(key) ?? new CompiledSchema(cls, complete);
  variants.set(key, known);
  return known;
}
