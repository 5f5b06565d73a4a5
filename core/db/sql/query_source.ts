import { quoteName } from "../backends/base.ts";
import type { Field } from "../fields/field.ts";
import type { ModelClass } from "../models.ts";
import { type Hop, joinCondition, linksTo, type Relation } from "../related/relations.ts";

/** One JOIN of a path. */
export interface Step {
  hop: Hop;
  isMany: boolean;
  isNullable: boolean;
  /** Tells the JOIN from others that begin at the same table. */
  key: string;
}

/** The JOINs of a path, one after another. */
export function stepsOf(relations: readonly Relation[]): Step[] {
  return relations.flatMap(({ hops, toMany, nullable, field, reverse }) =>
    hops.map((hop, index) => ({
      hop,
      // The pairs of a many-to-many relation are many; each has one row at the other side.
      isMany: toMany && index === 0,
      isNullable: nullable,
      key: `${reverse ? "<" : ">"}${field.label}:${index}`,
    })),
  );
}

/** The JOINs from a model to the parent whose table has a field. */
export function stepsToField(model: ModelClass, field: Field): Step[] {
  const links = linksTo(model._meta, field.model);
  return links.length === 0 ? noSteps : stepsOf(links);
}

const noSteps: Step[] = [];

/** A table in a FROM clause. */
export interface Joined {
  /** Its quoted alias. */
  sql: string;
  /** There may be no row: what is joined to it must be outer as well. */
  isOuter: boolean;
  /** What it is joined to; null for the table that the clause begins with. */
  readonly from: Joined | null;
}

/** A JOIN, whose kind is known when the whole statement is. */
interface Join {
  readonly joined: Joined;
  /** What follows the word JOIN. */
  readonly sql: string;
}

/** A FROM clause that grows as columns are asked for. */
export class Source {
  readonly base: Joined;
  readonly #from: string;
  readonly #joins: Join[] = [];
  readonly #known: Map<string, Joined>;
  readonly #aliases: { nextAlias(): string };

  constructor(aliases: { nextAlias(): string }, table: string, alias: string, outer: Source | null = null) {
    this.#aliases = aliases;
    this.#from = table === alias ? quoteName(table) : `${quoteName(table)} ${quoteName(alias)}`;
    this.base = { sql: quoteName(alias), isOuter: false, from: null };
    this.#known = new Map(outer?.known);
  }

  get known(): ReadonlyMap<string, Joined> {
    return this.#known;
  }

  /** What follows FROM. */
  get sql(): string {
    const joins = this.#joins.map(({ joined, sql }) => `${joined.isOuter ? "LEFT OUTER" : "INNER"} JOIN ${sql}`);
    return [this.#from, ...joins].join(" ");
  }

  get isJoined(): boolean {
    return this.#joins.length > 0;
  }

  /** A subquery's FROM clause; the tables of this one are known in it. */
  child(table: string, alias: string): Source {
    return new Source(this.#aliases, table, alias, this);
  }

  /** Says that this clause's own table is what a step from there leads to. */
  know(from: Joined, step: Step): void {
    this.#known.set(`${from.sql}${step.key}`, this.base);
  }

  /** Joins what a path leads to, or finds it joined already. Steps to many are looked up in `local`, where there is one. */
  follow(steps: readonly Step[], from: Joined, local: Map<string, Joined> | null): Joined {
    return steps.reduce((at, step) => this.#join(at, step, step.isMany ? local : null), from);
  }

  #join(from: Joined, step: Step, local: Map<string, Joined> | null): Joined {
    const key = `${from.sql}${step.key}`;
    const known = (local ?? this.#known).get(key);
    if (known) return known;
    const alias = quoteName(this.#aliases.nextAlias());
    const joined = { sql: alias, isOuter: from.isOuter || step.isNullable, from };
    const { table } = step.hop;
    const condition = joinCondition(step.hop, from.sql, alias);
    this.#joins.push({ joined, sql: `${quoteName(table)} ${alias} ON ${condition}` });
    local?.set(key, joined);
    // Of several JOINs to the same rows whoever comes later means the last one, as in Django.
    this.#known.set(key, joined);
    return joined;
  }
}

/** Says that only rows count for which there is one here: an INNER JOIN, which databases plan better. */
export function requireRow(joined: Joined): void {
  for (let at: Joined | null = joined; at; at = at.from) at.isOuter = false;
}
