import { inspect } from "node:util";
import type { BaseModel } from "../../db/models.ts";
import { QuerySet } from "../../db/queryset.ts";
import { RelatedManager } from "../../db/related/related.ts";

/** How many rows of a queryset are shown: Django's REPR_OUTPUT_SIZE. */
const SHOWN = 20;

/** The queryset that a value is, or that it stands for; else null. */
export function asQuerySet(value: unknown): QuerySet<BaseModel, unknown> | null {
  if (value instanceof QuerySet) return value;
  return value instanceof RelatedManager ? (value.all() as QuerySet<BaseModel, unknown>) : null;
}

/**
 * A queryset as Django shows it, after asking for as many rows as are shown.
 *
 * @example
 * await represent(Book.objects.all()); // <QuerySet [<Book: The Sea>, <Book: A Lake>]>
 */
export async function represent(queryset: QuerySet<BaseModel, unknown>): Promise<string> {
  const rows = await queryset.slice(0, SHOWN + 1);
  const items = rows.slice(0, SHOWN).map((row) => inspect(row, { breakLength: Number.POSITIVE_INFINITY }));
  if (rows.length > SHOWN) items.push("'...(remaining elements truncated)...'");
  return `<QuerySet [${items.join(", ")}]>`;
}
