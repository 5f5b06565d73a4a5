import { type Data, follow, type Link, type Row, schema } from "./schema.ts";

/** One row of each joined table: the query's own first, null where an outer join found none. */
export type Joined = readonly (Row | null)[];

interface Join {
  from: number;
  name: string;
  link: Link;
}

/**
 * The tables that a query joins, by Django's rules for joining one again: a relation to one has one join, a relation to
 * many has one for each `filter()`; ordering and columns use the last one that there is.
 */
export class Joins {
  readonly #joins: Join[] = [];
  readonly #models: string[];

  constructor(model: string) {
    this.#models = [model];
  }

  modelAt(place: number): string {
    return this.#models[place];
  }

  /**
   * Joins what a relation leads to, or finds it joined already.
   *
   * @param reusable joins to many that may be used again; null for all of them.
   */
  step(from: number, name: string, reusable: Set<number> | null): number {
    const link = schema[this.#models[from]].links[name];
    for (let index = this.#joins.length - 1; index >= 0; index--) {
      const join = this.#joins[index];
      const place = index + 1;
      const mayReuse = !link.many || reusable === null || reusable.has(place);
      if (join.from === from && join.name === name && mayReuse) return place;
    }
    this.#joins.push({ from, name, link });
    this.#models.push(link.to);
    reusable?.add(this.#joins.length);
    return this.#joins.length;
  }

  /** Where a relation is joined that may be joined again; null where it is not. */
  find(from: number, name: string, reusable: ReadonlySet<number>): number | null {
    const index = this.#joins.findIndex((join, at) => join.from === from && join.name === name && reusable.has(at + 1));
    return index < 0 ? null : index + 1;
  }

  /** Every combination of rows that begins with this one. */
  expand(data: Data, row: Row): Joined[] {
    let combinations: Joined[] = [[row]];
    for (const { from, link } of this.#joins) {
      combinations = combinations.flatMap((joined) => {
        const start = joined[from];
        const found = start === null ? [] : follow(data, link, start);
        return (found.length > 0 ? found : [null]).map((next) => [...joined, next]);
      });
    }
    return combinations;
  }
}
