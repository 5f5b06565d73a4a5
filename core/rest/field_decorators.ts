// The fields as decorators, gathered under `fields`. A decorator knows the value that its field makes, so one that does
// not fit its property is a compile error.

import type { Duration } from "../utils/datetime.ts";
import type { JsonValue } from "../utils/json.ts";
import { declareField } from "./declared_fields.ts";
import type { Field, FieldOptions } from "./fields/base.ts";
import * as kinds from "./fields.ts";
import {
  ManyRelatedField,
  PrimaryKeyRelatedField,
  type RelatedField,
  type RelatedFieldOptions,
  SlugRelatedField,
  StringRelatedField,
} from "./relations.ts";
import { NestedField, type NestedFieldOptions, type SchemaReference } from "./serializers/nested.ts";

/** What a property holds: null and undefined come on top where the options allow them. */
type ValueOf<V, O> =
  | V
  | (O extends { allowNull: true } ? null : never)
  | (O extends { required: false } ? (O extends { default: unknown } ? never : undefined) : never);

/** Whether a property of type P takes V: null if and only if V has it, and the same for undefined. */
type Fits<V, P> = unknown extends P | V
  ? true
  : [V] extends [P]
    ? [null extends P ? 1 : 0, undefined extends P ? 1 : 0] extends [
        null extends V ? 1 : 0,
        undefined extends V ? 1 : 0,
      ]
      ? true
      : false
    : false;

/** What the compiler shows where a decorator does not fit its property. */
interface Misfit<V, P> {
  "this field makes": V;
  "but the property is": P;
}

/**
 * A decorator of properties that hold V. It carries its field, so that it can stand where a field is wanted:
 * `fields.ListField({ child: fields.IntegerField() })`.
 */
export interface FieldDecorator<V> {
  <T extends object, K extends string & keyof T>(
    target: Fits<V, T[K]> extends true ? T : Misfit<V, T[K]>,
    property: K,
  ): void;
  // biome-ignore lint/suspicious/noExplicitAny: null and undefined of V are the property's, not the field's
  readonly field: Field<any>;
}

/** Makes a decorator of a field. */
export function fieldDecorator<V>(field: Field): FieldDecorator<V> {
  const decorate = (target: object, property: string) => declareField(target.constructor, property, field);
  return Object.assign(decorate, { field }) as unknown as FieldDecorator<V>;
}

/** A function that makes decorators from the options of a field class without type parameters. */
function decoratorOf<V, Options extends object>(cls: new (options: Options) => Field) {
  return <const O extends Options>(options?: O): FieldDecorator<ValueOf<V, O>> =>
    fieldDecorator(new cls((options ?? {}) as Options));
}

/** As {@link decoratorOf}, for classes whose options have no defaults. */
function requiringOptions<V, Options extends object>(cls: new (options: Options) => Field) {
  return <const O extends Options>(options: O): FieldDecorator<ValueOf<V, O>> => fieldDecorator(new cls(options));
}

/** The value of a field, or of the field of a decorator. */
type ChildValue<C> = C extends FieldDecorator<infer V> ? V : C extends Field<infer V> ? V : unknown;

// biome-ignore lint/suspicious/noExplicitAny: any decorator may be a child, whatever its value
type AnyChild = Field<any> | FieldDecorator<any>;

type ListOptions = Omit<kinds.ListFieldOptions<unknown>, "child"> & { child?: AnyChild };
type DictOptions = Omit<kinds.DictFieldOptions<unknown>, "child"> & { child?: AnyChild };

function ListField<const O extends ListOptions>(
  options?: O,
): FieldDecorator<ValueOf<O extends { child: infer C } ? ChildValue<C>[] : unknown[], O>> {
  return fieldDecorator(new kinds.ListField(options as kinds.ListFieldOptions<unknown>) as Field);
}

function DictField<const O extends DictOptions>(
  options?: O,
): FieldDecorator<ValueOf<Record<string, O extends { child: infer C } ? ChildValue<C> : unknown>, O>> {
  return fieldDecorator(new kinds.DictField(options as kinds.DictFieldOptions<unknown>) as Field);
}

type ChoiceOf<C> = C extends kinds.ChoiceValue
  ? C
  : C extends readonly [infer V, string]
    ? V
    : C extends readonly [string, readonly (infer Inner)[]]
      ? ChoiceOf<Inner>
      : never;

type ChoiceOptions = kinds.ChoiceFieldOptions<kinds.ChoiceValue>;
type MultipleChoiceOptions = kinds.MultipleChoiceFieldOptions<kinds.ChoiceValue>;

function ChoiceField<const O extends ChoiceOptions>(
  options: O,
): FieldDecorator<ValueOf<ChoiceOf<O["choices"][number]> | (O extends { allowBlank: true } ? "" : never), O>> {
  return fieldDecorator(new kinds.ChoiceField(options) as Field);
}

function MultipleChoiceField<const O extends MultipleChoiceOptions>(
  options: O,
): FieldDecorator<ValueOf<ChoiceOf<O["choices"][number]>[], O>> {
  return fieldDecorator(new kinds.MultipleChoiceField(options) as Field);
}

function HiddenField<V>(options: kinds.HiddenFieldOptions<V>): FieldDecorator<V> {
  return fieldDecorator(new kinds.HiddenField(options) as Field);
}

/** Whatever the property says: what is shown is not checked. */
// biome-ignore lint/suspicious/noExplicitAny: any fits every property
function ReadOnlyField(options?: kinds.ReadOnlyFieldOptions): FieldDecorator<any> {
  return fieldDecorator(new kinds.ReadOnlyField(options));
}

type Getter<K extends string> = `get${Capitalize<K>}`;

