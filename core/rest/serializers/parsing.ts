// From what came in to values: one input on its way through a compiled schema.

import { inOrder } from "../../utils/in_order.ts";
import { isPlainObject, typeName } from "../../utils/python_text.ts";
import type { Detail, DetailByField } from "../error_detail.ts";
import { ErrorDetail, isKeyed, nonFieldErrorsKey } from "../error_detail.ts";
import { ValidationError } from "../exceptions.ts";
import { detailOf, empty, type FieldContext } from "../fields/base.ts";
import { type CompiledField, setValue } from "./compiled_field.ts";
import type { SchemaValidator } from "./schema.ts";

/** Values by source, as code works with them. */
export type Attrs = Record<string, unknown>;

/** What became of an input. Where it failed, `value` holds what passed. */
export type ParseResult<E extends Detail = DetailByField> =
  | { readonly ok: true; readonly value: Attrs; readonly errors?: undefined }
  | { readonly ok: false; readonly value: Attrs; readonly errors: E };

type Hook = (value: unknown, context: FieldContext) => unknown;

/** A field that takes part in input, and the hook that checks its value once more. */
export interface InputStep extends CompiledField {
  readonly hook: Hook | undefined;
}

/** What a schema does with an input, worked out when it was compiled. */
export interface InputPlan {
  readonly name: string;
  readonly steps: readonly InputStep[];
  /** Wire names by property, to translate errors that hooks name by property. */
  readonly wireNames: ReadonlyMap<string, string>;
  readonly rejectUnknown: boolean;
  /** Read-only fields with a default: validators see it. */
  readonly readOnlyDefaults: readonly CompiledField[];
  readonly validators: readonly SchemaValidator[];
  readonly validate: Hook | undefined;
}

const nonField = (detail: Detail): DetailByField => ({ [nonFieldErrorsKey]: detail });

/** The errors of something that is not even an object. */
export function payloadErrors(data: unknown): DetailByField {
  if (data === null || data === undefined) return nonField([new ErrorDetail("No data provided", "null")]);
  const message = `Invalid data. Expected a dictionary, but got ${typeName(data)}.`;
  return nonField([new ErrorDetail(message, "invalid")]);
}

/** Checks an input. Whatever a hook or a field has to wait for is waited for in the order of the fields, one by one. */
export function parseInput(plan: InputPlan, data: unknown, context: FieldContext): ParseResult | Promise<ParseResult> {
  if (!isPlainObject(data)) return { ok: false, value: {}, errors: payloadErrors(data) };
  const parsing = new Parsing(plan, data, context);
  return inOrder(plan.steps, (step) => parsing.check(step))?.then(() => parsing.finish()) ?? parsing.finish();
}

function returned(value: unknown, what: string): unknown {
  if (value !== undefined) return value;
  throw new TypeError(`${what}() returned nothing. It returns the value, changed or not.`);
}

/** Runs the hook of a field behind a value that may still be on its way. */
function hooked(step: InputStep, value: unknown, context: FieldContext, name: string): unknown {
  if (!step.hook) return value;
  if (value instanceof Promise) return value.then((settled) => hooked(step, settled, context, name));
  if (value === empty) return empty;
  const result = step.hook(value, context);
  const what = `${name}.validate${step.name.charAt(0).toUpperCase()}${step.name.slice(1)}`;
  return result instanceof Promise ? result.then((settled) => returned(settled, what)) : returned(result, what);
}

/** One input: the values that passed, and the errors of the others, in the order of the fields. */
class Parsing {
  readonly #plan: InputPlan;
  readonly #data: Record<string, unknown>;
  readonly #context: FieldContext;
  readonly #attrs: Attrs = {};
  readonly #errors: [string, Detail][] = [];

  constructor(plan: InputPlan, data: Record<string, unknown>, context: FieldContext) {
    this.#plan = plan;
    this.#data = data;
    this.#context = context;
  }

