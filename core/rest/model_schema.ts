// rest_framework.serializers.ModelSerializer: a schema whose fields are those of a model.

import type { Field as ModelField } from "../db/fields/field.ts";
import type { FieldKind } from "../db/fields/field_types.ts";
import type { BaseModel, ModelClass } from "../db/models.ts";
import { ImproperlyConfigured } from "../exceptions.ts";
import { capfirst } from "../utils/text.ts";
import { MaxLengthValidator, MaxValueValidator, MinLengthValidator, MinValueValidator } from "../utils/validators.ts";
import { declareField } from "./declared_fields.ts";
import * as rest from "./fields.ts";
import { ManyRelatedField, PrimaryKeyRelatedField } from "./relations.ts";
import { Schema, type SchemaClass } from "./serializers.ts";

/** The names that a schema of a model may list: its columns, its relations to many, and what the schema itself declares. */
export type ModelFieldName<M> = Exclude<keyof M & string, Exclude<keyof BaseModel, never>> | "pk";

/** What a ModelSchema is told: DRF's `class Meta`. */
export interface ModelSchemaOptions<M> {
  /** The fields, in the order in which they are shown. `"__all__"` is every field of the model. */
  fields?: readonly (ModelFieldName<M> | (string & {}))[] | "__all__";
  /** Every field but these; instead of `fields`. */
  exclude?: readonly ModelFieldName<M>[];
  /** Shown, never read. */
  readOnlyFields?: readonly ModelFieldName<M>[];
  /** Options of single fields over what the model says: `{ email: { required: false } }`. */
  extraKwargs?: { readonly [K in ModelFieldName<M>]?: Readonly<Record<string, unknown>> };
}

/** What a generated schema remembers: its model, and the sources whose uniqueness it looks after. */
export interface GeneratedFrom {
  model: ModelClass;
  unique: ReadonlySet<string>;
}

const generated = new WeakMap<object, GeneratedFrom>();

/** The model that a schema was generated from, through its parents; undefined for others. */
export function generatedFrom(schema: SchemaClass): GeneratedFrom | undefined {
  for (let cls: object | null = schema; cls; cls = Object.getPrototypeOf(cls)) {
    const found = generated.get(cls);
    if (found) return found;
  }
  return undefined;
}

/** Options of a generated field, whatever its class. */
type Kwargs = Record<string, unknown>;

/**
 * A schema with the fields of a model: types, limits, choices and defaults come from there. Extend it to add or replace
 * fields.
 *
 * @throws ImproperlyConfigured where neither or both of `fields` and `exclude` are given, or a name is unknown.
 * @example
 * ```ts
 * export class BookSchema extends ModelSchema(Book, { fields: ["id", "title", "author", "createdAt"] }) {}
 * ```
 */
export function ModelSchema<M extends BaseModel>(model: ModelClass<M>, options: ModelSchemaOptions<M>): typeof Schema {
  class GeneratedSchema extends Schema {}
  Object.defineProperty(GeneratedSchema, "name", { value: `${model.name}Schema` });
  const names = fieldNames(model, options as ModelSchemaOptions<unknown>);
  const unique = new Set<string>();
  for (const name of names) {
    const field = model._meta.byName.get(name === "pk" ? model._meta.pk.name : name);
    // A name that the model does not have must be declared by the class that extends this one, or be a property.
    const made = field
      ? fromModelField(field, kwargsOf(name, options as ModelSchemaOptions<unknown>))
      : new rest.ReadOnlyField({});
    if (field?.unique) unique.add(field.name);
    declareField(GeneratedSchema, name, made);
  }
  generated.set(GeneratedSchema, { model, unique });
  return GeneratedSchema;
}

function fieldNames(model: ModelClass, { fields, exclude }: ModelSchemaOptions<unknown>): readonly string[] {
  if ((fields === undefined) === (exclude === undefined)) {
    throw new ImproperlyConfigured(`ModelSchema(${model.name}) needs either "fields" or "exclude".`);
  }
  // The reference to a multi-table parent is that parent's key, which is among the fields already.
  const own = model._meta.fields.filter((field) => !(field.autoCreated && field.remote?.parentLink));
  const all = [...own, ...model._meta.manyToMany].map((field) => field.name);
  if (fields !== undefined && fields !== "__all__") return fields;
  for (const name of exclude ?? []) model._meta.getField(name);
  return all.filter((name) => !(exclude as readonly string[] | undefined)?.includes(name));
}

function kwargsOf(name: string, { readOnlyFields, extraKwargs }: ModelSchemaOptions<unknown>): Kwargs {
  const extra = (extraKwargs as Record<string, Kwargs> | undefined)?.[name] ?? {};
  return (readOnlyFields as readonly string[] | undefined)?.includes(name) ? { readOnly: true, ...extra } : extra;
}

/** The schema's field for a column or relation of a model, as ModelSerializer builds it. */
export function fromModelField(field: ModelField, extra: Kwargs = {}): rest.Field {
  const kwargs = merge(commonKwargs(field), extra);
  if (field.isManyToMany) return manyField(field, kwargs);
  if (field.isRelation) return new PrimaryKeyRelatedField({ ...kwargs, queryset: () => field.relatedModel });
  if (field.choices) return choiceField(field, kwargs);
  return (builders[field.kind] ?? fallback)(field, kwargs);
}

function merge(kwargs: Kwargs, extra: Kwargs): Kwargs {
  const merged = { ...kwargs, ...extra };
  // As DRF: what is only shown is never required and needs no default.
  if (merged.readOnly || merged.default !== undefined) delete merged.required;
  return merged;
}

