// django.db.models.expressions, aggregates and Q: what stands in a query besides plain values.
import { FieldError } from "../exceptions.ts";

/** What a condition may be: lookups that must all hold, or a {@link Q}. */
export type ConditionInput = object;

/**
 * Conditions as a value, to be joined by `and`, `or` and `not`.
 *
 * @example
 * Book.objects.filter(Q({ title__icontains: "sea" }).or({ author__name: "Ana" }));
 * Book.objects.filter(Q({ status: "draft" }).not());
 */
export class QNode {
  readonly connector: "and" | "or";
  readonly negated: boolean;
  readonly children: readonly ConditionInput[];

  constructor(connector: "and" | "or", children: readonly ConditionInput[], negated = false) {
    this.connector = connector;
    this.children = children;
    this.negated = negated;
  }

  and(...others: readonly ConditionInput[]): QNode {
    return new QNode("and", [this, ...others]);
  }

  or(...others: readonly ConditionInput[]): QNode {
    return new QNode("or", [this, ...others]);
  }

  not(): QNode {
    return new QNode("and", [this], true);
  }
}

/** Lookups that must all hold, as a value; see {@link QNode}. */
export function Q(conditions: ConditionInput = {}): QNode {
  return new QNode("and", [conditions]);
}

/** What SQL computes. `walk` visits every part that holds a value, always in the same order. */
export abstract class Expression {
  /** Tells this expression from others of another SQL, whatever the values are. */
  abstract readonly shape: string;

  add(other: unknown): Combined {
    return new Combined("+", this, other);
  }

  subtract(other: unknown): Combined {
    return new Combined("-", this, other);
  }

  multiply(other: unknown): Combined {
    return new Combined("*", this, other);
  }

  divide(other: unknown): Combined {
    return new Combined("/", this, other);
  }
}

/** A column of the same row: `F("price")`, `F("author__bornOn")`. */
export class FExpression extends Expression {
  readonly path: string;

  constructor(path: string) {
    super();
    this.path = path;
  }

  get shape(): string {
    return `F(${this.path})`;
  }
}

/**
 * The value of a column, computed by the database.
 *
 * @example
 * await Book.objects.filter({ id: 1 }).update({ stock: F("stock").subtract(1) });
 */
export function F(path: string): FExpression {
  return new FExpression(path);
}

/** A value inside an expression. */
export class Value extends Expression {
  readonly value: unknown;

  constructor(value: unknown) {
    super();
    if (value === undefined) throw new FieldError("An expression cannot be made with undefined.");
    this.value = value;
  }

  get shape(): string {
    return "V";
  }
}

/** Two expressions and what is between them. */
export class Combined extends Expression {
  readonly operator: "+" | "-" | "*" | "/";
  readonly left: Expression;
  readonly right: Expression;

  constructor(operator: "+" | "-" | "*" | "/", left: unknown, right: unknown) {
    super();
    this.operator = operator;
    this.left = toExpression(left);
    this.right = toExpression(right);
  }

  get shape(): string {
    return `(${this.left.shape}${this.operator}${this.right.shape})`;
  }
}

export function toExpression(value: unknown): Expression {
  return value instanceof Expression ? value : new Value(value);
}

/** The SQL functions that make one value of many rows. */
export type AggregateName = "COUNT" | "SUM" | "AVG" | "MIN" | "MAX";

/** How an aggregate counts. */
export interface AggregateOptions {
  /** Each value counts once. */
  distinct?: boolean;
  /** Only rows of which this holds count; its lookups begin at the model, as those of `filter()` do. */
  filter?: ConditionInput;
}

/**
 * One value made of the rows at the other side of a relation. `T` is the type of the result where it does not depend on
 * the field.
 */
export class Aggregate<P extends string = string, N extends AggregateName = AggregateName> {
  readonly name: N;
  readonly path: P;
  readonly distinct: boolean;
  readonly filter: ConditionInput | null;

  constructor(name: N, path: P, { distinct = false, filter }: AggregateOptions = {}) {
    this.name = name;
    this.path = path;
    this.distinct = distinct;
    this.filter = filter ?? null;
  }
}

/** How many: `Count("reviews")`. */
export function Count<const P extends string>(path: P, options?: AggregateOptions): Aggregate<P, "COUNT"> {
  return new Aggregate("COUNT", path, options);
}

/** The sum, null of nothing: `Sum("items__quantity")`. */
export function Sum<const P extends string>(path: P, options?: AggregateOptions): Aggregate<P, "SUM"> {
  return new Aggregate("SUM", path, options);
}

/** The mean, null of nothing: `Avg("reviews__stars")`. */
export function Avg<const P extends string>(path: P, options?: AggregateOptions): Aggregate<P, "AVG"> {
  return new Aggregate("AVG", path, options);
}

/** The least value, null of nothing. */
export function Min<const P extends string>(path: P, options?: AggregateOptions): Aggregate<P, "MIN"> {
  return new Aggregate("MIN", path, options);
}

/** The greatest value, null of nothing. */
export function Max<const P extends string>(path: P, options?: AggregateOptions): Aggregate<P, "MAX"> {
  return new Aggregate("MAX", path, options);
}

/**
 * Whether there is a row at the other side of a relation: `Exists("reviews")`, `Exists("reviews", { filter: { … } })`.
 */
export class ExistsExpression {
  readonly path: string;
  readonly filter: ConditionInput | null;

  constructor(path: string, { filter }: Pick<AggregateOptions, "filter"> = {}) {
    this.path = path;
    this.filter = filter ?? null;
  }
}

/** Whether there is a row at the other side of a relation; see {@link ExistsExpression}. */
export function Exists(path: string, options?: Pick<AggregateOptions, "filter">): ExistsExpression {
  return new ExistsExpression(path, options);
}

/** What `annotate()` takes. */
export type Annotation = Aggregate | ExistsExpression;
