// The published table: which field each of class-validator's decorators makes (docs/schemas.md).

import { ImproperlyConfigured } from "../exceptions.ts";
import { camelCase } from "../utils/text.ts";
import { MaxValueValidator, MinValueValidator, RegexValidator } from "../utils/validators.ts";
import type { Rule } from "./class_validator.ts";
import { type CompileSchema, type Empty, empty, Field, type FieldContext, type FieldOptions } from "./fields/base.ts";
import { ChoiceField, type ChoiceValue } from "./fields/choices.ts";
import { DictField, ListField, UnvalidatedField } from "./fields/composite.ts";
import { DateTimeField } from "./fields/dates.ts";
import { BooleanField, FloatField, IntegerField } from "./fields/numbers.ts";
import { CharField, EmailField, IPAddressField, type IPProtocol, URLField, UUIDField } from "./fields/text.ts";
import { NestedField } from "./serializers/nested.ts";

type Options = FieldOptions<never>;
type Messages = Record<string, string>;

/** What the rules of one property come to: the field's options, and what is left to check behind it. */
class Draft {
  readonly rules: readonly Rule[];
  readonly options: Options;
  /** Rules that the field takes care of itself. */
  readonly done = new Set<Rule>();
  readonly messages: Messages = {};

  constructor(rules: readonly Rule[], options: Options) {
    this.rules = rules;
    this.options = options;
  }

  find(...names: string[]): Rule | undefined {
    return this.rules.find(({ name }) => names.includes(name));
  }

  /** The constraint of a rule that the field takes over, with its text under that code. */
  take(name: string, code: string | string[] = [], index = 0): unknown {
    const rule = this.find(name);
    if (!rule) return undefined;
    this.done.add(rule);
    for (const key of [code].flat()) if (rule.message !== undefined) this.messages[key] = rule.message;
    return rule.constraints[index];
  }

  /** The options with the texts collected so far. */
  with<T extends object>(extra: T): Options & T {
    const known = Object.entries(extra).filter(([, value]) => value !== undefined);
    return {
      ...this.options,
      ...(Object.fromEntries(known) as T),
      errorMessages: { ...this.options.errorMessages, ...this.messages },
    };
  }
}

function lengths(draft: Draft): { minLength?: number; maxLength?: number; allowBlank?: boolean } {
  const both = draft.find("isLength");
  const max = both?.constraints[1] ?? undefined;
  const min = draft.take("isLength", ["min_length", "max_length"]) ?? draft.take("minLength", "min_length");
  const maxLength = (max ?? draft.take("maxLength", "max_length")) as number | undefined;
  draft.take("isNotEmpty", ["blank", "required", "null"]);
  draft.take("isString", "invalid");
  const limits = { ...(maxLength === undefined ? {} : { maxLength }), ...(min === 0 ? { allowBlank: true } : {}) };
  return typeof min === "number" && min > 0 ? { ...limits, minLength: min } : limits;
}

function limits(draft: Draft): { minValue?: number; maxValue?: number } {
  const min = draft.take("min", "min_value") as number | undefined;
  const max = draft.take("max", "max_value") as number | undefined;
  return { ...(min === undefined ? {} : { minValue: min }), ...(max === undefined ? {} : { maxValue: max }) };
}

function choices(draft: Draft, name: "isIn" | "isEnum"): Field {
  const values = draft.take(name, "invalid_choice", name === "isEnum" ? 1 : 0) as readonly ChoiceValue[];
  draft.take("isString");
  draft.take("isInt");
  draft.take("isNumber");
  draft.take("isNotEmpty");
  return new ChoiceField<ChoiceValue>(draft.with({ choices: values }));
}

function integer(draft: Draft): Field {
  draft.take("isInt", "invalid");
  draft.take("isNumber");
  return new IntegerField(draft.with(limits(draft)));
}

function float(draft: Draft): Field {
  const allowed = draft.find("isNumber")?.constraints[0] as { maxDecimalPlaces?: number } | undefined;
  // A rule about places is not the field's, so the decorator checks it.
  if (allowed?.maxDecimalPlaces === undefined) draft.take("isNumber", "invalid");
  return new FloatField(draft.with(limits(draft)));
}

function ipAddress(draft: Draft): Field {
  const version = draft.take("isIp", "invalid");
  const protocol = version === undefined || version === null ? "both" : `ipv${String(version)}`;
  return new IPAddressField(draft.with({ protocol: protocol as IPProtocol, ...lengths(draft) }));
}

function uuid(draft: Draft): Field {
  // A certain version is the decorator's to check; the field only reads.
  const rule = draft.find("isUuid") as Rule;
  const version = rule.constraints[0];
  if (version === undefined || version === "all") draft.take("isUuid", "invalid");
  draft.take("isString");
  draft.take("isNotEmpty");
  return new UUIDField(draft.with({}));
}

