// django.db.models.expressions: what stands in a query besides plain values.
import { FieldError } from "../../exceptions.ts";
import type { Field } from "../fields/field.ts";
import type { Vendor } from "../fields/field_types.ts";
import type { FieldDecorator } from "../fields.ts";
import type { FieldPath } from "../sql/lookup_path.ts";
import type { SubQuery } from "../sql/query_state.ts";
import { combinedOutput, isInteger, outputOf, readDecimal, valueOutput } from "./outputs.ts";

/** Told of each value of a query and of the object that holds it. */
export type Visit = (holder: object, value: unknown) => void;

/** The other type of a result than the one that an expression would work out by itself. */
export type OutputField<T = unknown> = FieldDecorator<T>;

// The types of results, as far as they depend on the model that an expression is used with.

/** A result of this type, whatever the model. */
export interface Is<T> {
  readonly is: T;
}

/** The type of what a path leads to. */
export interface PathOf<P extends string> {
  readonly path: P;
}

/** The first type where it is not null, else the next one's. */
export interface FirstOf<R extends readonly unknown[]> {
  readonly firstOf: R;
}

/** The same, or null. */
export interface OrNull<R> {
  readonly orNull: R;
}

/** What `R` describes, or null where one of `A` may be null. */
export interface NullWith<R, A extends readonly unknown[]> {
  readonly result: R;
  readonly nullWith: A;
}

/** An array of these. */
export interface ManyOf<R> {
  readonly manyOf: R;
}

/** The mean of values of that type. */
export interface MeanOf<R> {
  readonly meanOf: R;
}

/**
 * What names in an expression mean: the model's fields and relations, and what the query has annotated. Expressions are
 * made without knowing their model; they are bound when a queryset takes them.
 */
export interface Binder {
  /** What `F(path)` stands for. Throws a FieldError for an unknown name. */
  name(path: string): BoundExpression;
  /** Conditions, as an expression that is true or false. */
  condition(input: object): BoundExpression;
  /** Another query, whose rows the SQL is made of. */
  query(query: SubQuery): BoundQuery;
}

/** A query inside an expression. */
export interface BoundQuery {
  readonly shape: string;
  /** The field of its only column. */
  readonly output: Field | null;
  visit(visit: Visit): void;
}

/** Where an expression is written: it knows the database, the tables that are joined, and what is around. */
export interface Writer {
  readonly vendor: Vendor;
  /** Adds a parameter that is made from a holder's value when the query runs; gives its placeholder. */
  param(holder: object, convert: (value: unknown) => unknown): string;
  /** A column, with the JOINs that it takes. */
  column(path: FieldPath, transforms: readonly string[]): string;
  /** What a path means in the query around this one, `levels` further out. */
  outer(path: string, levels: number): string;
  /** The rows of a query: `SELECT …`, of its column, or of the constant 1. */
  query(query: BoundQuery, what: "column" | "one"): string;
  /** One value made of many rows. */
  aggregate(aggregate: BoundAggregation): string;
  /** An expression whose aggregates speak of the rows that are there: those of a window. */
  grouped(expression: BoundExpression): string;
  /** A term of an ORDER BY. */
  order(order: BoundOrder): string;
  /** The text with the collation that the database's options ask for. */
  collated(expression: BoundExpression): string;
}

/** What a writer must know of an aggregate. */
export interface BoundAggregation {
  readonly argument: BoundExpression | null;
  readonly filter: BoundExpression | null;
  /** The function's call, with the SQL of what it takes. */
  call(argument: string, writer: Writer): string;
}

/**
 * An expression that knows its model: it can be written as SQL, and its result can be read.
 *
 * `shape` tells it from others of another SQL, whatever the values are; `visit` visits every value in an order that
 * depends on the shape only. A new kind of expression extends this and says how it is written.
 */
export abstract class BoundExpression {
  abstract readonly shape: string;
  /** A field of the result's kind, by which it is read and compared; null where that is not known. */
  abstract readonly output: Field | null;
  abstract write(writer: Writer): string;
  readonly children: readonly BoundExpression[];