/** A decorator of a property `x` of a class that has `getX(object)` returning its type. */
interface MethodDecorator {
  <K extends string, T extends { [P in K]: unknown }>(
    target: T & { [P in Getter<K>]: (object: never, context: never) => T[K] },
    property: K,
  ): void;
  readonly field: Field;
}

function SerializerMethodField(
  options: kinds.SerializerMethodFieldOptions & { methodName: string },
): FieldDecorator<unknown>;
function SerializerMethodField(options?: kinds.SerializerMethodFieldOptions): MethodDecorator;
function SerializerMethodField(options?: kinds.SerializerMethodFieldOptions): unknown {
  return fieldDecorator(new kinds.SerializerMethodField(options));
}

/** Of another object, or with `many` of several; the property is of that model, which the compiler does not check. */
function related<Options extends RelatedFieldOptions>(cls: new (options: Options) => RelatedField) {
  // biome-ignore lint/suspicious/noExplicitAny: any fits every property
  return ({ many = false, allowEmpty = true, ...options }: Options & RelatedOptions): FieldDecorator<any> => {
    if (!many) return fieldDecorator(new cls(options as unknown as Options) as unknown as Field);
    const { queryset, slugField, ...rest } = options as RelatedFieldOptions & { slugField?: string };
    const child = new cls({ queryset, slugField } as unknown as Options);
    return fieldDecorator(new ManyRelatedField(child, { ...(rest as object), allowEmpty }) as unknown as Field);
  };
}

interface RelatedOptions {
  /** A list of objects. */
  many?: boolean;
  /** Whether the empty list is a value; true by default. */
  allowEmpty?: boolean;
}

type NestedValue<S, O> = O extends { many: true } ? S[] : S;

/**
 * An object, or with `many` a list of objects, described by another schema; a class that is declared further down, or the
 * class itself, is given as a function: `fields.Nested(() => Category)`.
 */
function Nested<S extends object, const O extends NestedFieldOptions = object>(
  schema: SchemaReference<S>,
  options?: O,
): FieldDecorator<ValueOf<NestedValue<S, O>, O>> {
  return fieldDecorator(new NestedField(schema, options));
}

/** The options that a field class takes, and the value that it makes. */
type OptionsOf<C> = C extends new (
  options: infer O,
) => Field
  ? NonNullable<O>
  : C extends new () => Field
    ? object
    : FieldOptions;
type FieldValue<C> = C extends new (...args: never[]) => Field<infer V> ? V : never;

/**
 * Makes decorators of a field class of one's own.
 *
 * @example
 * const ColorField = fields.custom(MyColorField);
 * class CarInput extends InputSchema { @ColorField({ required: false }) paint?: Color; }
 */
// biome-ignore lint/suspicious/noExplicitAny: any field, whatever its value
function custom<C extends new (options: never) => Field<any>>(cls: C) {
  return <const O extends OptionsOf<C>>(options?: O): FieldDecorator<ValueOf<FieldValue<C>, O>> =>
    fieldDecorator(new (cls as unknown as new (options?: O) => Field)(options));
}

/**
 * Every kind of field as a decorator.
 *
 * @example
 * class PointInput extends InputSchema {
 *   @fields.IntegerField() x!: number;
 *   @fields.IntegerField({ minValue: 0, allowNull: true }) y!: number | null;
 *   @fields.CharField({ maxLength: 10, required: false }) label?: string;
 * }
 */
export const fields = {
  BooleanField: decoratorOf<boolean, FieldOptions<boolean>>(kinds.BooleanField),
  CharField: decoratorOf<string, kinds.CharFieldOptions>(kinds.CharField),
  EmailField: decoratorOf<string, kinds.CharFieldOptions>(kinds.EmailField),
  RegexField: requiringOptions<string, kinds.RegexFieldOptions>(kinds.RegexField),
  SlugField: decoratorOf<string, kinds.SlugFieldOptions>(kinds.SlugField),
  URLField: decoratorOf<string, kinds.URLFieldOptions>(kinds.URLField),
  UUIDField: decoratorOf<string, kinds.UUIDFieldOptions>(kinds.UUIDField),
  IPAddressField: decoratorOf<string, kinds.IPAddressFieldOptions>(kinds.IPAddressField),
  IntegerField: decoratorOf<number, kinds.IntegerFieldOptions>(kinds.IntegerField),
  BigIntegerField: decoratorOf<bigint, kinds.BigIntegerFieldOptions>(kinds.BigIntegerField),
  FloatField: decoratorOf<number, kinds.FloatFieldOptions>(kinds.FloatField),
  DecimalField: requiringOptions<string, kinds.DecimalFieldOptions>(kinds.DecimalField),
  DateTimeField: decoratorOf<Date, kinds.DateTimeFieldOptions>(kinds.DateTimeField),
  DateField: decoratorOf<string, kinds.DateFieldOptions<string>>(kinds.DateField),
  TimeField: decoratorOf<string, kinds.DateFieldOptions<string>>(kinds.TimeField),
  DurationField: decoratorOf<Duration, kinds.DurationFieldOptions>(kinds.DurationField),
  ChoiceField,
  MultipleChoiceField,
  FileField: decoratorOf<kinds.UploadedFile, kinds.FileFieldOptions>(kinds.FileField),
  ListField,
  DictField,
  JSONField: decoratorOf<JsonValue, kinds.JSONFieldOptions>(kinds.JSONField),
  HiddenField,
  ReadOnlyField,
  SerializerMethodField,
  PrimaryKeyRelatedField: related<RelatedFieldOptions>(PrimaryKeyRelatedField),
  SlugRelatedField: related<RelatedFieldOptions & { slugField: string }>(SlugRelatedField),
  StringRelatedField: related<RelatedFieldOptions>(StringRelatedField),
  Nested,
  custom,
};
