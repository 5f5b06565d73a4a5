// drf-spectacular: the OpenAPI document of a project, and the pages that show it.
export { type DocumentInfo, generateSchema } from "./generator.ts";
export type { DescribedField } from "./inspectors.ts";
export type { DescribedAuthentication } from "./security.ts";
export type * from "./types.ts";
export { documentation, documentInfo } from "./views.ts";