function commonKwargs(field: ModelField): Kwargs {
  const kwargs: Kwargs = {};
  if (field.options.verboseName) kwargs.label = capfirst(field.options.verboseName);
  if (field.options.helpText) kwargs.helpText = field.options.helpText;
  if (!field.editable) return { ...kwargs, readOnly: true };
  if (field.hasDefault || field.hasDbDefault || field.blank || field.null || field.isManyToMany)
    kwargs.required = field.isManyToMany ? !field.blank : false;
  if (field.null) kwargs.allowNull = true;
  const { limits, validators } = splitValidators(field);
  return { ...kwargs, ...limits, ...(validators.length > 0 ? { validators } : {}) };
}

/** Limits that a schema's field knows by itself become its options, so that they are shown and said in its words. */
function splitValidators(field: ModelField): { limits: Kwargs; validators: unknown[] } {
  const limits: Kwargs = { ...ranges[field.kind] };
  const validators: unknown[] = [];
  for (const validator of field.options.validators ?? []) {
    if (validator instanceof MinValueValidator) limits.minValue = validator.limitValue;
    else if (validator instanceof MaxValueValidator) limits.maxValue = validator.limitValue;
    else if (validator instanceof MinLengthValidator) limits.minLength = validator.limitValue;
    else if (validator instanceof MaxLengthValidator) limits.maxLength = validator.limitValue;
    else validators.push(typeof validator === "function" ? validator : (value: unknown) => validator.validate(value));
  }
  return { limits, validators };
}

const int16 = { minValue: -32_768, maxValue: 32_767 };
const int32 = { minValue: -2_147_483_648, maxValue: 2_147_483_647 };
const int64 = { minValue: -9_223_372_036_854_775_808n, maxValue: 9_223_372_036_854_775_807n };

/** What the columns hold; Django adds these from the database's own ranges. */
const ranges: Partial<Record<FieldKind, Kwargs>> = {
  SmallIntegerField: int16,
  IntegerField: int32,
  BigIntegerField: int64,
  PositiveSmallIntegerField: { ...int16, minValue: 0 },
  PositiveIntegerField: { ...int32, minValue: 0 },
  PositiveBigIntegerField: { ...int64, minValue: 0n },
};

type Build = (field: ModelField, kwargs: Kwargs) => rest.Field;

function textField(cls: new (options: never) => rest.Field): Build {
  return (field, kwargs) => {
    const { maxLength } = field.options;
    const options = {
      ...(maxLength === undefined ? {} : { maxLength }),
      ...(field.blank ? { allowBlank: true } : {}),
      ...kwargs,
    };
    return new cls(options as never);
  };
}

function plainField(cls: new (options: never) => rest.Field): Build {
  return (_field, kwargs) => new cls(kwargs as never);
}

const fallback: Build = plainField(rest.ReadOnlyField as new (options: never) => rest.Field);

/** DRF's `serializer_field_mapping`. */
const builders: Partial<Record<FieldKind, Build>> = {
  ArrayField: ({ options }, kwargs) =>
    new rest.ListField({
      child: fromModelField(options.baseField as ModelField),
      ...(options.size === undefined ? {} : { maxLength: options.size }),
      ...kwargs,
    }),
  AutoField: plainField(rest.IntegerField),
  BigAutoField: plainField(rest.IntegerField),
  SmallAutoField: plainField(rest.IntegerField),
  BigIntegerField: plainField(rest.IntegerField),
  BooleanField: plainField(rest.BooleanField),
  CharField: textField(rest.CharField),
  DateField: plainField(rest.DateField),
  DateTimeField: plainField(rest.DateTimeField),
  DecimalField: ({ options }, kwargs) =>
    new rest.DecimalField({
      maxDigits: options.maxDigits as number,
      decimalPlaces: options.decimalPlaces as number,
      ...kwargs,
    }),
  DurationField: plainField(rest.DurationField),
  EmailField: textField(rest.EmailField),
  FilePathField: textField(rest.CharField),
  FloatField: plainField(rest.FloatField),
  GenericIPAddressField: (field, kwargs) =>
    new rest.IPAddressField({ ...(field.options.protocol ? { protocol: field.options.protocol } : {}), ...kwargs }),
  HStoreField: (_field, kwargs) =>
    new rest.DictField({ child: new rest.CharField({ allowNull: true, allowBlank: true }), ...kwargs }),
  IntegerField: plainField(rest.IntegerField),
  JSONField: plainField(rest.JSONField),
  PositiveBigIntegerField: plainField(rest.IntegerField),
  PositiveIntegerField: plainField(rest.IntegerField),
  PositiveSmallIntegerField: plainField(rest.IntegerField),
  SlugField: textField(rest.SlugField),
  SmallIntegerField: plainField(rest.IntegerField),
  TextField: textField(rest.CharField),
  TimeField: plainField(rest.TimeField),
  URLField: textField(rest.URLField),
  UUIDField: plainField(rest.UUIDField),
};

function choiceField(field: ModelField, { minValue: _min, maxValue: _max, ...kwargs }: Kwargs): rest.Field {
  const choices = field.choices as readonly (readonly [string | number, string])[];
  return new rest.ChoiceField({ choices, ...(field.blank ? { allowBlank: true } : {}), ...kwargs });
}

function manyField(field: ModelField, kwargs: Kwargs): rest.Field {
  const child = new PrimaryKeyRelatedField({ queryset: () => field.relatedModel });
  return new ManyRelatedField(child, { ...kwargs, ...(field.blank ? {} : { allowEmpty: false }) });
}
