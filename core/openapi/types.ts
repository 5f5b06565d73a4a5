// The parts of an OpenAPI 3.1 document that are written here. https://spec.openapis.org/oas/v3.1.1

/** A JSON Schema, draft 2020-12, as far as it is used. */
export interface JsonSchema {
  $ref?: string;
  type?: JsonType | readonly JsonType[];
  title?: string;
  description?: string;
  format?: string;
  enum?: readonly unknown[];
  const?: unknown;
  default?: unknown;
  examples?: readonly unknown[];
  readOnly?: boolean;
  writeOnly?: boolean;
  deprecated?: boolean;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  multipleOf?: number;
  items?: JsonSchema;
  minItems?: number;
  maxItems?: number;
  uniqueItems?: boolean;
  properties?: Readonly<Record<string, JsonSchema>>;
  required?: readonly string[];
  additionalProperties?: JsonSchema | boolean;
  anyOf?: readonly JsonSchema[];
  oneOf?: readonly JsonSchema[];
  allOf?: readonly JsonSchema[];
}

export type JsonType = "string" | "number" | "integer" | "boolean" | "array" | "object" | "null";

export interface Reference {
  $ref: string;
}

export interface Parameter {
  name: string;
  in: "path" | "query" | "header" | "cookie";
  required?: boolean;
  description?: string;
  deprecated?: boolean;
  style?: string;
  explode?: boolean;
  schema: JsonSchema;
}

/** Media types with the schema of what they carry. */
export type Content = Readonly<Record<string, { schema: JsonSchema }>>;

export interface RequestBody {
  description?: string;
  required?: boolean;
  content: Content;
}

export interface ApiResponse {
  description: string;
  content?: Content;
}

/** One of the ways to sign in, all of which must be used together: `{ tokenAuth: [] }`; `{}` is nobody in particular. */
export type SecurityRequirement = Readonly<Record<string, readonly string[]>>;

export interface SecurityScheme {
  type: "http" | "apiKey" | "oauth2" | "openIdConnect" | "mutualTLS";
  description?: string;
  [detail: string]: unknown;
}

export interface Operation {
  operationId: string;
  summary?: string;
  description?: string;
  tags?: readonly string[];
  parameters?: readonly Parameter[];
  requestBody?: RequestBody;
  security?: readonly SecurityRequirement[];
  deprecated?: boolean;
  responses: Readonly<Record<string, ApiResponse | Reference>>;
}

export const documentedMethods = ["get", "post", "put", "patch", "delete"] as const;
export type DocumentedMethod = (typeof documentedMethods)[number];
export type PathItem = Partial<Record<DocumentedMethod, Operation>>;

export interface Components {
  schemas: Readonly<Record<string, JsonSchema>>;
  responses?: Readonly<Record<string, ApiResponse>>;
  securitySchemes?: Readonly<Record<string, SecurityScheme>>;
}

export interface OpenAPIDocument {
  openapi: string;
  info: { title: string; version: string; description?: string };
  servers?: readonly { url: string }[];
  tags?: readonly { name: string; description?: string }[];
  paths: Readonly<Record<string, PathItem>>;
  components: Components;
}