  constructor(children: readonly BoundExpression[] = []) {
    this.children = children;
  }

  /** The result may be NULL. */
  get nullable(): boolean {
    return true;
  }

  /** It is itself made of many rows. */
  get isAggregate(): boolean {
    return false;
  }

  /** Made of many rows, or with something inside that is. */
  get aggregate(): boolean {
    return this.isAggregate || this.children.some((child) => child.aggregate);
  }

  /** Computed over the rows of the result, or with something inside that is. */
  get window(): boolean {
    return this.children.some((child) => child.window);
  }

  /** The columns that it reads. */
  get paths(): readonly FieldPath[] {
    return this.children.flatMap((child) => child.paths);
  }

  visit(visit: Visit): void {
    for (const child of this.children) child.visit(visit);
  }

  /** Turns what the database gave into a value of ours. */
  read(raw: unknown, vendor: Vendor): unknown {
    if (this.output?.kind === "DecimalField") return readDecimal(this.output, raw, vendor);
    return this.output ? this.output.fromDb(raw, vendor) : raw;
  }

  /** The same expression next to something of that kind: a plain value then is of it as well. */
  as(_field: Field | null): BoundExpression {
    return this;
  }
}

/** How rows are ordered by an expression. */
export interface OrderOptions {
  nullsFirst?: boolean;
  nullsLast?: boolean;
}

/**
 * What SQL computes. `R` describes the type of the result, see {@link Is} and {@link PathOf}.
 *
 * @example Book.objects.annotate({ total: F("price").multiply(F("stock")) });
 */
export abstract class Expression<R = unknown> {
  declare readonly "~result": R;

  /** Looks the names up. Throws a FieldError for an unknown one. */
  abstract bind(binder: Binder): BoundExpression;

  add(other: unknown): Combined<R> {
    return new Combined<R>("+", this, other);
  }

  subtract(other: unknown): Combined<R> {
    return new Combined<R>("-", this, other);
  }

  multiply(other: unknown): Combined<R> {
    return new Combined<R>("*", this, other);
  }

  divide(other: unknown): Combined<R> {
    return new Combined<R>("/", this, other);
  }

  /** What is left of a division. */
  modulo(other: unknown): Combined<R> {
    return new Combined<R>("%", this, other);
  }

  /** `pow()` of Django's expressions: to the power of. */
  power(other: unknown): Combined<R> {
    return new Combined<R>("^", this, other);
  }

  bitAnd(other: unknown): Combined<R> {
    return new Combined<R>("&", this, other);
  }

  bitOr(other: unknown): Combined<R> {
    return new Combined<R>("|", this, other);
  }

  /** The least first. */
  asc(options: OrderOptions = {}): OrderBy {
    return new OrderBy(this, false, options);
  }

  /** The greatest first. */
  desc(options: OrderOptions = {}): OrderBy {
    return new OrderBy(this, true, options);
  }
}

/** A direction to order in: `F("bornOn").desc({ nullsLast: true })`. */
export class OrderBy {
  readonly expression: Expression;
  readonly descending: boolean;
  readonly options: OrderOptions;

  constructor(expression: Expression, descending: boolean, options: OrderOptions = {}) {
    if (options.nullsFirst && options.nullsLast) {
      throw new FieldError("nullsFirst and nullsLast are mutually exclusive.");
    }
    this.expression = expression;
    this.descending = descending;
    this.options = options;
  }
}

/** A direction whose names are looked up. */
export interface BoundOrder {
  readonly expression: BoundExpression;
  readonly descending: boolean;
  /** Where NULL stands; undefined where the database's options decide. */
  readonly nulls: "first" | "last" | undefined;
  readonly shape: string;
}

