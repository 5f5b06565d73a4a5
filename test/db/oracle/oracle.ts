import { comparable, understand } from "./conditions.ts";
import { type Joined, Joins } from "./joins.ts";
import { compare } from "./operators.ts";
import { parsePath } from "./paths.ts";
import type { Call, Query } from "./query.ts";
import type { Rules } from "./rules.ts";
import { type Column, type Data, schema } from "./schema.ts";

/** Rows in their order; rows in one group may come in any order among themselves. */
export interface Answer {
  groups: readonly (readonly unknown[])[];
  start: number;
  stop: number | null;
}

interface OrderTerm {
  read(joined: Joined): unknown;
  descending: boolean;
}

/** One query, understood: what Django would answer. */
class Understood {
  readonly #query: Query;
  readonly #data: Data;
  readonly #rules: Rules;
  readonly #joins: Joins;
  readonly #tests: ((joined: Joined) => boolean | null)[] = [];
  #order: readonly string[] | null = null;
  #reversed = false;
  #distinct = false;
  #isEmpty = false;
  #start = 0;
  #stop: number | null = null;

  constructor(query: Query, data: Data, rules: Rules) {
    this.#query = query;
    this.#data = data;
    this.#rules = rules;
    this.#joins = new Joins(query.model);
    for (const call of query.calls) this.#apply(call);
  }

