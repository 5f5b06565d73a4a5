import { understand } from "./conditions.ts";
import { type Annotation, type Context, type Outer, type Reader, type Test, type Unit, unitOf } from "./context.ts";
import { aggregateOf, readExpression } from "./expressions.ts";
import { Joins } from "./joins.ts";
import { compareKeys, type OrderTerm, orderTerms } from "./order.ts";
import { parsePath } from "./paths.ts";
import { type Call, type Condition, type Expressions, isGroup, type Query } from "./query.ts";
import type { Rules } from "./rules.ts";
import { type Data, type Kind, schema } from "./schema.ts";

/** A row of an answer, and what it is ordered by. */
export interface Made {
  values: unknown[];
  keys: unknown[];
}

type ValuesOf = (query: Query, outer: Outer) => unknown[];

/** One query, understood as Django would: which rows it has, and in what order. */
export class Understood {
  readonly #query: Query;
  readonly #context: Context;
  readonly #annotations = new Map<string, Annotation>();
  readonly #wheres: Test[] = [];
  readonly #havings: Test[] = [];
  #columns: readonly string[] | null = null;
  /** What rows are grouped by; null where they are not. */
  #groups: readonly Reader[] | null = null;
  #order: readonly string[] | null = null;
  #reversed = false;
  #distinct = false;
  #isEmpty = false;
  start = 0;
  stop: number | null = null;