/** Names are text, `-` for descending; everything else is an expression. */
export function bindOrder(term: string | Expression | OrderBy, binder: Binder): BoundOrder {
  if (typeof term === "string") {
    const name = term.replace(/^[-+]/, "");
    return bindOrder(new OrderBy(new FExpression(name), term.startsWith("-")), binder);
  }
  if (term instanceof Expression) return bindOrder(term.asc(), binder);
  const expression = term.expression.bind(binder);
  const nulls = term.options.nullsFirst ? "first" : term.options.nullsLast ? "last" : undefined;
  const shape = `${expression.shape}${term.descending ? " desc" : ""}${nulls ? ` ${nulls}` : ""}`;
  return { expression, descending: term.descending, nulls, shape };
}

/** A column of the same row, or something that the query has annotated: `F("price")`, `F("author__bornOn__year")`. */
export class FExpression<P extends string = string> extends Expression<PathOf<P>> {
  readonly path: P;

  constructor(path: P) {
    super();
    this.path = path;
  }

  bind(binder: Binder): BoundExpression {
    return binder.name(this.path);
  }
}

/**
 * The value of a column, computed by the database.
 *
 * @example
 * await Book.objects.filter({ id: 1 }).update({ stock: F("stock").subtract(1) });
 */
export function F<const P extends string>(path: P): FExpression<P> {
  return new FExpression(path);
}

/** A value inside an expression; see {@link Value}. */
export class ValueExpression<T = unknown> extends Expression<Is<T>> {
  readonly value: T;
  readonly outputField: OutputField<T> | undefined;

  constructor(value: T, outputField?: OutputField<T>) {
    super();
    if (value === undefined) throw new FieldError("An expression cannot be made with undefined.");
    this.value = value;
    this.outputField = outputField;
  }

  bind(): BoundExpression {
    return new BoundValue(this.value, this.outputField?.field ?? null);
  }
}

/**
 * A value inside an expression. Text, numbers, dates and so on are known for what they are.
 *
 * @param options.outputField the field whose values it is one of: `Value("1.50", { outputField: DecimalField({ … }) })`.
 */
export function Value<const T>(value: T, options: { outputField?: OutputField<T> } = {}): ValueExpression<T> {
  return new ValueExpression(value, options.outputField);
}

/** A value becomes an expression; an expression is one. */
export function toExpression(value: unknown): Expression {
  return value instanceof Expression ? value : new ValueExpression(value);
}

/** A parameter. PostgreSQL is told its type, which it would otherwise guess from what is around. */
export class BoundValue extends BoundExpression {
  readonly value: unknown;
  readonly output: Field | null;
  /** Whether the user said what it is. */
  readonly #given: boolean;

  constructor(value: unknown, output: Field | null) {
    super();
    this.value = value;
    this.#given = output !== null;
    this.output = output ?? valueOutput(value);
  }

  get shape(): string {
    return this.#isNull ? "NULL" : `V:${this.output?.kind ?? ""}`;
  }

  override get nullable(): boolean {
    return this.value === null;
  }

