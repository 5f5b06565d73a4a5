import type { Field } from "../db/fields/field.ts";
import { OrderingFilter, wireName } from "../rest/filters.ts";
import type { BasePagination } from "../rest/pagination.ts";
import { PageNumberPagination } from "../rest/pagination.ts";
import type { Endpoint, Plan } from "../rest/plan.ts";
import type { ModelViewSet } from "../rest/viewsets.ts";
import { snakeCase } from "../utils/text.ts";
import { columnSchema } from "./columns.ts";
import type { PathParameter, Segments } from "./paths.ts";
import type { JsonSchema, Parameter } from "./types.ts";

/** What a pagination or filter class may say for itself, under DRF's names; the framework's own are known here. */
interface Described {
  getSchemaOperationParameters?(view?: unknown): Parameter[];
  getPaginatedResponseSchema?(schema: JsonSchema): JsonSchema;
}

/** A path whose `{pk}` has the name of the model's key, as in drf-spectacular. */
export function namedPath(segments: Segments, { resource }: Plan): Segments {
  const rename = ({ name, pattern }: PathParameter) =>
    name === "pk" && resource ? { name: snakeCase(resource.model._meta.pk.name), pattern } : { name, pattern };
  return segments.map((segment) => (typeof segment === "string" ? segment : rename(segment)));
}

export function pathParameters(segments: Segments, plan: Plan): Parameter[] {
  const parameters = namedPath(segments, plan).filter((segment) => typeof segment !== "string");
  const original = segments.filter((segment) => typeof segment !== "string");
  return parameters.map(({ name, pattern }, at) => {
    const field = original[at]?.name === plan.resource?.lookupUrlKwarg ? lookupField(plan) : null;
    return { name, in: "path", required: true, ...described(field), schema: pathSchema(field, pattern) };
  });
}

function lookupField({ resource }: Plan): Field | null {
  return resource?.model._meta.getField(resource.lookupField) ?? null;
}

function pathSchema(field: Field | null, pattern: string | null): JsonSchema {
  const schema: JsonSchema = field ? columnSchema(field) : { type: "string" };
  return pattern !== null && schema.type === "string" ? { ...schema, pattern: `^(?:${pattern})$` } : schema;
}

function described(field: Field | null): { description?: string } {
  if (field?.options.helpText) return { description: field.options.helpText };
  if (!field?.primaryKey) return {};
  const value = field.isAuto ? "unique integer value" : field.kind === "UUIDField" ? "UUID string" : "unique value";
  return { description: `A ${value} identifying this ${field.model._meta.verboseName}.` };
}

/** How a list is cut into pages; null for a whole list. */
export function paginatorOf({ resource }: Plan): BasePagination | null {
  const Pagination = resource?.paginationClass;
  if (!Pagination) return null;
  const paginator = new Pagination();
  const whole =
    paginator instanceof PageNumberPagination && paginator.pageSize === null && paginator.pageSizeQueryParam === null;
  return whole ? null : paginator;
}

/** Pages, order and filters of a list. */
export function listParameters(endpoint: Endpoint, plan: Plan): Parameter[] {
  const paginator = paginatorOf(plan);
  return [...(paginator ? pageParameters(paginator) : []), ...filterParameters(new endpoint.View() as ModelViewSet)];
}

function pageParameters(paginator: BasePagination): Parameter[] {
  const own = (paginator as Described).getSchemaOperationParameters?.();
  if (own || !(paginator instanceof PageNumberPagination)) return own ?? [];
  const { pageQueryParam, pageSizeQueryParam, maxPageSize } = paginator;
  const page = query(pageQueryParam, "A page number within the paginated result set.", { type: "integer", minimum: 1 });
  if (pageSizeQueryParam === null) return [page];
  const size: JsonSchema = { type: "integer", minimum: 1, ...(maxPageSize === null ? {} : { maximum: maxPageSize }) };
  return [page, query(pageSizeQueryParam, "Number of results to return per page.", size)];
}

function query(name: string, description: string, schema: JsonSchema): Parameter {
  return { name, in: "query", required: false, description, schema };
}

function filterParameters(view: ModelViewSet): Parameter[] {
  return (view.filterBackends ?? []).flatMap((Backend) => {
    const backend = new Backend();
    const own = (backend as Described).getSchemaOperationParameters?.(view);
    return own ?? (backend instanceof OrderingFilter ? orderingParameters(backend, view) : []);
  });
}

/** `?ordering=-created_at,title` is one parameter with commas in it. */
function orderingParameters({ orderingParam }: OrderingFilter, view: ModelViewSet): Parameter[] {
  const names = (view.orderingFields ?? []).map(wireName);
  if (names.length === 0) return [];
  const schema: JsonSchema = {
    type: "array",
    items: { type: "string", enum: names.flatMap((name) => [name, `-${name}`]) },
  };
  const usual = (view.ordering ?? []).map(wireName).join(",");
  const description = `Which fields to order the results by; "-" before one reverses it.${usual ? ` Default: \`${usual}\`.` : ""}`;
  return [{ ...query(orderingParam, description, schema), style: "form", explode: false }];
}

/** The body of a page of a list. */
export function pageSchema(paginator: BasePagination, item: JsonSchema): JsonSchema {
  const results: JsonSchema = { type: "array", items: item };
  return (paginator as Described).getPaginatedResponseSchema?.(results) ?? numberedPage(results);
}

function numberedPage(results: JsonSchema): JsonSchema {
  const link = (page: number): JsonSchema => ({
    type: ["string", "null"],
    format: "uri",
    examples: [`http://api.example.org/accounts/?page=${page}`],
  });
  return {
    type: "object",
    required: ["count", "next", "previous", "results"],
    properties: { count: { type: "integer", examples: [123] }, next: link(4), previous: link(2), results },
  };
}
