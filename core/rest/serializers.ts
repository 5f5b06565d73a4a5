// rest_framework.serializers: schemas, and what compiling one gives.

export { declaredFields } from "./declared_fields.ts";
export {
  CompiledSchema,
  type CompileOptions,
  compileSchema,
  type ParseManyResult,
  type ParseOptions,
} from "./serializers/compiled.ts";
export type { CompiledField, FieldCase } from "./serializers/compiled_field.ts";
export { NestedField, type NestedFieldOptions, type SchemaReference } from "./serializers/nested.ts";
export type { Attrs, ParseResult } from "./serializers/parsing.ts";
export {
  InputSchema,
  OutputSchema,
  Schema,
  type SchemaClass,
  type SchemaStatics,
  type SchemaValidator,
} from "./serializers/schema.ts";