  #apply(call: Call): void {
    if (call.call === "filter" || call.call === "exclude") this.#narrow(call);
    else if (call.call === "orderBy") this.#order = call.names;
    else if (call.call === "reverse") this.#reversed = !this.#reversed;
    else if (call.call === "distinct") this.#distinct = true;
    else if (call.call === "none") this.#isEmpty = true;
    else if (call.call === "slice") this.#slice(call.start, call.stop);
  }

  #narrow({ call, conditions }: Extract<Call, { conditions: unknown }>): void {
    const group = { connector: "and", negated: call === "exclude", children: conditions } as const;
    this.#tests.push(
      understand(group, {
        data: this.#data,
        rules: this.#rules,
        joins: this.#joins,
        reusable: new Set(),
        negations: 0,
        valuesOf: (query) => valuesOf(query, this.#data, this.#rules),
      }),
    );
  }

  #slice(start: number, stop: number | null): void {
    const end = stop === null ? this.#stop : Math.min(this.#stop ?? Number.POSITIVE_INFINITY, this.#start + stop);
    this.#start = end === null ? this.#start + start : Math.min(this.#start + start, end);
    this.#stop = end;
  }

  get isOrdered(): boolean {
    return (this.#order ?? schema[this.#query.model].ordering).length > 0;
  }

  orderBy(names: readonly string[]): this {
    this.#order = names;
    return this;
  }

  reverse(): this {
    this.#reversed = !this.#reversed;
    return this;
  }

  /** All rows that pass, put in order; each is made by `read`. */
  rows(names: readonly string[], isOrdered = true): Answer {
    const reads = names.map((name) => this.#reader(name));
    const terms = isOrdered ? this.#terms() : [];
    const found = this.#isEmpty ? [] : this.#found();
    const rows = found.map((joined) => ({
      values: reads.map((read) => read(joined)),
      keys: terms.map(({ read }) => read(joined)),
    }));
    const kept = this.#distinct ? unique(rows) : rows;
    const sorted = kept.sort((left, right) => this.#compareKeys(terms, left.keys, right.keys));
    return { groups: grouped(sorted), start: this.#start, stop: this.#stop };
  }

  get isSliced(): boolean {
    return this.#start > 0 || this.#stop !== null;
  }

  #found(): Joined[] {
    const all = this.#data.tables[this.#query.model].flatMap((row) => this.#joins.expand(this.#data, row));
    return all.filter((joined) => this.#tests.every((test) => test(joined) === true));
  }

  #reader(name: string): (joined: Joined) => unknown {
    const { links, column } = parsePath(this.#query.model, name);
    const place = links.reduce((at, link) => this.#joins.step(at, link, null), 0);
    return (joined) => joined[place]?.[column] ?? null;
  }

  #terms(): OrderTerm[] {
    const names = this.#order ?? schema[this.#query.model].ordering;
    return names.flatMap((name) => this.#term(0, name, this.#reversed));
  }

  /** Who orders by a relation means the ordering of the model at its other side. */
  #term(from: number, signed: string, reversed: boolean): OrderTerm[] {
    const name = signed.replace(/^[-+]/, "");
    const descending = signed.startsWith("-") !== reversed;
    const { links, column, kind } = parsePath(this.#joins.modelAt(from), name);
    const place = links.reduce((at, link) => this.#joins.step(at, link, null), from);
    const inherited = schema[this.#joins.modelAt(place)].ordering;
    if (name.split("__").at(-1) === links.at(-1) && inherited.length > 0) {
      return inherited.flatMap((inner) => this.#term(place, inner, descending));
    }
    return [{ read: orderKey(place, column, kind), descending }];
  }

  #compareKeys(terms: readonly OrderTerm[], left: readonly unknown[], right: readonly unknown[]): number {
    for (const [index, { descending }] of terms.entries()) {
      const result = this.#compareKey(left[index], right[index]);
      if (result !== 0) return descending ? -result : result;
    }
    return 0;
  }

  #compareKey(left: unknown, right: unknown): number {
    if (left !== null && right !== null) return compare(left, right);
    if (left === right) return 0;
    return (left === null) === this.#rules.nullsFirst ? -1 : 1;
  }
}

function orderKey(place: number, column: string, { kind }: Column): OrderTerm["read"] {
  return (joined) => comparable(joined[place]?.[column] ?? null, kind);
}

interface Made {
  values: unknown[];
  keys: unknown[];
}

/** DISTINCT looks at what is ordered by as well. */
function unique(rows: readonly Made[]): Made[] {
  return [...new Map(rows.map((row) => [JSON.stringify([row.values, row.keys]), row])).values()];
}

function grouped(rows: readonly Made[]): unknown[][] {
  const groups: { key: string; rows: unknown[] }[] = [];
  for (const { values, keys } of rows) {
    const key = JSON.stringify(keys);
    const last = groups.at(-1);
    if (last?.key === key) last.rows.push(values);
    else groups.push({ key, rows: [values] });
  }
  return groups.map((group) => group.rows);
}

function total({ groups, start, stop }: Answer): number {
  const all = groups.reduce((sum, rows) => sum + rows.length, 0);
  return Math.max(0, Math.min(all, stop ?? all) - start);
}

/** The one column that a query inside a condition gives, the key where it names none. */
function valuesOf(query: Query, data: Data, rules: Rules): unknown[] {
  const name = query.end.end === "values" ? query.end.names[0] : "id";
  const { groups, start, stop } = new Understood(query, data, rules).rows([name]);
  return groups
    .flat()
    .slice(start, stop ?? undefined)
    .map((row) => (row as unknown[])[0]);
}

/** The columns of a model's objects. */
export function objectColumns(model: string): string[] {
  return Object.keys(schema[model].columns);
}

/** What a query must answer: rows, or one value. */
export function ask(query: Query, data: Data, rules: Rules): Answer | { value: unknown } {
  const understood = new Understood(query, data, rules);
  const { end } = query;
  const columns = objectColumns(query.model);
  if (end.end === "count") return { value: total(understood.rows(columns, understood.isSliced)) };
  if (end.end === "exists") return { value: total(understood.rows(columns, false)) > 0 };
  if (end.end === "get") return { value: onlyRow(understood.rows(columns, false)) };
  if (end.end === "flat") return understood.rows([end.name]);
  if (end.end === "values" || end.end === "valuesList") return understood.rows(end.names);
  if (end.end === "objects") return understood.rows(columns);
  if (!understood.isOrdered) understood.orderBy(["id"]);
  if (end.end === "last") understood.reverse();
  return { ...understood.rows(columns), start: 0, stop: 1 };
}

function onlyRow(answer: Answer): unknown {
  const count = total(answer);
  if (count === 1) return answer.groups.flat()[0];
  return count === 0 ? "DoesNotExist" : "MultipleObjectsReturned";
}