  constructor(query: Query, data: Data, rules: Rules, outer: Outer | null, valuesOf: ValuesOf) {
    this.#query = query;
    this.#context = {
      data,
      rules,
      outer,
      valuesOf,
      joins: new Joins(query.model),
      annotations: this.#annotations,
      reusable: null,
      negations: 0,
      splits: true,
      understand,
      read: readExpression,
    };
    for (const call of query.calls) this.#apply(call);
  }

  #apply(call: Call): void {
    if (call.call === "filter" || call.call === "exclude") this.#narrow(call.conditions, call.call === "exclude");
    else if (call.call === "annotate" || call.call === "alias") this.#annotate(call.expressions, call.call === "alias");
    else if (call.call === "values") this.#columns = call.names;
    else if (call.call === "orderBy") this.#order = call.names;
    else if (call.call === "reverse") this.#reversed = !this.#reversed;
    else if (call.call === "distinct") this.#distinct = true;
    else if (call.call === "none") this.#isEmpty = true;
    else if (call.call === "slice") this.#slice(call.start, call.stop);
  }

  /** What speaks of groups is asked of them, the rest of the rows that they are made of. */
  #narrow(conditions: readonly Condition[], negated: boolean): void {
    const context = { ...this.#context, reusable: new Set<number>() };
    if (!negated && conditions.some((condition) => this.#speaksOfGroups(condition))) {
      for (const condition of conditions) {
        const tests = this.#speaksOfGroups(condition) ? this.#havings : this.#wheres;
        tests.push(understand(condition, context));
      }
      return;
    }
    const group = { connector: "and", negated, children: conditions } as const;
    const tests = this.#speaksOfGroups(group) ? this.#havings : this.#wheres;
    tests.push(understand(group, context));
  }

  #speaksOfGroups(condition: Condition): boolean {
    if ("exists" in condition) return false;
    if (isGroup(condition)) return condition.children.some((child) => this.#speaksOfGroups(child));
    const names = [condition.key.split("__")[0], ...namesIn(condition.value)];
    return names.some((name) => this.#annotations.get(name)?.isAggregate);
  }

  #annotate(expressions: Expressions, isHidden: boolean): void {
    for (const [name, { kind, expression }] of Object.entries(expressions)) {
      const isAggregate = "aggregate" in expression;
      if (isAggregate) this.#groups ??= this.#grouping();
      const read = readExpression(expression, this.#context);
      this.#annotations.set(name, { column: { kind, null: true }, read, isAggregate, isHidden });
    }
  }

  /** Objects are groups by their key, rows of `values()` by their columns. */
  #grouping(): Reader[] {
    return (this.#columns ?? ["id"]).map((name) => readExpression({ f: name }, this.#context));
  }

  #slice(start: number, stop: number | null): void {
    const end = stop === null ? this.stop : Math.min(this.stop ?? Number.POSITIVE_INFINITY, this.start + stop);
    this.start = end === null ? this.start + start : Math.min(this.start + start, end);
    this.stop = end;
  }

  get isSliced(): boolean {
    return this.start > 0 || this.stop !== null;
  }

  get isOrdered(): boolean {
    return this.#names().length > 0;
  }

  /** The model's own ordering does not hold for groups. */
  #names(): readonly string[] {
    return this.#order ?? (this.#groups ? [] : schema[this.#query.model].ordering);
  }

  orderBy(names: readonly string[]): void {
    this.#order = names;
  }

  reverse(): void {
    this.#reversed = !this.#reversed;
  }

  /** The columns of the rows, as far as the query says. */
  get columns(): string[] {
    const named = this.#columns ?? Object.keys(schema[this.#query.model].columns);
    const visible = [...this.#annotations].filter(([, { isHidden }]) => !isHidden).map(([name]) => name);
    return [...new Set([...named, ...visible])];
  }

  /** All rows that pass, in order and before the slice. */
  rows(names: readonly string[], isOrdered = true): Made[] {
    const reads = names.map((name) => this.#reader(name));
    const terms = isOrdered ? orderTerms(this.#names(), this.#reversed, this.#context) : [];
    const rows = this.#units(terms).map((unit) => ({
      values: reads.map((read) => read(unit)),
      keys: terms.map(({ read }) => read(unit)),
    }));
    const kept = this.#distinct ? unique(rows) : rows;
    return kept.sort((left, right) => compareKeys(terms, this.#context.rules, left.keys, right.keys));
  }

  /** One value made of all rows. */
  aggregate(expressions: Expressions): unknown[] {
    const parts = Object.values(expressions).map(({ kind, expression }) => {
      if (!("aggregate" in expression)) throw new RangeError("aggregate() takes aggregates");
      const { aggregate, of, distinct, filter } = expression;
      const context = { ...this.#context, splits: false };
      const read = of === "*" ? () => true : readExpression(of, context);
      const test = filter === null ? () => true : understand(filter, context);
      return {
        kind,
        make: (units: Unit[]) => aggregateOf(aggregate, units.filter((u) => test(u) === true).map(read), distinct),
      };
    });
    const units = this.isSliced || this.#distinct ? this.#slicedUnits() : this.#units([]);
    return parts.map(({ kind, make }) => shown(make(units), kind));
  }

  /** The rows of a slice by their own columns. */
  #slicedUnits(): Unit[] {
    const ids = this.rows(["id"]).slice(this.start, this.stop ?? undefined);
    const rows = this.#context.data.tables[this.#query.model];
    return ids.flatMap(({ values: [id] }) => rows.filter((row) => row.id === id).map((row) => unitOf([row])));
  }

  #units(terms: readonly OrderTerm[]): Unit[] {
    const { data, joins } = this.#context;
    const rows = this.#isEmpty ? [] : data.tables[this.#query.model];
    const all = rows.flatMap((row) => joins.expand(data, row)).map(unitOf);
    const found = all.filter((unit) => this.#wheres.every((test) => test(unit) === true));
    const units = this.#groups ? this.#grouped(found, this.#groups, terms) : found;
    return units.filter((unit) => this.#havings.every((test) => test(unit) === true));
  }

  /** What rows are ordered by is grouped by as well. */
  #grouped(units: readonly Unit[], groups: readonly Reader[], terms: readonly OrderTerm[]): Unit[] {
    const reads = [...groups, ...terms.filter(({ isAggregate }) => !isAggregate).map(({ read }) => read)];
    const byKey = new Map<string, Unit>();
    for (const unit of units) {
      const key = JSON.stringify(reads.map((read) => read(unit)));
      const { joined, group } = byKey.get(key) ?? { joined: unit.joined, group: [] };
      byKey.set(key, { joined, group: [...group, unit.joined] });
    }
    return [...byKey.values()];
  }

  #reader(name: string): Reader {
    const annotation = this.#annotations.get(name);
    if (annotation) return (unit) => shown(annotation.read(unit), annotation.column.kind);
    const { joins } = this.#context;
    const { links, column } = parsePath(this.#query.model, name);
    const place = links.reduce((at, link) => joins.step(at, link, null), 0);
    return ({ joined }) => joined[place]?.[column] ?? null;
  }
}

function namesIn(value: Extract<Condition, { key: unknown }>["value"]): string[] {
  return "expression" in value && "f" in value.expression ? [value.expression.f] : [];
}

/** DISTINCT looks at what is ordered by as well. */
function unique(rows: readonly Made[]): Made[] {
  return [...new Map(rows.map((row) => [JSON.stringify([row.values, row.keys]), row])).values()];
}

/** A computed value in the form that both sides are compared in. */
export function shown(value: unknown, kind: Kind): unknown {
  if (value === null) return null;
  if (kind === "decimal" || kind === "float") return Math.round(Number(value) * 1e9) / 1e9;
  return kind === "datetime" ? String(value).replace(".000000Z", "Z") : value;
}
