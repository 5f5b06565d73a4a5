import type { ApiResponse, JsonSchema, Reference } from "./types.ts";

const ref = (path: string): Reference => ({ $ref: `#/components/${path}` });

/** The bodies of errors, which all operations share. */
const errorSchemas: Readonly<Record<string, JsonSchema>> = {
  ErrorDetail: {
    type: "object",
    description: "Why a request was not answered.",
    required: ["detail"],
    properties: { detail: { type: "string" } },
  },
  ValidationErrors: {
    type: "object",
    description:
      "What is wrong with a body, field by field; what is about no single field stands under `non_field_errors`. " +
      "A body that cannot be read has a `detail` only.",
    examples: [{ name: ["This field is required."], non_field_errors: ["The two dates must differ."] }],
    additionalProperties: {
      anyOf: [
        { type: "string" },
        { type: "array", items: { anyOf: [{ type: "string" }, ref("schemas/ValidationErrors")] } },
        ref("schemas/ValidationErrors"),
      ],
    },
  },
};

interface KnownError {
  name: string;
  schema: string;
  description: string;
}

/** The errors that are documented, by status. What any request may get (405, 406, 413, 415, 500) is not repeated. */
const errors: Readonly<Record<string, KnownError>> = {
  400: { name: "BadRequest", schema: "ValidationErrors", description: "The body is malformed or not valid." },
  401: { name: "Unauthorized", schema: "ErrorDetail", description: "Credentials are missing or wrong." },
  403: { name: "Forbidden", schema: "ErrorDetail", description: "The caller may not do this." },
  404: { name: "NotFound", schema: "ErrorDetail", description: "There is no such object or page." },
  429: { name: "TooManyRequests", schema: "ErrorDetail", description: "The caller asked too often." },
};

/** References to the errors of an operation. */
export function errorResponses(statuses: Iterable<string>): Record<string, Reference> {
  return Object.fromEntries(
    [...statuses].map((status) => [status, ref(`responses/${(errors[status] as KnownError).name}`)]),
  );
}

/** The responses that some statuses refer to, and the schemas of their bodies. */
export function errorComponents(statuses: ReadonlySet<string>): {
  responses: Record<string, ApiResponse>;
  schemas: Record<string, JsonSchema>;
} {
  const used = Object.entries(errors).flatMap(([status, error]) => (statuses.has(status) ? [error] : []));
  const responses = used.map(({ name, schema, description }) => {
    const content = { "application/json": { schema: ref(`schemas/${schema}`) } };
    return [name, { description, content }] as const;
  });
  const schemas = used.map(({ schema }) => [schema, errorSchemas[schema] as JsonSchema] as const);
  return { responses: Object.fromEntries(responses), schemas: Object.fromEntries(schemas) };
}