  /** JSON has a null of its own. */
  get #isNull(): boolean {
    return this.value === null && this.output?.kind !== "JSONField";
  }

  override visit(visit: Visit): void {
    visit(this, this.value);
  }

  override as(field: Field | null): BoundExpression {
    if (this.#given || !field || !accepts(field, this.value)) return this;
    if (field.kind === "DecimalField") return new BoundValue(this.value, decimalLike(this.value));
    return new BoundValue(this.value, field.isForeignKey ? field.targetField : field);
  }

  write(writer: Writer): string {
    const { output } = this;
    if (this.#isNull) return "NULL";
    const mark = writer.param(this, (value) => (output ? exactNumber(output, value, writer.vendor) : value));
    return writer.vendor === "postgresql" && output ? `${mark}::${castType(output)}` : mark;
  }
}

/** SQLite's driver sends every number as a double, whose quotient is no whole number. */
function exactNumber(field: Field, value: unknown, vendor: Vendor): unknown {
  const param = value === null ? "null" : field.toLookup(value, vendor);
  return vendor === "sqlite" && typeof param === "number" && isInteger(field) ? BigInt(param) : param;
}

const texts = new Set(["CharField", "TextField", "SlugField", "EmailField", "URLField"]);

/** A whole number beside a column stays what it is; so does what only one kind of field can hold. */
function accepts({ kind }: Field, value: unknown): boolean {
  if (typeof value === "string") return true;
  if (typeof value === "number") return kind === "DecimalField" && !Number.isInteger(value);
  if (value instanceof Date) return kind === "DateField" || kind === "DateTimeField";
  return typeof value === "object" && value !== null && /^(JSON|Array|HStore|\w+Range)Field$/.test(kind);
}

/** A decimal with the digits that were written. */
function decimalLike(value: unknown): Field {
  const [, fraction = ""] = String(value).split(".");
  return outputOf("DecimalField", { maxDigits: 1000, decimalPlaces: fraction.length });
}

/** The type of a parameter: without the limits of a column, which a value to compute with need not keep. */
function castType(field: Field): string {
  if (texts.has(field.kind)) return "text";
  if (field.kind === "DecimalField") return "numeric";
  return field.dbType("postgresql");
}

export type Connector = "+" | "-" | "*" | "/" | "%" | "^" | "&" | "|";

/** Two expressions and what is between them. */
export class Combined<R = unknown> extends Expression<R> {
  readonly connector: Connector;
  readonly left: Expression;
  readonly right: Expression;

  constructor(connector: Connector, left: unknown, right: unknown) {
    super();
    this.connector = connector;
    this.left = toExpression(left);
    this.right = toExpression(right);
  }

  bind(binder: Binder): BoundExpression {
    const [left, right] = [this.left.bind(binder), this.right.bind(binder)];
    return new BoundCombined(this.connector, left.as(right.output), right.as(left.output));
  }
}

class BoundCombined extends BoundExpression {
  readonly connector: Connector;
  readonly output: Field | null;

  constructor(connector: Connector, left: BoundExpression, right: BoundExpression) {
    super([left, right]);
    this.connector = connector;
    this.output = combinedOutput(connector, left.output, right.output);
  }

  get shape(): string {
    return `(${this.children[0].shape}${this.connector}${this.children[1].shape})`;
  }

  override get nullable(): boolean {
    return this.connector === "/" || this.connector === "%" || this.children.some((child) => child.nullable);
  }

  write(writer: Writer): string {
    const [left, right] = this.children.map((child) => child.write(writer));
    const kinds = this.children.map((child) => child.output?.kind);
    return combine(this.connector, [left, right], kinds, writer.vendor);
  }
}

/** What differs: SQLite has neither an operator for powers nor types of time. */
function combine(
  connector: Connector,
  [left, right]: readonly string[],
  kinds: readonly (string | undefined)[],
  vendor: Vendor,
): string {
  const [first, second] = kinds;
  if (vendor === "sqlite") {
    // Decimals are stored as whole numbers where they are whole, and would be divided as such.
    if (connector === "/" && kinds.includes("DecimalField")) return `(${left} * 1.0 / ${right})`;
    if (connector === "^") return `core_power(${left}, ${right})`;
    if (isTime(first) && isTime(second)) return `core_time_difference(${left}, ${right})`;
    if (isTime(first) && second === "DurationField") return shifted(connector, left, right, first);
    if (isTime(second) && first === "DurationField") return shifted(connector, right, left, second);
  }
  if (vendor === "postgresql" && first === "DateField" && second === "DateField") {
    return `(interval '1 day' * (${left} - ${right}))`;
  }
  return `(${left} ${connector} ${right})`;
}

function isTime(kind: string | undefined): kind is string {
  return kind === "DateField" || kind === "DateTimeField" || kind === "TimeField";
}

function shifted(connector: Connector, time: string, duration: string, kind: string): string {
  const microseconds = connector === "-" ? `-(${duration})` : duration;
  return `core_time_shift(${time}, ${microseconds}, ${kind === "TimeField" ? 1 : 0})`;
}
