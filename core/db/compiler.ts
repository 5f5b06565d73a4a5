import { FieldError } from "../exceptions.ts";
import type { BoundAnnotation } from "./annotations.ts";
import { type Connection, quoteName } from "./backends/base.ts";
import type { Condition, Group, Leaf, SubQuery } from "./conditions.ts";
import { Combined, type Expression, FExpression, Value } from "./expressions.ts";
import type { Field } from "./field.ts";
import { type FieldPath, walkPath } from "./lookup_path.ts";
import { collated, type Operand, writeOperator, writeTransform } from "./lookups.ts";
import type { ModelClass } from "./models.ts";
import { type Joined, Source, stepsOf } from "./query_source.ts";
import type { QueryState } from "./query_state.ts";

/** A parameter of a compiled statement: which of the query's values it is made from, and how. */
export interface Slot {
  index: number;
  convert(value: unknown): unknown;
}

/** A column or an expression as SQL. */
export interface Column extends Operand {
  /** It may be NULL, if only because there is no row. */
  nullable: boolean;
}

const same = (value: unknown) => value;

/**
 * Writes one statement: the SQL of a query's shape, with a slot for each value.
 *
 * Values are known by the object that holds them (a condition, a `Value`), whose place `indexOf` gives; see
 * {@link collectValues}.
 */
export class Compiler {
  readonly connection: Connection;
  readonly slots: Slot[] = [];
  readonly #indexOf: ReadonlyMap<object, number>;
  #aliases = 0;

  constructor(connection: Connection, indexOf: ReadonlyMap<object, number>) {
    this.connection = connection;
    this.#indexOf = indexOf;
  }

  /** Adds a parameter; gives its placeholder. */
  param(holder: object, convert: (value: unknown) => unknown, offset = 0): string {
    this.slots.push({ index: (this.#indexOf.get(holder) as number) + offset, convert });
    return this.connection.placeholder(this.slots.length);
  }

  nextAlias(): string {
    return `T${++this.#aliases}`;
  }

  /** Where a query of a model begins: its table under its own name, or under an alias inside another query. */
  source(model: ModelClass, alias?: string): Source {
    return new Source(this, model._meta.dbTable, alias ?? model._meta.dbTable).ofModel(model);
  }

  /** ` WHERE …`, or nothing. */
  where(state: QueryState, source: Source, extra: readonly string[] = []): string {
    const place = { annotations: state.annotations, source, base: source.base, negated: false, local: null };
    const conditions = state.where.map((condition) => this.#condition(condition, place));
    if (state.isEmpty) conditions.push("1 = 0");
    const all = [...extra, ...conditions.filter((sql) => sql !== "")];
    return all.length === 0 ? "" : ` WHERE ${all.join(" AND ")}`;
  }

  #condition(condition: Condition, place: Place): string {
    return condition.type === "leaf" ? this.#leaf(condition, place) : this.#group(condition, place);
  }

  #group({ connector, negated, children, scope }: Group, place: Place): string {
    const local = scope ? new Map<string, Joined>() : place.local;
    const inner = { ...place, local, negated: place.negated || negated };
    const parts = children.map((child) => this.#condition(child, inner)).filter((sql) => sql !== "");
    if (parts.length === 0) return "";
    const joined = parts.length === 1 ? parts[0] : `(${parts.join(connector === "and" ? " AND " : " OR ")})`;
    return negated ? `NOT (${joined})` : joined;
  }

  #leaf(leaf: Leaf, place: Place): string {
    const { lookup } = leaf;
    if (leaf.annotation !== undefined) {
      const column = this.annotation(place.annotations.get(leaf.annotation) as BoundAnnotation, place.source);
      return this.#comparison(leaf, column, place);
    }
    if (place.negated && lookup.toMany) return this.#leafOfSomeRow(leaf, place);
    return this.#comparison(leaf, this.column(lookup, place.source, place.local, place.base), place);
  }

  /** Under a NOT a relation to many is asked as a whole: whether there is a row of which the condition holds. */
  #leafOfSomeRow(leaf: Leaf, place: Place): string {
    const { form } = leaf;
    if (leaf.lookup.operator !== "isnull") {
      return this.#someRow(leaf.lookup, place, (column) =>
        this.#comparison(leaf, column, { ...place, negated: false }),
      );
    }
    const found = this.#someRow(leaf.lookup, place, ({ sql }) => `${sql} IS NOT NULL`);
    if (form === "false") return found;
    return `(NOT ${this.#someRow(leaf.lookup, place, () => "")} OR ${this.#someRow(leaf.lookup, place, ({ sql }) => `${sql} IS NULL`)})`;
  }

