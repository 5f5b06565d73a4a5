// django.db.models.aggregates: one value made of many rows.
import { FieldError } from "../../exceptions.ts";
import type { Field } from "../fields/field.ts";
import { isTextField } from "../lookups/operand.ts";
import {
  type Binder,
  type BoundAggregation,
  BoundExpression,
  type BoundOrder,
  bindOrder,
  Expression,
  F,
  type Is,
  type MeanOf,
  type OrderBy,
  type OrNull,
  type PathOf,
  toExpression,
  type Writer,
} from "./base.ts";
import { isInteger, outputOf, plainOutput } from "./outputs.ts";
import type { ConditionInput } from "./q.ts";

/** How an aggregate counts. */
export interface AggregateOptions {
  /** Each value counts once. */
  distinct?: boolean;
  /** Only rows of which this holds count; its lookups begin at the model, as those of `filter()` do. */
  filter?: ConditionInput;
  /** The result where there are no rows, instead of null. */
  default?: unknown;
  /** The order in which values are taken, where that matters. */
  orderBy?: AggregateOrder | readonly AggregateOrder[];
}

type AggregateOrder = string | Expression | OrderBy;

/** What an aggregate is made of: the path of a column or of a relation, or an expression. */
export type AggregateArgument = string | Expression;

/** The type of such an argument. */
export type ArgumentOf<A> = A extends string ? PathOf<A> : A extends Expression<infer R> ? R : Is<A>;

/** What stands between the parentheses of an aggregate. */
export interface AggregateParts {
  /** `DISTINCT `, or nothing. */
  distinct: string;
  argument: string;
  /** ` ORDER BY …`, or nothing. */
  order: string;
  /** The kind of the argument. */
  input: Field | null;
}

/** How one aggregate function is written, and what it gives. */
export interface AggregateKind {
  sql(parts: AggregateParts, writer: Writer): string;
  output(argument: Field | null): Field | null;
}

/** One value made of many rows. `R` is the type of the result; see {@link Expression}. */
export class Aggregate<R = unknown> extends Expression<R> {
  readonly name: string;
  readonly kind: AggregateKind;
  readonly argument: AggregateArgument;
  readonly options: AggregateOptions;

  constructor(name: string, kind: AggregateKind, argument: AggregateArgument, options: AggregateOptions = {}) {
    super();
    this.name = name;
    this.kind = kind;
    this.argument = argument;
    this.options = options;
  }

  bind(binder: Binder): BoundExpression {
    const { argument, options } = this;
    const isRow = argument === "*";
    const bound = isRow ? null : (typeof argument === "string" ? F(argument) : argument).bind(binder);
    const filter = options.filter ? binder.condition(options.filter) : null;
    const terms = [options.orderBy ?? []].flat() as AggregateOrder[];
    const order = terms.map((term) => bindOrder(term, binder));
    const aggregate = new BoundAggregate(this, bound, filter, order);
    if (options.default === undefined) return aggregate;
    return new Defaulted(aggregate, toExpression(options.default).bind(binder).as(aggregate.output));
  }
}

class BoundAggregate extends BoundExpression implements BoundAggregation {
  readonly argument: BoundExpression | null;
  readonly filter: BoundExpression | null;
  readonly output: Field | null;
  readonly #definition: Aggregate;
  readonly #order: readonly BoundOrder[];

  constructor(
    definition: Aggregate,
    argument: BoundExpression | null,
    filter: BoundExpression | null,
    order: readonly BoundOrder[],
  ) {
    super([argument, filter, ...order.map(({ expression }) => expression)].filter((child) => child !== null));
    this.#definition = definition;
    this.argument = argument;
    this.filter = filter;
    this.#order = order;
    this.output = definition.kind.output(argument?.output ?? null);
  }

  get shape(): string {
    const { name, options } = this.#definition;
    const order = this.#order.map(({ shape }) => shape).join();
    return `${name}${options.distinct ? " distinct" : ""}(${this.argument?.shape ?? "*"}?${this.filter?.shape ?? ""}^${order})`;
  }

  override get nullable(): boolean {
    return this.#definition.name !== "Count";
  }

  override get isAggregate(): boolean {
    return true;
  }

  call(argument: string, writer: Writer): string {
    const terms = this.#order.map((order) => writer.order(order));
    const order = terms.length === 0 ? "" : ` ORDER BY ${terms.join(", ")}`;
    const { kind, options } = this.#definition;
    const distinct = options.distinct ? "DISTINCT " : "";
    return kind.sql({ distinct, argument, order, input: this.argument?.output ?? null }, writer);
  }

  write(writer: Writer): string {
    return writer.aggregate(this);
  }
}

/** `COALESCE(…, …)` around an aggregate. */
class Defaulted extends BoundExpression {
  readonly output: Field | null;

  constructor(aggregate: BoundExpression, value: BoundExpression) {
    super([aggregate, value]);
    this.output = aggregate.output ?? value.output;
  }

  get shape(): string {
    return `default(${this.children.map(({ shape }) => shape).join()})`;
  }

  override get nullable(): boolean {
    return this.children[1].nullable;
  }

  write(writer: Writer): string {
    return `COALESCE(${this.children.map((child) => child.write(writer)).join(", ")})`;
  }
}

function call(name: string): AggregateKind["sql"] {
  return ({ distinct, argument, order }) => `${name}(${distinct}${argument}${order})`;
}

function plain(field: Field | null): Field | null {
  return field?.isForeignKey ? field.targetField : field;
}

