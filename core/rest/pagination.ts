import { settings } from "../conf/settings.ts";
import type { BaseModel } from "../db/models.ts";
import type { QuerySet } from "../db/queryset.ts";
import { parseInteger } from "../utils/python_numbers.ts";
import { NotFound } from "./exceptions.ts";
import type { Request } from "./request.ts";

/** One page of a list: the rows to be shown, and what is put around them. */
export interface Page<M extends BaseModel> {
  rows: QuerySet<M>;
  /** What a client gets: `results` is the rows as the schema shows them. */
  envelope(results: unknown): unknown;
}

/** Cuts a list into pages. One is made for each request. */
export abstract class BasePagination {
  abstract paginateQueryset<M extends BaseModel>(queryset: QuerySet<M>, request: Request): Promise<Page<M>>;
}

export type PaginationClass = new () => BasePagination;

/**
 * Pages by number: `?page=2`, `{count, next, previous, results}`. Subclass it to set its fields.
 *
 * @example
 * ```ts
 * class Standard extends PageNumberPagination {
 *   override pageSize = 10;
 *   override pageSizeQueryParam = "page_size";
 *   override maxPageSize = 100;
 * }
 * ```
 */
export class PageNumberPagination extends BasePagination {
  /** Rows on a page. Default: `REST_FRAMEWORK.PAGE_SIZE`. */
  pageSize: number | null = settings.REST_FRAMEWORK.PAGE_SIZE;
  pageQueryParam = "page";
  /** The parameter by which a client chooses the size, or null for none. */
  pageSizeQueryParam: string | null = null;
  /** The most that a client may choose. Default: `REST_FRAMEWORK.MAX_PAGE_SIZE`. */
  maxPageSize: number | null = settings.REST_FRAMEWORK.MAX_PAGE_SIZE;
  /** Texts that mean the last page. */
  lastPageStrings: readonly string[] = ["last"];
  invalidPageMessage = "Invalid page.";

  async paginateQueryset<M extends BaseModel>(queryset: QuerySet<M>, request: Request): Promise<Page<M>> {
    const size = this.getPageSize(request);
    if (size === null) return { rows: queryset, envelope: (results) => results };
    const count = await queryset.count();
    const pages = Math.max(1, Math.ceil(count / size));
    const number = this.#pageNumber(request, pages);
    const rows = queryset.slice((number - 1) * size, number * size);
    const link = (page: number) => this.#link(request, page);
    return {
      rows,
      envelope: (results) => ({
        count,
        next: number < pages ? link(number + 1) : null,
        previous: number > 1 ? link(number - 1) : null,
        results,
      }),
    };
  }

  /** Rows on a page for this request, or null for all of them. */
  getPageSize(request: Request): number | null {
    if (this.pageSizeQueryParam === null) return this.pageSize;
    const wanted = parseInteger(request.queryParams.get(this.pageSizeQueryParam) ?? "");
    if (wanted === null || wanted <= 0n) return this.pageSize;
    return this.maxPageSize !== null && wanted > BigInt(this.maxPageSize) ? this.maxPageSize : Number(wanted);
  }

  #pageNumber(request: Request, pages: number): number {
    const text = request.queryParams.get(this.pageQueryParam) ?? "1";
    if (this.lastPageStrings.includes(text)) return pages;
    // An empty parameter was an invalid page until REST framework 3.15.
    const number = text === "" && settings.REST_FRAMEWORK.COMPATIBILITY !== "3.14" ? 1n : parseInteger(text);
    if (number === null || number < 1n || number > BigInt(pages)) throw new NotFound(this.invalidPageMessage);
    return Number(number);
  }

  #link(request: Request, page: number): string {
    return pageLink(request, this.pageQueryParam, page === 1 ? null : String(page));
  }
}

/** The request's URL with one parameter replaced (null: left out), all of them sorted by name as in DRF's links. */
export function pageLink(request: Request, param: string, value: string | null): string {
  const kept = request.queryParams.entries().filter(([name]) => name !== param);
  if (value !== null) kept.push([param, value]);
  kept.sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0));
  const query = new URLSearchParams(kept).toString();
  return request.buildAbsoluteUri(query === "" ? request.path : `${request.path}?${query}`);
}
