import type { Field as ModelField } from "../db/fields/field.ts";
import type { ModelClass } from "../db/models.ts";
import {
  BigIntegerField,
  BooleanField,
  CharField,
  ChoiceField,
  DateField,
  DateTimeField,
  DecimalField,
  DictField,
  DurationField,
  EmailField,
  Field,
  FileField,
  FloatField,
  IntegerField,
  IPAddressField,
  JSONField,
  ListField,
  MultipleChoiceField,
  ReadOnlyField,
  TimeField,
  URLField,
  UUIDField,
} from "../rest/fields.ts";
import {
  ManyRelatedField,
  PrimaryKeyRelatedField,
  type RelatedField,
  SlugRelatedField,
  StringRelatedField,
} from "../rest/relations.ts";
import { type CompiledSchema, NestedField } from "../rest/serializers.ts";
import { columnSchema } from "./columns.ts";
import type { JsonSchema, JsonType } from "./types.ts";
import { withValidators } from "./validators.ts";

/** What an inspector may need beside its field. */
export interface Inspection {
  /** Whether clients send the value: then it matters that blank texts are refused. */
  readonly input: boolean;
  /** The column that the field shows, where it shows one of a model. */
  readonly column: ModelField | null;
  /** The model at the other side, where the field shows a relation. */
  readonly related: ModelClass | null;
  /** The schema of a field inside the field. */
  inspect(field: Field): JsonSchema;
  /** A reference to the component of a nested schema. */
  ref(schema: CompiledSchema): JsonSchema;
}

/** How a field class says itself what its values are: with a method `openapi()`. */
export interface DescribedField {
  openapi(): JsonSchema;
}

type Inspector<F = Field> = (field: F, inspection: Inspection) => JsonSchema;

/** A row of the table; the class says what its inspector is given. */
function row<F>(cls: abstract new (...args: never[]) => F, inspector: Inspector<F>): readonly [object, Inspector] {
  return [cls, inspector as unknown as Inspector];
}

/** What the values of a field are, by its class. A class that is not listed is what its parent is. */
const inspectors: ReadonlyMap<object, Inspector> = new Map([
  row(Field, () => ({})),
  row(BooleanField, () => ({ type: "boolean" })),
  row(IntegerField, integer),
  row(BigIntegerField, bigInteger),
  row(FloatField, () => ({ type: "number", format: "double" })),
  row(DecimalField, decimal),
  row(CharField, text),
  row(EmailField, (field, inspection) => ({ ...text(field, inspection), format: "email" })),
  row(URLField, (field, inspection) => ({ ...text(field, inspection), format: "uri" })),
  row(IPAddressField, (field, inspection) => ({ ...text(field, inspection), format: addressFormats[field.protocol] })),
  row(UUIDField, ({ format }) => uuidFormats[format]),
  row(DateField, (field) => moment(field, "date")),
  row(DateTimeField, (field) => moment(field, "date-time")),
  // "time" of JSON Schema has an offset; this one is the registered name of a time without.
  row(TimeField, (field) => moment(field, "time-local")),
  row(DurationField, ({ format }) => ({ type: "string", ...(format === "iso-8601" ? { format: "duration" } : {}) })),
  row(ChoiceField, ({ choices, allowBlank }, { input }) => choice(choices, input && allowBlank)),
  row(MultipleChoiceField, multipleChoice),
  row(ListField, list),
  row(DictField, dictionary),
  row(JSONField, ({ binary }) => (binary ? { type: "string", format: "json" } : {})),
  row(FileField, (_field, { input }) => ({ type: "string", format: input ? "binary" : "uri" })),
  row(ReadOnlyField, (_field, { column }) => (column ? columnSchema(column) : {})),
  row(PrimaryKeyRelatedField, (field, { related }) => relatedSchema(related ?? targetOf(field), "pk")),
  row(SlugRelatedField, (field, { related }) => relatedSchema(related ?? targetOf(field), field.slugField)),
  row(StringRelatedField, () => ({ type: "string" })),
  row(ManyRelatedField, list),
  row(NestedField, nested),
]);

/** The schema of a field's values, with what is said of the field: limits, null, default, help. */
export function inspectField(field: Field, inspection: Inspection): JsonSchema {
  const own = (field as Partial<DescribedField>).openapi?.();
  const schema = own ?? inspectorOf(field)(field, inspection);
  const limited = inspection.input && !field.readOnly ? withValidators(schema, field.validators) : schema;
  return annotated(field.allowNull ? nullable(limited) : limited, field);
}

function inspectorOf(field: Field): Inspector {
  for (let cls = field.constructor; cls; cls = Object.getPrototypeOf(cls)) {
    const found = inspectors.get(cls);
    if (found) return found;
  }
  return () => ({});
}

/** The same, or null. A schema without a type takes null already. */
export function nullable(schema: JsonSchema): JsonSchema {
  if (schema.$ref !== undefined) return { anyOf: [schema, { type: "null" }] };
  if (schema.type === undefined && schema.enum === undefined) return schema;
  const values = schema.enum && !schema.enum.includes(null) ? { enum: [...schema.enum, null] } : {};
  if (schema.type === undefined) return { ...schema, ...values };
  return { ...schema, type: [...new Set([schema.type, "null"].flat() as JsonType[])], ...values };
}