  #someRow(path: FieldPath, { source, base }: Place, condition: (column: Column) => string): string {
    const { from, column } = this.#relatedRows(path, source, base);
    const sql = condition(column);
    return `EXISTS (SELECT 1 ${from()}${sql === "" ? "" : ` AND ${sql}`})`;
  }

  /** The rows at the other side of a path, as a subquery that belongs to the row of the outer query. */
  #relatedRows(path: FieldPath, outer: Source, base: Joined): { inner: Source; column: Column; from: () => string } {
    const steps = stepsOf(path.relations);
    const first = steps.findIndex((step) => step.isMany);
    const start = outer.follow(steps.slice(0, first), base, null);
    const { hop } = steps[first];
    const inner = outer.child(hop.table, this.nextAlias());
    inner.know(start, steps[first]);
    const link = `${inner.base.sql}.${quoteName(hop.to)} = ${start.sql}.${quoteName(hop.from)}`;
    const column = this.#columnAt(inner, inner.base, steps.slice(first + 1), path.field, null);
    return { inner, column, from: () => `FROM ${inner.sql} WHERE ${link}` };
  }

  /** A column, with the JOINs that it takes. `local` holds the relations to many of the same `filter()`. */
  column(path: FieldPath, source: Source, local: Map<string, Joined> | null = null, base = source.base): Column {
    return this.#columnAt(source, base, stepsOf(path.relations), path.field, local);
  }

  #columnAt(
    source: Source,
    from: Joined,
    steps: ReturnType<typeof stepsOf>,
    field: Field,
    local: Map<string, Joined> | null,
  ): Column {
    const last = steps.at(-1);
    const isSpared = last?.hop.isReference && last.hop.to === field.column;
    const at = source.follow(isSpared ? steps.slice(0, -1) : steps, from, local);
    const sql = `${at.sql}.${quoteName(isSpared ? last.hop.from : field.column)}`;
    return this.operand(field, sql, at.isOuter || field.null || (isSpared === true && last.isNullable));
  }

  operand(field: Field, sql: string, nullable: boolean): Column {
    const { vendor } = this.connection;
    return { sql, field, nullable, toParam: (value) => field.toLookup(value, vendor) };
  }

  #comparison(leaf: Leaf, column: Column, place: Place): string {
    const { operator } = leaf.lookup;
    const isNull = operator === "isnull" ? leaf.form === "true" : leaf.form === "null" ? true : null;
    if (isNull !== null) return `${column.sql} IS ${isNull ? "NULL" : "NOT NULL"}`;
    if (leaf.form === "empty") return "1 = 0";
    const sql = this.#operation(leaf, this.#transformed(leaf, column), place);
    // NULL is neither equal nor different in SQL; under a NOT it would take the row away that exclude() keeps.
    return place.negated && column.nullable ? `(${sql} AND ${column.sql} IS NOT NULL)` : sql;
  }

  #transformed({ lookup }: Leaf, column: Column): Operand {
    const { vendor } = this.connection;
    return lookup.transforms.reduce<Operand>((operand, name) => writeTransform(name, operand, vendor), column);
  }

  #operation(leaf: Leaf, operand: Operand, place: Place): string {
    const { operator } = leaf.lookup;
    const { vendor, collation } = this.connection;
    if (leaf.form === "query") return `${operand.sql} IN (${this.subQuery(leaf.value as SubQuery)})`;
    let param = (convert: (value: unknown) => unknown) => this.param(leaf, convert);
    if (leaf.form === "expression") {
      const symbol = ({ exact: "=", gt: ">", gte: ">=", lt: "<", lte: "<=" } as Record<string, string>)[operator];
      if (symbol)
        return `${operand.sql} ${symbol} ${this.expression(leaf.value as Expression, place.source, operand.field)}`;
      param = () => {
        throw new FieldError(`"${leaf.lookup.key}" cannot be compared with an expression.`);
      };
    }
    return writeOperator(operator, operand, { vendor, collation, param });
  }

  /** The keys that another query gives, or its only column. */
  subQuery({ queryState: state }: SubQuery): string {
    const source = this.source(state.model, this.nextAlias());
    const [name = "pk", ...more] = state.values ?? [];
    if (more.length > 0) throw new FieldError("A queryset in a condition must give one column.");
    const column = this.column(walkPath(state.model, name).path, source);
    const where = this.where(state, source);
    const order = state.isSliced ? this.orderBy(state, source) : "";
    return `SELECT ${column.sql} FROM ${source.sql}${where}${order}${this.slice(state)}`;
  }

  /** What an expression computes. `field` is the column that it is compared with or stored in. */
  expression(expression: Expression, source: Source, field: Field | null): string {
    const { vendor } = this.connection;
    if (expression instanceof Value) {
      const convert = (value: unknown) => (field ? field.toLookup(value, vendor) : value);
      return this.param(expression, convert);
    }
    if (expression instanceof FExpression)
      return this.column(walkPath(source.model(), expression.path).path, source).sql;
    if (expression instanceof Combined) {
      const [left, right] = [expression.left, expression.right].map((side) => this.expression(side, source, field));
      return `(${left} ${expression.operator} ${right})`;
    }
    throw new FieldError("This expression cannot be used here.");
  }

  /** What a column is set to: a value must fit it. */
  assigned(expression: Expression, source: Source, field: Field): string {
    if (!(expression instanceof Value)) return this.expression(expression, source, field);
    return this.param(expression, (value) => field.toDb(value, this.connection.vendor));
  }

  /** An annotation as a subquery of its own, so that several do not multiply each other's rows. */
  annotation(bound: BoundAnnotation, source: Source): Column {
    const { inner, column, from } = this.#relatedRows(bound.path, source, source.base);
    const place = { annotations: new Map(), source: inner, base: source.base, negated: false, local: null };
    const filter = bound.filter ? this.#condition({ ...bound.filter, scope: false }, place) : "";
    const rows = `${from()}${filter === "" ? "" : ` AND ${filter}`}`;
    if (bound.name === "EXISTS") return this.#computed(`EXISTS (SELECT 1 ${rows})`, false);
    const argument = `${bound.distinct ? "DISTINCT " : ""}${column.sql}`;
    return this.#computed(`(SELECT ${bound.name}(${argument}) ${rows})`, bound.name !== "COUNT");
  }

  #computed(sql: string, nullable: boolean): Column {
    return { sql, field: null, nullable, toParam: same };
  }

  /** ` ORDER BY …`, or nothing. */
  orderBy(state: QueryState, source: Source): string {
    const terms = this.orderTerms(state, source).map(({ sql, suffix }) => `${sql}${suffix}`);
    return terms.length === 0 ? "" : ` ORDER BY ${terms.join(", ")}`;
  }

  /** What to order by, without and with its direction. */
  orderTerms(state: QueryState, source: Source): { sql: string; suffix: string }[] {
    const names = state.order ?? state.model._meta.ordering;
    return names.flatMap((name) => this.#orderTerm(state, source, name, state.reversed));
  }

  #orderTerm(state: QueryState, source: Source, term: string, reversed: boolean): { sql: string; suffix: string }[] {
    if (term === "?") return [{ sql: "RANDOM()", suffix: "" }];
    const [sign, name] = /^[-+]/.test(term) ? [term[0], term.slice(1)] : ["", term];
    const descending = (sign === "-") !== reversed;
    const annotation = state.annotations.get(name);
    if (annotation) return [this.#directed(this.annotation(annotation, source), descending)];
    const { path } = walkOrder(state.model, name);
    const inherited = relatedOrdering(path, name);
    if (inherited)
      return inherited.flatMap((inner) => this.#orderTerm(state, source, prefixed(name, inner), descending));
    return [this.#directed(this.column(path, source), descending)];
  }

  /** With NULLS FIRST or LAST only where the database would do otherwise: an index may not help any more. */
  #directed(column: Column, descending: boolean): { sql: string; suffix: string } {
    const { orderingNulls, vendor } = this.connection;
    const sql = collated(column, this.connection);
    const direction = descending ? " DESC" : "";
    const natural = vendor === "sqlite" ? "lowest" : "highest";
    if (!column.nullable || orderingNulls === "database" || orderingNulls === natural)
      return { sql, suffix: direction };
    const first = (orderingNulls === "lowest") !== descending;
    return { sql, suffix: `${direction} NULLS ${first ? "FIRST" : "LAST"}` };
  }

  /** ` LIMIT … OFFSET …`, or nothing. SQLite knows no OFFSET without a LIMIT. */
  slice(state: QueryState): string {
    const limit = state.stop === null ? "" : ` LIMIT ${this.param(state, same)}`;
    if (state.start === 0) return limit;
    const all = this.connection.vendor === "sqlite" ? " LIMIT -1" : "";
    return `${limit || all} OFFSET ${this.param(state, same, 1)}`;
  }
}

/** Where a condition stands. */
interface Place {
  annotations: QueryState["annotations"];
  source: Source;
  /** Where paths begin: inside a subquery still at the table of the query around it. */
  base: Joined;
  /** Some NOT stands above. */
  negated: boolean;
  local: Map<string, Joined> | null;
}

/** Throws a FieldError where what follows the field is no name. */
export function walkOrder(model: ModelClass, name: string): { path: FieldPath } {
  const { path, rest } = walkPath(model, name);
  if (rest.length === 0) return { path };
  throw new FieldError(`Cannot order ${model._meta.label} by "${name}": "${rest.join("__")}" is no field.`);
}

/** Who orders by a relation means the other model's own ordering, as in Django; who means the key writes `authorId`. */
function relatedOrdering(path: FieldPath, name: string): readonly string[] | null {
  const last = name.split("__").at(-1);
  const { field, relations } = path;
  const relation = relations.at(-1);
  if (field.isForeignKey && field.name === last) return nonEmpty(field.relatedModel._meta.ordering);
  return relation && relation.name === last ? nonEmpty(relation.model._meta.ordering) : null;
}

function nonEmpty(names: readonly string[]): readonly string[] | null {
  return names.length === 0 ? null : names;
}

function prefixed(prefix: string, term: string): string {
  return term.startsWith("-") ? `-${prefix}__${term.slice(1)}` : `${prefix}__${term}`;
}
