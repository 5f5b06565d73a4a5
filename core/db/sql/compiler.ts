import { type Connection, quoteName } from "../backends/base.ts";
import { type BoundExpression, BoundValue } from "../expressions/base.ts";
import type { Field } from "../fields/field.ts";
import { type Operand, writeTransform } from "../lookups.ts";
import type { ModelClass } from "../models.ts";
import { joinCondition } from "../related/relations.ts";
import { writeCondition } from "./condition_writer.ts";
import type { Condition } from "./conditions.ts";
import { ExpressionWriter } from "./expression_writer.ts";
import type { FieldPath } from "./lookup_path.ts";
import type { Column, Frame, Place } from "./place.ts";
import { type Joined, Source, type Step, stepsOf } from "./query_source.ts";
import type { QueryState } from "./query_state.ts";
import { indexValues } from "./query_values.ts";
import { type SubQueryColumn, writeSubQuery } from "./select.ts";

/** A parameter of a compiled statement: which of the query's values it is made from, and how. */
export interface Slot {
  index: number;
  convert(value: unknown): unknown;
}

const same = (value: unknown) => value;

/** Stands for a parameter until the whole statement is known. No name and no literal contains NUL. */
const marker = /\0(\d+)\0/g;

/**
 * Writes one statement: the SQL of a query's shape, with a slot for each value.
 *
 * Values are known by the object that holds them (a condition, a value, the query itself); see {@link indexValues}.
 * Parts may be written in any order, and be used twice: {@link statement} numbers the parameters at the end.
 */
export class Compiler {
  readonly connection: Connection;
  readonly #slots: Slot[] = [];
  readonly #indexOf: ReadonlyMap<object, number>;
  #aliases = 0;

  constructor(connection: Connection, indexOf: ReadonlyMap<object, number>) {
    this.connection = connection;
    this.#indexOf = indexOf;
  }

  /** The compiler of one query's statement. */
  static of(connection: Connection, state: QueryState, assigned: readonly BoundExpression[] = []): Compiler {
    return new Compiler(connection, indexValues(state, assigned));
  }

  /** Adds a parameter; gives what stands for it until {@link statement}. */
  param(holder: object, convert: (value: unknown) => unknown, offset = 0): string {
    const index = (this.#indexOf.get(holder) as number) + offset;
    return `\0${this.#slots.push({ index, convert }) - 1}\0`;
  }

  /**
   * The finished SQL, and its parameters in the order in which they stand there. PostgreSQL, whose parameters have
   * numbers, is given one once: it takes `$1` and `$2` for different values, in GROUP BY for one.
   */
  statement(text: string): { sql: string; slots: readonly Slot[] } {
    const slots: Slot[] = [];
    const numbers = new Map<string, number>();
    const sql = text.replace(marker, (_, position: string) => {
      const known = this.connection.vendor === "postgresql" ? numbers.get(position) : undefined;
      const number = known ?? slots.push(this.#slots[Number(position)]);
      numbers.set(position, number);
      return this.connection.placeholder(number);
    });
    return { sql, slots };
  }

  nextAlias(): string {
    return `T${++this.#aliases}`;
  }

  /** Where a query of a model begins: its table under its own name, or under an alias inside another query. */
  source(model: ModelClass, alias?: string): Source {
    return new Source(this, model._meta.dbTable, alias ?? model._meta.dbTable);
  }

  /** Begins to write a query: a statement of its own, or a part of another one. */
  frame(state: QueryState, outer: Frame | null = null, alias?: string): Frame {
    return { state, source: this.source(state.model, alias), outer };
  }

  expression(expression: BoundExpression, place: Place): string {
    return expression.write(new ExpressionWriter(this, { ...place, required: false }));
  }

  condition(condition: Condition, place: Place): string {
    return writeCondition(this, condition, place);
  }

  /** Another query as part of this statement. */
  subQuery(state: QueryState, outer: Frame | null, what: SubQueryColumn): string {
    return writeSubQuery(this, state, outer, what);
  }

  /** A column, with the JOINs that it takes. */
  columnAt(path: FieldPath, { source, base, local }: Place): Column {
    return this.column(path, source, local, base);
  }

  column(path: FieldPath, source: Source, local: Map<string, Joined> | null = null, base = source.base): Column {
    return this.#follow(source, base, stepsOf(path.relations), path.field, local);
  }

  #follow(
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
    const nullable = at.isOuter || field.null || (isSpared === true && last.isNullable);
    return { ...this.operand(field, sql, nullable), joined: at };
  }

  operand(field: Field, sql: string, nullable: boolean): Column {
    const { vendor } = this.connection;
    return { sql, field, nullable, toParam: (value) => field.toLookup(value, vendor) };
  }

  transformed(column: Operand, transforms: readonly string[]): Operand {
    const { vendor } = this.connection;
    return transforms.reduce((operand, name) => writeTransform(name, operand, vendor), column);
  }

  /**
   * The rows at the other side of a path, as a FROM clause whose rows belong to the row of the query around it by `link`.
   */
  relatedRows(path: FieldPath, { source, base }: Place, steps: readonly Step[] = stepsOf(path.relations)) {
    const first = steps.findIndex((step) => step.isMany);
    const { hop, key } = steps[first];
    const start = source.follow(steps.slice(0, first), base, null);
    const inner = source.child(hop.table, this.nextAlias());
    inner.know(start, steps[first]);
    const link = joinCondition(hop, start.sql, inner.base.sql);
    const column = () => this.#follow(inner, inner.base, steps.slice(first + 1), path.field, null);
    const given = new Map([[`${start.sql}${key}`, inner.base]]);
    return { inner, link, step: key, given, column };
  }

  /** The row of the path's first relation to many that the same `filter()` has joined, and the steps that go on from there. */
  knownRow(
    path: FieldPath,
    { source, base, local }: Place,
  ): { row: Joined; steps: readonly Step[]; toMany: boolean } | null {
    if (!local) return null;
    const steps = stepsOf(path.relations);
    const first = steps.findIndex((step) => step.isMany);
    const start = source.follow(steps.slice(0, first), base, null);
    const row = local.get(`${start.sql}${steps[first].key}`);
    const rest = steps.slice(first + 1);
    return row ? { row, steps: rest, toMany: rest.some((step) => step.isMany) } : null;
  }

  /** What a column is set to: a value must fit it. */
  assigned(expression: BoundExpression, place: Place, field: Field): string {
    if (!(expression instanceof BoundValue) || expression.value === null) return this.expression(expression, place);
    return this.param(expression, (value) => field.toDb(value, this.connection.vendor));
  }

  /** ` LIMIT … OFFSET …`, or nothing. SQLite knows no OFFSET without a LIMIT. */
  slice(state: QueryState): string {
    const sqlite = this.connection.vendor === "sqlite";
    // SQLite plans a statement again each time that a bare parameter of LIMIT is bound, which takes longer than a get().
    const limit = state.stop === null ? "" : ` LIMIT ${sqlite ? "+" : ""}${this.param(state, same)}`;
    if (state.start === 0) return limit;
    const all = sqlite ? " LIMIT -1" : "";
    return `${limit || all} OFFSET ${this.param(state, same, 1)}`;
  }
}
