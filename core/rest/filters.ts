import type { BaseModel } from "../db/models.ts";
import type { QuerySet } from "../db/queryset.ts";
import { snakeCase } from "../utils/text.ts";
import type { Request } from "./request.ts";
import type { ModelViewSet } from "./viewsets.ts";

/** Narrows or orders a list by what the request asks. One is made for each request. */
export abstract class BaseFilterBackend {
  /** Must not await: a queryset is awaitable, so an async function would run it. */
  abstract filterQueryset<M extends BaseModel>(
    request: Request,
    queryset: QuerySet<M>,
    view: ModelViewSet<M>,
  ): QuerySet<M>;
}

export type FilterBackendClass = new () => BaseFilterBackend;

/**
 * Orders a list by `?ordering=-created_at,title`. Only the view's `orderingFields` are taken, other names are dropped;
 * if none is left, the view's own `ordering` holds.
 */
export class OrderingFilter extends BaseFilterBackend {
  orderingParam = "ordering";

  filterQueryset<M extends BaseModel>(request: Request, queryset: QuerySet<M>, view: ModelViewSet<M>): QuerySet<M> {
    const asked = request.queryParams.get(this.orderingParam);
    const names = asked ? this.#allowed(asked, view.orderingFields ?? []) : [];
    const ordering = names.length > 0 ? names : (view.ordering ?? []);
    return ordering.length > 0 ? queryset.orderByNames([...ordering]) : queryset;
  }

  #allowed(asked: string, fields: readonly string[]): string[] {
    const byWireName = new Map(fields.map((field) => [wireName(field), field]));
    return asked.split(",").flatMap((text) => {
      const name = text.trim();
      const descending = name.startsWith("-");
      const field = byWireName.get(descending ? name.slice(1) : name);
      return field === undefined ? [] : [descending ? `-${field}` : field];
    });
  }
}

/** `author__bornOn` as a client writes it: `author__born_on`. */
export function wireName(path: string): string {
  return path.split("__").map(snakeCase).join("__");
}