function boolean(draft: Draft): Field {
  draft.take("isBoolean", "invalid");
  return new BooleanField(draft.with({}));
}

function instant(draft: Draft): Field {
  draft.take("isDate", "invalid");
  return new DateTimeField(draft.with({}));
}

function dictionary(draft: Draft): Field {
  draft.take("isObject", "not_a_dict");
  const allowEmpty = !draft.find("isNotEmptyObject");
  draft.take("isNotEmptyObject", "empty");
  return new DictField(draft.with({ allowEmpty }));
}

/** Takes over a rule together with what the decorators of texts say. */
function textField<F extends Field>(name: string, make: (options: Options) => F): (draft: Draft) => F {
  return (draft) => {
    draft.take(name, "invalid");
    return make(draft.with(lengths(draft)));
  };
}

/** The fields, in the order in which they are thought of where a property has several decorators. */
const table: readonly [names: readonly string[], make: (draft: Draft) => Field][] = [
  [["isIn"], (draft) => choices(draft, "isIn")],
  [["isEnum"], (draft) => choices(draft, "isEnum")],
  [["isEmail"], textField("isEmail", (options) => new EmailField(options as object))],
  [["isUrl"], textField("isUrl", (options) => new URLField(options as object))],
  [["isUuid"], uuid],
  [["isIp"], ipAddress],
  [["isInt"], integer],
  [["isBoolean"], boolean],
  [["isNumber", "min", "max", "isPositive", "isNegative", "isDivisibleBy"], float],
  [["isDate", "minDate", "maxDate"], instant],
  [["isObject", "isNotEmptyObject"], dictionary],
];

/** Decorators whose check is not about a text; alone on a property they let any JSON through to their check. */
const anyValue = new Set([
  "customValidation",
  "conditionalValidation",
  "isOptional",
  "isDefined",
  "whitelistValidation",
  "promiseValidation",
  "equals",
  "notEquals",
  "isEmpty",
  "isNotIn",
  "isInstance",
  "isLatLong",
  "isLatitude",
  "isLongitude",
]);

const listRules = [
  "isArray",
  "arrayMinSize",
  "arrayMaxSize",
  "arrayNotEmpty",
  "arrayUnique",
  "arrayContains",
  "arrayNotContains",
];
/** Rules that {@link fieldFromRules} itself answers. */
const frame = new Set([
  "isOptional",
  "isDefined",
  "whitelistValidation",
  "conditionalValidation",
  "nestedValidation",
  "promiseValidation",
]);

/** One value, described by rules that are all about it. */
function single(rules: readonly Rule[], options: Options): Field {
  const draft = new Draft(rules, options);
  const found = table.find(([names]) => draft.find(...names));
  const make = found?.[1] ?? (rules.every(({ name }) => anyValue.has(name)) ? undefined : char);
  return checkedBy(
    make ? make(draft) : new AnyField(options),
    rules.filter((rule) => !draft.done.has(rule)),
  );
}

function char(draft: Draft): Field {
  return new CharField(draft.with(lengths(draft)) as object);
}

/** Any JSON, under the rules for absence and null of every field. */
class AnyField extends Field {
  toInternalValue(data: unknown, _context: FieldContext): unknown {
    return data;
  }

  toRepresentation(value: unknown, _context: FieldContext): unknown {
    return value;
  }
}

/** Puts the checks that are left behind the field's own; what has to be waited for comes last. */
function checkedBy(field: Field, rules: readonly Rule[]): Field {
  const left = rules.filter(({ name }) => !frame.has(name));
  for (const rule of left.filter((rule) => !rule.async)) field.validators.push(validatorOf(rule));
  const waiting = left.filter((rule) => rule.async);
  if (waiting.length > 0) field.resolve = (value) => checkLater(waiting, value);
  return field;
}

async function checkLater(rules: readonly Rule[], value: unknown): Promise<unknown> {
  for (const rule of rules) await rule.check(value);
  return value;
}

/** Where DRF has a text of its own for the same check, it is DRF's. */
function validatorOf(rule: Rule): (value: unknown) => void {
  const text = rule.message === undefined ? {} : { message: rule.message };
  if (rule.name === "matches") return matches(rule, text);
  if (rule.name === "minDate") return new MinValueValidator(limitOf(rule), text);
  if (rule.name === "maxDate") return new MaxValueValidator(limitOf(rule), text);
  return (value) => {
    if (rule.check(value) instanceof Promise)
      throw new ImproperlyConfigured(`"${rule.name}" is async and does not say so.`);
  };
}

function limitOf({ constraints: [limit] }: Rule): unknown {
  return limit;
}

