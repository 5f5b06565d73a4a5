export { GenericForeignKey, type GenericForeignKeyOptions } from "./generic_foreign_key.ts";
export { GenericRelation, type GenericRelationOptions } from "./generic_relation.ts";
export { ContentTypeManager, type ForModelOptions } from "./manager.ts";
export { ContentType } from "./models.ts";
export { GenericPrefetch } from "./prefetch.ts";
