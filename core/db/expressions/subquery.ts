// Subquery, Exists and OuterRef of django.db.models.expressions.
import { FieldError } from "../../exceptions.ts";
import type { Field } from "../fields/field.ts";
import type { SubQuery } from "../sql/query_state.ts";
import {
  type Binder,
  BoundExpression,
  type BoundQuery,
  Expression,
  type Is,
  type OutputField,
  type PathOf,
  type Visit,
  type Writer,
} from "./base.ts";
import { plainOutput } from "./outputs.ts";

/** The rows of a query, for types only. */
interface RowsOf<Row> extends SubQuery, PromiseLike<Row[]> {}

/** The type of a subquery's only column. */
type ColumnOf<Row> = Row extends readonly [infer V] ? V : Row extends Record<string, infer V> ? V : Row;

/** One value of another query; see {@link Subquery}. */
export class SubqueryExpression<R = unknown> extends Expression<R> {
  readonly query: SubQuery;
  readonly outputField: OutputField | undefined;

  constructor(query: SubQuery, outputField?: OutputField) {
    super();
    this.query = query;
    this.outputField = outputField;
  }

  bind(binder: Binder): BoundExpression {
    return new BoundSubquery(binder.query(this.query), this.outputField?.field);
  }
}

class BoundSubquery extends BoundExpression {
  readonly output: Field | null;
  readonly #query: BoundQuery;

  constructor(query: BoundQuery, output: Field | undefined) {
    super();
    this.#query = query;
    this.output = output ?? query.output;
  }

  get shape(): string {
    return `(${this.#query.shape})`;
  }

  override visit(visit: Visit): void {
    this.#query.visit(visit);
  }

  write(writer: Writer): string {
    return `(${writer.query(this.#query, "column")})`;
  }
}

/**
 * The only column of another query's first row; null where it has none.
 *
 * @example
 * const newest = Review.objects.filter({ book: OuterRef("pk") }).orderBy("-createdAt");
 * Book.objects.annotate({ newestReview: Subquery(newest.valuesList("text", { flat: true }).slice(0, 1)) });
 */
export function Subquery<Row, T = never>(
  query: RowsOf<Row>,
  options: { outputField?: OutputField<T> } = {},
): SubqueryExpression<Is<([T] extends [never] ? ColumnOf<Row> : T) | null>> {
  return new SubqueryExpression(query, options.outputField);
}

/** Whether another query gives any row; see {@link Exists}. */
export class ExistsExpression extends Expression<Is<boolean>> {
  readonly query: SubQuery;
  readonly negated: boolean;

  constructor(query: SubQuery, negated = false) {
    super();
    this.query = query;
    this.negated = negated;
  }

  /** Whether it gives none. */
  not(): ExistsExpression {
    return new ExistsExpression(this.query, !this.negated);
  }

  bind(binder: Binder): BoundExpression {
    return new BoundExists(binder.query(this.query), this.negated);
  }
}

class BoundExists extends BoundExpression {
  readonly output = plainOutput("BooleanField");
  readonly #query: BoundQuery;
  readonly #negated: boolean;

  constructor(query: BoundQuery, negated: boolean) {
    super();
    this.#query = query;
    this.#negated = negated;
  }

  get shape(): string {
    return `${this.#negated ? "!" : ""}Exists(${this.#query.shape})`;
  }

  override get nullable(): boolean {
    return false;
  }

  override visit(visit: Visit): void {
    this.#query.visit(visit);
  }

  write(writer: Writer): string {
    const exists = `EXISTS (${writer.query(this.#query, "one")})`;
    return this.#negated ? `(NOT ${exists})` : exists;
  }
}

/**
 * Whether another query gives any row. It may be a condition of `filter()` as well.
 *
 * @example Book.objects.filter(Exists(Review.objects.filter({ book: OuterRef("pk"), stars: 5 })));
 */
export function Exists(query: SubQuery): ExistsExpression {
  return new ExistsExpression(query);
}

/** A column of the query around the one that it stands in; see {@link OuterRef}. */
export class OuterRefExpression extends Expression<PathOf<string>> {
  readonly path: string;
  readonly levels: number;

  constructor(path: string, levels: number) {
    super();
    this.path = path;
    this.levels = levels;
  }

  bind(): BoundExpression {
    return new BoundOuterRef(this.path, this.levels);
  }
}

class BoundOuterRef extends BoundExpression {
  readonly output = null;
  readonly path: string;
  readonly levels: number;

  constructor(path: string, levels: number) {
    super();
    this.path = path;
    this.levels = levels;
  }

  get shape(): string {
    return `Outer(${this.levels} ${this.path})`;
  }

  write(writer: Writer): string {
    return writer.outer(this.path, this.levels);
  }
}

/**
 * In a query that {@link Subquery} or {@link Exists} takes: a column of the query around it. `OuterRef(OuterRef("pk"))`
 * is one of the query around that.
 */
export function OuterRef(path: string | OuterRefExpression): OuterRefExpression {
  if (typeof path === "string") return new OuterRefExpression(path, 1);
  if (path instanceof OuterRefExpression) return new OuterRefExpression(path.path, path.levels + 1);
  throw new FieldError("OuterRef() takes the name of a field of the outer query.");
}
