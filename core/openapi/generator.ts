import type { Endpoint } from "../rest/plan.ts";
import { SchemaComponents } from "./components.ts";
import { errorComponents } from "./errors.ts";
import { buildOperation, type Described, describe, operationName } from "./operations.ts";
import { namedPath } from "./parameters.ts";
import { commonPrefix, formatPath, parsePath } from "./paths.ts";
import { securitySchemes } from "./security.ts";
import {
  type Components,
  documentedMethods,
  type OpenAPIDocument,
  type PathItem,
  type SecurityScheme,
} from "./types.ts";

/** What a document says of the API as a whole. */
export interface DocumentInfo {
  title: string;
  version: string;
  /** Markdown. */
  description?: string;
  /** Base URLs; none for wherever the document came from. */
  servers?: readonly string[];
}

/**
 * Describes every URL in OpenAPI 3.1. Names are those that drf-spectacular gives, and everything has one order, so that
 * the document of two versions of an API can be compared line by line.
 *
 * @param endpoints what the routers mounted: `app.endpoints`.
 * @throws ImproperlyConfigured where two different schemas would have the same name.
 * @example
 * const document = generateSchema(app.endpoints, { title: "Library", version: "1.0.0" });
 */
export function generateSchema(endpoints: readonly Endpoint[], info: DocumentInfo): OpenAPIDocument {
  const operations = endpoints.flatMap(describeEndpoint).sort(byPath);
  const components = new SchemaComponents();
  for (const { input, output, plan } of operations) {
    const model = plan.resource?.model ?? null;
    if (input) components.expect(input, "input", model);
    if (output) components.expect(output, "output", model);
  }
  const paths = buildPaths(operations, commonPrefix(endpoints).length, components);
  return {
    openapi: "3.1.0",
    info: { title: info.title, version: info.version, ...(info.description ? { description: info.description } : {}) },
    ...(info.servers?.length ? { servers: info.servers.map((url) => ({ url })) } : {}),
    paths,
    components: buildComponents(operations, paths, components),
  };
}

type Located = Described & { path: string };

function describeEndpoint(endpoint: Endpoint): Located[] {
  const segments = parsePath(endpoint.path);
  return documentedMethods.flatMap((method) => {
    const plan = endpoint.plans.get(method.toUpperCase());
    if (!plan) return [];
    return [{ ...describe(endpoint, plan, method, segments), path: formatPath(namedPath(segments, plan)) }];
  });
}

function byPath(left: Located, right: Located): number {
  if (left.path !== right.path) return left.path < right.path ? -1 : 1;
  return documentedMethods.indexOf(left.method) - documentedMethods.indexOf(right.method);
}

function buildPaths(
  operations: readonly Located[],
  prefixLength: number,
  components: SchemaComponents,
): Record<string, PathItem> {
  const paths: Record<string, PathItem> = {};
  const uses = new Map<string, number>();
  for (const operation of operations) {
    const tokens = operation.segments.slice(prefixLength).filter((segment) => typeof segment === "string");
    // A version says which API it is, not what is served.
    const tag = tokens.find((token) => !/^v\d+$/.test(token)) ?? basename(operation.endpoint);
    const id = unique(operationName(operation, tokens), uses);
    const written = buildOperation(operation, id, tag, components);
    paths[operation.path] = { ...paths[operation.path], [operation.method]: written };
  }
  return paths;
}

/** The second of a name is called `_2`, as in drf-spectacular: `/posts/{id}/` and `/posts/{id}/{key}/` both retrieve. */
function unique(name: string, uses: Map<string, number>): string {
  const count = (uses.get(name) ?? 0) + 1;
  uses.set(name, count);
  return count === 1 ? name : `${name}_${count}`;
}

function basename({ name }: Endpoint): string {
  return name.replace(/-(list|detail)$/, "");
}

function buildComponents(
  operations: readonly Described[],
  paths: Readonly<Record<string, PathItem>>,
  components: SchemaComponents,
): Components {
  const schemes: Record<string, SecurityScheme> = Object.assign(
    {},
    ...operations.map(({ plan }) => securitySchemes(plan)),
  );
  const { responses, schemas } = errorComponents(statusesIn(paths));
  return {
    schemas: sorted({ ...schemas, ...components.build() }),
    ...(Object.keys(responses).length > 0 ? { responses: sorted(responses) } : {}),
    ...(Object.keys(schemes).length > 0 ? { securitySchemes: sorted(schemes) } : {}),
  };
}

function statusesIn(paths: Readonly<Record<string, PathItem>>): Set<string> {
  const operations = Object.values(paths).flatMap((item) => Object.values(item));
  return new Set(operations.flatMap(({ responses }) => Object.keys(responses)));
}

function sorted<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([left], [right]) => (left < right ? -1 : 1)));
}