function annotated(schema: JsonSchema, field: Field): JsonSchema {
  const fallback = fixedDefault(field);
  const description = [field.helpText, schema.description].filter(Boolean).join("\n\n");
  return {
    ...schema,
    ...(field.label ? { title: field.label } : {}),
    ...(description ? { description } : {}),
    ...(field.readOnly ? { readOnly: true } : {}),
    ...(field.writeOnly ? { writeOnly: true } : {}),
    ...(fallback === undefined ? {} : { default: fallback }),
  };
}

/** A default that is the same for every request, as it is written on the wire. */
function fixedDefault(field: Field): unknown {
  const { default: value } = field;
  if (value === undefined || typeof value === "function" || field.readOnly) return undefined;
  if (value === null) return null;
  try {
    return JSON.parse(field.toJson(value, { partial: false, instance: null }));
  } catch {
    // A default that the field cannot show is nothing that a document could show.
    return undefined;
  }
}

const addressFormats = { both: "ip-address", ipv4: "ipv4", ipv6: "ipv6" } as const;

const uuidFormats: Readonly<Record<UUIDField["format"], JsonSchema>> = {
  hex_verbose: { type: "string", format: "uuid" },
  hex: { type: "string", pattern: "^[0-9a-f]{32}$" },
  int: { type: "integer" },
  urn: { type: "string", format: "uri" },
};

function text({ allowBlank }: CharField, { input }: Inspection): JsonSchema {
  return { type: "string", ...(input && !allowBlank ? { minLength: 1 } : {}) };
}

function integer({ maxValue }: IntegerField): JsonSchema {
  return { type: "integer", ...(maxValue !== undefined && maxValue > 2 ** 31 ? { format: "int64" } : {}) };
}

function bigInteger({ coerceToString }: BigIntegerField): JsonSchema {
  return coerceToString ? { type: "string", pattern: "^-?\\d+$" } : { type: "integer", format: "int64" };
}

function decimal({ maxDigits, decimalPlaces, coerceToString }: DecimalField): JsonSchema {
  if (!coerceToString) return { type: "number", ...magnitude(maxDigits, decimalPlaces) };
  // Where no digit stands before the point, a zero is shown there.
  const whole = maxDigits === null ? "+" : `{1,${Math.max(1, maxDigits - (decimalPlaces ?? 0))}}`;
  const places = decimalPlaces === 0 ? "" : `(?:\\.\\d{0,${decimalPlaces ?? ""}})?`;
  return { type: "string", format: "decimal", pattern: `^-?\\d${whole}${places}$` };
}

function magnitude(maxDigits: number | null, decimalPlaces: number | null): JsonSchema {
  if (maxDigits === null || decimalPlaces === null) return {};
  const limit = 10 ** (maxDigits - decimalPlaces);
  return { exclusiveMinimum: -limit, exclusiveMaximum: limit };
}

/** A format of strftime's may give anything. */
function moment({ format }: { format: string | null }, standard: string): JsonSchema {
  return { type: "string", ...(format === null || format.toLowerCase() === "iso-8601" ? { format: standard } : {}) };
}

/** The values, and their labels in the words that drf-spectacular uses. */
function choice(choices: ReadonlyMap<unknown, string>, blank: boolean): JsonSchema {
  const values = [...choices.keys()];
  const type = commonType(values);
  const labels = [...choices]
    .filter(([value, label]) => String(value) !== label)
    .map(([value, label]) => `* \`${value}\` - ${label}`);
  return {
    ...(type ? { type } : {}),
    enum: blank && !values.includes("") ? [...values, ""] : values,
    ...(labels.length > 0 ? { description: labels.join("\n") } : {}),
  };
}

function commonType(values: readonly unknown[]): JsonType | undefined {
  if (values.every((value) => typeof value === "string")) return "string";
  if (values.every((value) => typeof value === "boolean")) return "boolean";
  if (values.every((value) => typeof value === "bigint" || Number.isInteger(value))) return "integer";
  return values.every((value) => typeof value === "number") ? "number" : undefined;
}

function multipleChoice({ choices, allowEmpty }: MultipleChoiceField, { input }: Inspection): JsonSchema {
  const { description, ...items } = choice(choices, false);
  return {
    type: "array",
    items,
    ...(input && !allowEmpty ? { minItems: 1 } : {}),
    ...(description ? { description } : {}),
  };
}

function list({ child, allowEmpty }: ListField | ManyRelatedField, { input, inspect }: Inspection): JsonSchema {
  return { type: "array", items: inspect(child), ...(input && !allowEmpty ? { minItems: 1 } : {}) };
}

function dictionary({ child }: DictField, { inspect }: Inspection): JsonSchema {
  return { type: "object", additionalProperties: inspect(child) };
}

/** One of the other object's columns; unknown where the other model is. */
function relatedSchema(model: ModelClass | null, name: string): JsonSchema {
  return model ? columnSchema(model._meta.getField(name)) : {};
}

/** The model that a relation refers to; null for one that is only shown, whose source nobody knows. */
function targetOf(field: RelatedField): ModelClass | null {
  return field.readOnly ? null : field.getQueryset().model;
}

function nested(
  { many, compiled, allowEmpty, minLength, maxLength }: NestedField,
  { input, ref }: Inspection,
): JsonSchema {
  if (!many) return ref(compiled);
  const least = input ? (minLength ?? (allowEmpty ? undefined : 1)) : undefined;
  return {
    type: "array",
    items: ref(compiled),
    ...(least === undefined ? {} : { minItems: least }),
    ...(input && maxLength !== undefined ? { maxItems: maxLength } : {}),
  };
}