function matches({ constraints: [pattern, modifiers] }: Rule, text: { message?: string }): RegexValidator {
  const regex = pattern instanceof RegExp ? pattern : new RegExp(String(pattern), modifiers as string | undefined);
  return new RegexValidator(regex, { message: "This value does not match the required pattern.", ...text });
}

function listOf(rules: readonly Rule[], options: Options): Field {
  const draft = new Draft(
    rules.filter(({ each }) => !each),
    options,
  );
  draft.take("isArray", "not_a_list");
  const minLength = draft.take("arrayMinSize", "min_length") as number | undefined;
  const maxLength = draft.take("arrayMaxSize", "max_length") as number | undefined;
  const allowEmpty = !draft.find("arrayNotEmpty");
  draft.take("arrayNotEmpty", "empty");
  const items = rules.filter(({ each }) => each);
  const child = items.length > 0 ? single(items, {}) : new UnvalidatedField();
  const left = draft.rules.filter((rule) => !draft.done.has(rule));
  return checkedBy(new ListField(draft.with({ child, minLength, maxLength, allowEmpty }) as object), left);
}

function nested(cls: new () => object, property: string, rules: readonly Rule[], options: Options): Field {
  const many = rules.some(({ name, each }) => (name === "nestedValidation" && each) || name === "isArray");
  const draft = new Draft(rules, options);
  const limits = { minLength: draft.take("arrayMinSize"), maxLength: draft.take("arrayMaxSize") };
  const allowEmpty = !draft.find("arrayNotEmpty");
  return new NestedField(() => nestedType(cls, property, many), draft.with({ many, allowEmpty, ...limits }) as object);
}

/** Only a compiler that emits types tells the class of a property; of a list's items not even that. */
function nestedType(cls: new () => object, property: string, many: boolean): new () => object {
  const reflect = Reflect as { getMetadata?(key: string, target: object, property: string): unknown };
  const type = many ? undefined : reflect.getMetadata?.("design:type", cls.prototype, property);
  if (typeof type === "function" && type !== Object) return type as new () => object;
  throw new ImproperlyConfigured(`The class of ${cls.name}.${property}, which has @ValidateNested, is not known.`, {
    hint: `Write @fields.Nested(TheClass${many ? ", { many: true }" : ""}) instead of @ValidateNested().`,
  });
}

/**
 * The field of a property that has these decorators.
 *
 * `@IsOptional` makes it optional and lets null through, `@IsDefined` takes that back; decorators with `each`, and those
 * of arrays, make a list of it; `@ValidateIf` lets everything through where its condition does not hold.
 */
export function fieldFromRules(cls: new () => object, property: string, rules: readonly Rule[]): Field {
  const has = (name: string) => rules.some((rule) => rule.name === name);
  const optional = has("isOptional") && !has("isDefined");
  const defined = rules.find(({ name }) => name === "isDefined")?.message;
  const options: Options = {
    ...(optional ? { required: false, allowNull: true } : {}),
    ...(defined === undefined ? {} : { errorMessages: { required: defined, null: defined } }),
  };
  const conditions = rules
    .filter(({ name }) => name === "conditionalValidation")
    .map(({ constraints }) => constraints[0]);
  const field = bare(cls, property, rules, options);
  return conditions.length === 0 ? field : new ConditionalField(field, conditions as Condition[]);
}

function bare(cls: new () => object, property: string, rules: readonly Rule[], options: Options): Field {
  if (rules.some(({ name }) => name === "nestedValidation")) return nested(cls, property, rules, options);
  const isList = rules.some(({ name, each }) => each || listRules.includes(name));
  return isList ? listOf(rules, options) : single(rules, options);
}

type Condition = (object: object, value: unknown) => boolean;

/** The input under the names that conditions know: those of the class. */
function camelCased(data: unknown): object {
  return Object.fromEntries(Object.entries(data ?? {}).map(([key, value]) => [camelCase(key), value]));
}

/** A field that is looked at only where every condition holds. */
class ConditionalField extends Field {
  readonly #inner: Field;
  readonly #conditions: readonly Condition[];

  constructor(inner: Field, conditions: readonly Condition[]) {
    super(inner.options);
    this.#inner = inner;
    this.#conditions = conditions;
  }

  override bind(name: string, schema: object, compile: CompileSchema): Field {
    this.#inner.bind(name, schema, compile);
    return this;
  }

  override validateInput(data: unknown, context: FieldContext): unknown | Empty | Promise<unknown> {
    const object = camelCased(context.initialData);
    const value = data === empty ? undefined : data;
    if (this.#conditions.every((holds) => holds(object, value))) return this.#inner.validateInput(data, context);
    return data;
  }

  toInternalValue(data: unknown, context: FieldContext): unknown {
    return this.#inner.toInternalValue(data, context);
  }

  toRepresentation(value: unknown, context: FieldContext): unknown {
    return this.#inner.toRepresentation(value, context);
  }
}