/** Sums of whole numbers are whole, of any size that a number holds; those of decimals keep their places. */
function sumOutput(field: Field | null): Field | null {
  const own = plain(field);
  if (own && isInteger(own)) return plainOutput(own.isWide ? "BigIntegerField" : "BigAutoField");
  if (own?.kind !== "DecimalField") return own;
  return outputOf("DecimalField", { maxDigits: 1000, decimalPlaces: own.options.decimalPlaces });
}

/** The mean of decimals is a decimal and that of durations a duration; everything else's is a number, as in Django. */
function meanOutput(field: Field | null): Field {
  const own = plain(field);
  if (own?.kind === "DurationField") return own;
  return own?.kind === "DecimalField" ? outputOf("DecimalField") : plainOutput("FloatField");
}

const numberOutput = () => plainOutput("BigAutoField");
const floatOutput = (field: Field | null) =>
  plain(field)?.kind === "DecimalField" ? outputOf("DecimalField") : plainOutput("FloatField");

/** What an aggregate gives where its options have a default. */
export type Result<R, O> = O extends { default: infer D } ? (D extends Expression ? R : R | Is<D>) : OrNull<R>;

/** How many rows have a value: `Count("reviews")`, `Count("author", { distinct: true })`; `Count("*")` for all rows. */
export function Count<const A extends AggregateArgument>(
  argument: A,
  options: AggregateOptions = {},
): Aggregate<Is<number>> & Checks<A> {
  if (argument === "*" && options.distinct) throw new FieldError('Count("*") cannot be distinct.');
  return new Aggregate("Count", { sql: call("COUNT"), output: numberOutput }, argument, options) as never;
}

/** Tells the compiler what an aggregate reads, where its result does not. */
export interface Checks<A> {
  readonly "~reads"?: ArgumentOf<A>;
}

/** The sum, null of nothing: `Sum("items__quantity")`, `Sum(F("price").multiply(F("quantity")))`. */
export function Sum<const A extends AggregateArgument, const O extends AggregateOptions>(
  argument: A,
  options?: O,
): Aggregate<Result<ArgumentOf<A>, O>> {
  return new Aggregate("Sum", { sql: call("SUM"), output: sumOutput }, argument, options);
}

/** The mean, null of nothing: `Avg("reviews__stars")`. */
export function Avg<const A extends AggregateArgument, const O extends AggregateOptions>(
  argument: A,
  options?: O,
): Aggregate<Result<MeanOf<ArgumentOf<A>>, O>> {
  return new Aggregate("Avg", { sql: call("AVG"), output: meanOutput }, argument, options);
}

/** The least value, null of nothing. */
export function Min<const A extends AggregateArgument, const O extends AggregateOptions>(
  argument: A,
  options?: O,
): Aggregate<Result<ArgumentOf<A>, O>> {
  return new Aggregate("Min", { sql: call("MIN"), output: plain }, argument, options);
}

/** The greatest value, null of nothing. */
export function Max<const A extends AggregateArgument, const O extends AggregateOptions>(
  argument: A,
  options?: O,
): Aggregate<Result<ArgumentOf<A>, O>> {
  return new Aggregate("Max", { sql: call("MAX"), output: plain }, argument, options);
}

/** How `StdDev` and `Variance` see the rows. */
export interface SampleOptions extends AggregateOptions {
  /** The rows are a sample of more. */
  sample?: boolean;
}

/** The standard deviation, of a population unless `sample` is set. */
export function StdDev<const A extends AggregateArgument, const O extends SampleOptions>(
  argument: A,
  { sample = false, ...options }: SampleOptions = {},
): Aggregate<Result<MeanOf<ArgumentOf<A>>, O>> {
  const name = sample ? "STDDEV_SAMP" : "STDDEV_POP";
  return new Aggregate(name, { sql: call(name), output: floatOutput }, argument, options);
}

/** The variance, of a population unless `sample` is set. */
export function Variance<const A extends AggregateArgument, const O extends SampleOptions>(
  argument: A,
  { sample = false, ...options }: SampleOptions = {},
): Aggregate<Result<MeanOf<ArgumentOf<A>>, O>> {
  const name = sample ? "VAR_SAMP" : "VAR_POP";
  return new Aggregate(name, { sql: call(name), output: floatOutput }, argument, options);
}

/** Texts joined by a delimiter: `StringAgg("authors__name", ", ", { orderBy: "authors__name" })`. */
export function StringAgg<const A extends AggregateArgument, const O extends AggregateOptions>(
  argument: A,
  delimiter: string,
  options?: O,
): Aggregate<Result<Is<string>, O>> {
  const quoted = `'${delimiter.replaceAll("'", "''")}'`;
  if (delimiter.includes("\0")) throw new FieldError("A delimiter cannot contain NUL.");
  const sql: AggregateKind["sql"] = (parts, { vendor }) =>
    vendor === "sqlite" ? groupConcat(parts, quoted) : stringAgg(parts, quoted);
  const kind = { sql, output: () => plainOutput("TextField") };
  return new Aggregate(`StringAgg ${JSON.stringify(delimiter)}`, kind, argument, options);
}

/** SQLite takes no delimiter beside DISTINCT. */
function groupConcat({ distinct, argument, order }: AggregateParts, delimiter: string): string {
  if (distinct === "") return `GROUP_CONCAT(${argument}, ${delimiter}${order})`;
  if (delimiter === "','") return `GROUP_CONCAT(${distinct}${argument}${order})`;
  throw new FieldError('SQLite joins distinct values by "," only.');
}

/** Texts stay as they are: beside DISTINCT, only what is joined may be ordered by. */
function stringAgg({ distinct, argument, order, input }: AggregateParts, delimiter: string): string {
  const text = input && isTextField(input) ? argument : `(${argument})::text`;
  return `STRING_AGG(${distinct}${text}, ${delimiter}${order})`;
}
