import type { Field } from "../db/fields/field.ts";
import type { FieldKind } from "../db/fields/field_types.ts";
import type { JsonSchema } from "./types.ts";

const integer: JsonSchema = { type: "integer" };
const long: JsonSchema = { type: "integer", format: "int64" };
const string: JsonSchema = { type: "string" };

/** Columns by their kind, as they are written in paths and references; what is not listed is a string. */
const kinds: Partial<Record<FieldKind, JsonSchema>> = {
  AutoField: integer,
  SmallAutoField: integer,
  BigAutoField: integer,
  IntegerField: integer,
  SmallIntegerField: integer,
  PositiveIntegerField: { type: "integer", minimum: 0 },
  PositiveSmallIntegerField: { type: "integer", minimum: 0 },
  BigIntegerField: long,
  PositiveBigIntegerField: { ...long, minimum: 0 },
  FloatField: { type: "number", format: "double" },
  JSONField: {},
  BooleanField: { type: "boolean" },
  UUIDField: { type: "string", format: "uuid" },
  DateField: { type: "string", format: "date" },
  DateTimeField: { type: "string", format: "date-time" },
};

/** What the values of a column are; a foreign key's are those of the other model's key. */
export function columnSchema(field: Field): JsonSchema {
  return field.isRelation ? columnSchema(field.targetField) : (kinds[field.kind] ?? string);
}
