import { actionsOf } from "../rest/decorators.ts";
import { PageNumberPagination } from "../rest/pagination.ts";
import type { Endpoint, Plan } from "../rest/plan.ts";
import type { CompiledSchema } from "../rest/serializers.ts";
import { ModelViewSet } from "../rest/viewsets.ts";
import { snakeCase } from "../utils/text.ts";
import type { SchemaComponents } from "./components.ts";
import { errorResponses } from "./errors.ts";
import { listParameters, pageSchema, paginatorOf, pathParameters } from "./parameters.ts";
import type { Segments } from "./paths.ts";
import { accessOf, refusals, securityOf } from "./security.ts";
import type { ApiResponse, Content, DocumentedMethod, JsonSchema, Operation, RequestBody } from "./types.ts";

/** One method of one URL, and what is known of it before its schemas are written. */
export interface Described {
  endpoint: Endpoint;
  plan: Plan;
  method: DocumentedMethod;
  segments: Segments;
  /** What a client sends; null where nothing is declared. */
  input: CompiledSchema | null;
  /** What it gets; null where nothing is declared. */
  output: CompiledSchema | null;
}

/** The six actions of a ModelViewSet: what their operation is called, what they answer, and which errors they have. */
const standard: Readonly<Record<string, { summary: string; status: string; errors: readonly string[] }>> = {
  list: { summary: "List {plural}", status: "200", errors: [] },
  create: { summary: "Create {one}", status: "201", errors: ["400"] },
  retrieve: { summary: "Retrieve {one}", status: "200", errors: ["404"] },
  update: { summary: "Replace {one}", status: "200", errors: ["400", "404"] },
  partialUpdate: { summary: "Change {one}", status: "200", errors: ["400", "404"] },
  destroy: { summary: "Delete {one}", status: "204", errors: ["404"] },
};

/** The last part of an operation's name, as drf-spectacular gives it. */
const verbs: Readonly<Record<DocumentedMethod, string>> = {
  get: "retrieve",
  post: "create",
  put: "update",
  patch: "partial_update",
  delete: "destroy",
};

/**
 * Says what of a plan's schemas an operation uses. The six standard actions use the viewset's; an extra action only
 * what was declared for it, since nobody knows what it answers otherwise.
 */
export function describe(endpoint: Endpoint, plan: Plan, method: DocumentedMethod, segments: Segments): Described {
  const { resource, action } = plan;
  const declared = declaredSchemas(endpoint, action);
  const hasBody = method === "post" || method === "put" || method === "patch";
  return {
    endpoint,
    plan,
    method,
    segments,
    input: resource && hasBody && declared.input ? resource.input : null,
    output: resource && action !== "destroy" && declared.output ? resource.output : null,
  };
}

function declaredSchemas({ View }: Endpoint, action: string | null): { input: boolean; output: boolean } {
  if (action === null || Object.hasOwn(standard, action)) return { input: true, output: true };
  const view = new View();
  const both = view instanceof ModelViewSet && view.schemaByAction?.[action] !== undefined;
  const options = extraAction(View, action)?.options;
  const given = (own: unknown) => both || own !== undefined || options?.schema !== undefined;
  return { input: given(options?.inputSchema), output: given(options?.outputSchema) };
}

function extraAction(View: Endpoint["View"], action: string) {
  return [...actionsOf(View.prototype).values()].find(({ mapping }) => [...mapping.values()].includes(action));
}

/** Whether an operation answers a list. */
export function isList({ plan }: Described): boolean {
  return plan.action === "list";
}

/** Writes one operation. */
export function buildOperation(
  described: Described,
  operationId: string,
  tag: string,
  components: SchemaComponents,
): Operation {
  const { endpoint, plan, method, segments } = described;
  const access = accessOf(endpoint, plan, method.toUpperCase());
  const parameters = [...pathParameters(segments, plan), ...(isList(described) ? listParameters(endpoint, plan) : [])];
  return compact({
    operationId,
    summary: summaryOf(described),
    description: (endpoint.View as { description?: string }).description,
    tags: [tag],
    parameters: parameters.length > 0 ? parameters.sort((left, right) => (left.name < right.name ? -1 : 1)) : undefined,
    requestBody: requestBody(described, components),
    security: securityOf(plan, access),
    responses: { ...success(described, components), ...errorResponses(errorsOf(described, refusals(plan, access))) },
  });
}

function compact<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as never;
}

function summaryOf({ plan, method }: Described): string {
  const { action, resource } = plan;
  const meta = resource?.model._meta;
  const known = standard[action ?? ""];
  if (!known || !meta) return sentence(action === method ? `${plan.View.name}` : (action ?? method));
  return known.summary.replace("{plural}", meta.verboseNamePlural).replace("{one}", withArticle(meta.verboseName));
}

function sentence(name: string): string {
  const words = snakeCase(name).replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function withArticle(noun: string): string {
  return `${/^[aeio]/i.test(noun) ? "an" : "a"} ${noun}`;
}

function requestBody({ plan, method, input }: Described, components: SchemaComponents): RequestBody | undefined {
  if (input === null) return undefined;
  const partial = method === "patch";
  const content = contentOf(plan.parsers, components.ref(input, { partial }));
  return partial ? { content } : { required: true, content };
}

function contentOf(types: readonly { mediaType: string }[], schema: JsonSchema): Content {
  return Object.fromEntries(types.map(({ mediaType }) => [mediaType, { schema }]));
}

function success(described: Described, components: SchemaComponents): Record<string, ApiResponse> {
  const { plan, method, output } = described;
  const status = standard[plan.action ?? ""]?.status ?? (method === "delete" ? "204" : "200");
  if (status === "204") return { [status]: { description: "Done; there is no body." } };
  if (output === null) return { [status]: { description: "Done." } };
  const schema = isList(described) ? listSchema(plan, output, components) : components.ref(output);
  return {
    [status]: { description: status === "201" ? "Created." : "OK.", content: contentOf(plan.renderers, schema) },
  };
}

function listSchema(plan: Plan, output: CompiledSchema, components: SchemaComponents): JsonSchema {
  const paginator = paginatorOf(plan);
  const item = components.ref(output);
  return paginator ? components.page(output, pageSchema(paginator, item)) : { type: "array", items: item };
}

function errorsOf({ plan, endpoint, input }: Described, refused: readonly string[]): string[] {
  const known = standard[plan.action ?? ""]?.errors ?? [...(input ? ["400"] : []), ...(endpoint.detail ? ["404"] : [])];
  const noPage = plan.action === "list" && paginatorOf(plan) instanceof PageNumberPagination ? ["404"] : [];
  const throttled = plan.throttles.length > 0 ? ["429"] : [];
  return [...new Set([...known, ...noPage, ...refused, ...throttled])].sort();
}

/** `posts_partial_update`; `action` is the last word where the fixed parts of the path do not say everything. */
export function operationName(described: Described, tokens: readonly string[]): string {
  const words = tokens.map((token) => token.replaceAll("-", "_"));
  return [...(words.length > 0 ? words : ["root"]), isList(described) ? "list" : verbs[described.method]].join("_");
}
