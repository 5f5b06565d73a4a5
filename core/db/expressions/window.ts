// Window, RowRange and ValueRange of django.db.models.expressions.
import { FieldError } from "../../exceptions.ts";
import type { Field } from "../fields/field.ts";
import type { Vendor } from "../fields/field_types.ts";
import {
  type Binder,
  BoundExpression,
  type BoundOrder,
  bindOrder,
  Expression,
  F,
  type OrderBy,
  type Writer,
} from "./base.ts";

/** The rows around a row that a window looks at; see {@link RowRange} and {@link ValueRange}. */
export class WindowFrame {
  readonly sql: string;

  constructor(unit: "ROWS" | "RANGE", options: FrameOptions) {
    const { start = null, end = null, exclusion } = options;
    if (start !== null && end !== null && start > end) throw new FieldError("start cannot be greater than end.");
    const excluded = exclusion === undefined ? "" : ` EXCLUDE ${exclusions[exclusion]}`;
    this.sql = `${unit} BETWEEN ${bound(start, "PRECEDING")} AND ${bound(end, "FOLLOWING")}${excluded}`;
  }
}

/** Where a frame begins and ends: rows or values from the current one, negative before it; null for no limit. */
export interface FrameOptions {
  start?: number | null;
  end?: number | null;
  exclusion?: WindowFrameExclusion;
}

/** What a frame leaves out: the row itself, the rows that are equal to it in order, both, or nothing. */
export type WindowFrameExclusion = keyof typeof exclusions;

const exclusions = {
  currentRow: "CURRENT ROW",
  group: "GROUP",
  ties: "TIES",
  noOthers: "NO OTHERS",
} as const;

function bound(distance: number | null, unlimited: string): string {
  if (distance === null) return `UNBOUNDED ${unlimited}`;
  if (!Number.isSafeInteger(distance)) throw new FieldError(`A frame is limited by whole numbers, not ${distance}.`);
  if (distance === 0) return "CURRENT ROW";
  return `${Math.abs(distance)} ${distance < 0 ? "PRECEDING" : "FOLLOWING"}`;
}

/** A frame of rows: `RowRange({ start: -2, end: 0 })` is a row and the two before it. */
export function RowRange(options: FrameOptions = {}): WindowFrame {
  return new WindowFrame("ROWS", options);
}

/** A frame of values of what the window is ordered by: `ValueRange({ start: -7, end: 0 })`. */
export function ValueRange(options: FrameOptions = {}): WindowFrame {
  return new WindowFrame("RANGE", options);
}

type OrderInput = string | Expression | OrderBy;

/** Which rows a window function sees beside its own. */
export interface WindowOptions {
  /** Only rows that are equal in these: columns, or expressions. */
  partitionBy?: string | Expression | readonly (string | Expression)[];
  /** Their order, `-` for descending. Without a frame, a row then sees those up to itself and its equals. */
  orderBy?: OrderInput | readonly OrderInput[];
  frame?: WindowFrame;
}

/** A function over the rows of the result; see {@link Window}. */
export class WindowExpression<R = unknown> extends Expression<R> {
  readonly source: Expression;
  readonly options: WindowOptions;

  constructor(source: Expression, options: WindowOptions) {
    super();
    this.source = source;
    this.options = options;
  }

  bind(binder: Binder): BoundExpression {
    const { partitionBy = [], orderBy = [], frame } = this.options;
    const source = this.source.bind(binder);
    if (!source.isAggregate && !source.window) {
      throw new FieldError("Window() takes an aggregate or a function such as Rank(), which this expression is not.");
    }
    const partition = ([partitionBy].flat() as (string | Expression)[]).map((term) => {
      return (typeof term === "string" ? F(term) : term).bind(binder);
    });
    const order = ([orderBy].flat() as OrderInput[]).map((term) => bindOrder(term, binder));
    return new BoundWindow(source, partition, order, frame?.sql ?? "");
  }
}

class BoundWindow extends BoundExpression {
  readonly #source: BoundExpression;
  readonly #partition: readonly BoundExpression[];
  readonly #order: readonly BoundOrder[];
  readonly #frame: string;

  /** An aggregate over a window makes no groups, so it is not among the children: what it takes is. */
  constructor(
    source: BoundExpression,
    partition: readonly BoundExpression[],
    order: readonly BoundOrder[],
    frame: string,
  ) {
    const own = source.isAggregate ? source.children : [source];
    super([...own, ...partition, ...order.map(({ expression }) => expression)]);
    this.#source = source;
    this.#partition = partition;
    this.#order = order;
    this.#frame = frame;
  }

  get shape(): string {
    const partition = this.#partition.map(({ shape }) => shape).join();
    const order = this.#order.map(({ shape }) => shape).join();
    return `${this.#source.shape} OVER (${partition}^${order}^${this.#frame})`;
  }

  get output(): Field | null {
    return this.#source.output;
  }

  override get nullable(): boolean {
    return this.#source.nullable;
  }

  override get window(): boolean {
    return true;
  }

  override read(raw: unknown, vendor: Vendor): unknown {
    return this.#source.read(raw, vendor);
  }

  write(writer: Writer): string {
    const partition = this.#partition.map((expression) => expression.write(writer));
    const order = this.#order.map((order) => writer.order(order));
    const parts = [
      ...(partition.length > 0 ? [`PARTITION BY ${partition.join(", ")}`] : []),
      ...(order.length > 0 ? [`ORDER BY ${order.join(", ")}`] : []),
      ...(this.#frame === "" ? [] : [this.#frame]),
    ];
    return `${writer.grouped(this.#source)} OVER (${parts.join(" ")})`;
  }
}

/** Where a frame is given it may hold no row at all. */
type Framed<R, O> = O extends { frame: WindowFrame } ? R | NullResult : R;

/** The type of null. */
type NullResult = { readonly is: null };

/**
 * An aggregate or a function such as `Rank()` for each row, made of the rows around it.
 *
 * @example
 * Book.objects.annotate({
 *   rank: Window(Rank(), { partitionBy: "author", orderBy: "-price" }),
 *   running: Window(Sum("pages"), { orderBy: "publishedOn", frame: RowRange({ end: 0 }) }),
 * }).filter({ rank__lte: 3 });
 */
export function Window<R, const O extends WindowOptions>(
  expression: Expression<R>,
  options?: O,
): WindowExpression<Framed<R, O>> {
  return new WindowExpression(expression, options ?? {});
}