  check(step: InputStep): Promise<void> | undefined {
    const context = this.#context;
    try {
      const given = step.field.getValue(this.#data, step.wireName, context);
      const value = hooked(step, step.field.validateInput(given, context), context, this.#plan.name);
      if (value instanceof Promise) return this.#settle(step, value);
      this.#accept(step, value);
    } catch (error) {
      this.#fail(step, error);
    }
    return undefined;
  }

  #accept({ sourceAttrs }: InputStep, value: unknown): void {
    if (value !== empty) setValue(this.#attrs, sourceAttrs, value);
  }

  #fail({ wireName }: InputStep, error: unknown): void {
    this.#errors.push([wireName, detailOf(error)]);
  }

  #settle(step: InputStep, value: Promise<unknown>): Promise<void> {
    return value.then(
      (settled) => this.#accept(step, settled),
      (error) => this.#fail(step, error),
    );
  }

  finish(): ParseResult | Promise<ParseResult> {
    const value = this.#attrs;
    const errors = this.#plan.rejectUnknown ? [...this.#errors, ...this.#unknownKeys()] : this.#errors;
    if (errors.length > 0) return { ok: false, value, errors: Object.fromEntries(errors) };
    const { validators, validate } = this.#plan;
    if (validators.length === 0 && !validate) return { ok: true, value };
    return checkTogether(this.#plan, value, this.#context);
  }

  #unknownKeys(): [string, Detail][] {
    const known = new Set(this.#plan.wireNames.values());
    const keys = Object.keys(this.#data).filter((key) => !known.has(key));
    return keys.map((key) => [key, [new ErrorDetail("Unknown field.", "unknown")]]);
  }
}

/** The validators and `validate()`; async only where one of them is. */
function checkTogether(plan: InputPlan, attrs: Attrs, context: FieldContext): ParseResult | Promise<ParseResult> {
  const fail = (error: unknown): ParseResult => ({ ok: false, value: attrs, errors: schemaErrors(plan, error) });
  const validate = (): ParseResult | Promise<ParseResult> => {
    if (!plan.validate) return { ok: true, value: attrs };
    const result = plan.validate(attrs, context);
    const done = (value: unknown): ParseResult => ({
      ok: true,
      value: returned(value, `${plan.name}.validate`) as Attrs,
    });
    return result instanceof Promise ? result.then(done, fail) : done(result);
  };
  try {
    const checked = runValidators(plan, attrs, context);
    return checked ? checked.then(validate).catch(fail) : validate();
  } catch (error) {
    return fail(error);
  }
}

/** Runs every validator and throws what they found, together; an error by field ends it at once. */
function runValidators(plan: InputPlan, attrs: Attrs, context: FieldContext): Promise<void> | undefined {
  if (plan.validators.length === 0) return undefined;
  const errors: Detail[] = [];
  const seen = { ...readOnlyDefaults(plan, context), ...attrs };
  const note = (error: unknown) => {
    const detail = detailOf(error);
    if (isKeyed(detail)) throw error;
    errors.push(...(detail as Detail[]));
  };
  const visit = (validator: SchemaValidator) => {
    try {
      const result = validator(seen, context);
      return result instanceof Promise ? result.catch(note) : undefined;
    } catch (error) {
      note(error);
      return undefined;
    }
  };
  const finish = () => {
    if (errors.length > 0) throw new ValidationError(errors);
  };
  return inOrder(plan.validators, visit)?.then(finish) ?? (finish() as undefined);
}

function readOnlyDefaults(plan: InputPlan, context: FieldContext): Attrs {
  const values = plan.readOnlyDefaults.map(({ source, field }) => [source, field.getDefault(context)] as const);
  return Object.fromEntries(values.filter(([, value]) => value !== empty));
}

/** Errors of a check of the whole: by field where it named fields, in lists, under their wire names. */
function schemaErrors(plan: InputPlan, error: unknown): DetailByField {
  const detail = detailOf(error);
  if (!isKeyed(detail)) return nonField(detail);
  const entries = Object.entries(detail).map(([key, value]): [string, Detail] => [
    plan.wireNames.get(key) ?? key,
    value instanceof ErrorDetail ? [value] : value,
  ]);
  return Object.fromEntries(entries);
}
