// core-framework/rest: what core-framework itself gives of REST, and besides it the classes of fields, which share their
// names with the fields of models.
export * from "../utils/validators.ts";
export * from "./api.ts";
export * from "./fields.ts";
export { compileSchema, declaredFields, NestedField, type SchemaClass } from "./serializers.ts";
