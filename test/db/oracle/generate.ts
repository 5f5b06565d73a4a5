import { aggregateQuery, annotatedQuery, combinedQuery, computedQuery, groupedQuery } from "./generate_annotated.ts";
import { plainQuery } from "./generate_plain.ts";
import type { Query } from "./query.ts";
import type { Random } from "./random.ts";

/** A random query of any model. */
export function randomQuery(random: Random): Query {
  return random.weighted(
    [55, () => plainQuery(random)],
    [15, () => computedQuery(random)],
    [12, () => annotatedQuery(random)],
    [8, () => groupedQuery(random)],
    [5, () => aggregateQuery(random)],
    [5, () => combinedQuery(random)],
  );
}
