import { Prefetch } from "../db/related/prefetch.ts";
import type { SubQuery } from "../db/sql/query_state.ts";

/**
 * What of a GenericForeignKey's objects to load with the rows, model by model: `GenericPrefetch` of Django.
 *
 * @example
 * const books = Book.objects.selectRelated("author");
 * await TaggedItem.objects.prefetchRelated(new GenericPrefetch("item", [books, Note.objects.only("title")]));
 */
export class GenericPrefetch<L extends string = string> extends Prefetch<L, unknown, never> {
  readonly querysets: readonly SubQuery[];

  constructor(lookup: L, querysets: readonly SubQuery[]) {
    super(lookup);
    this.querysets = querysets;
  }
}
