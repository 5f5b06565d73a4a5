// Func, Cast and ExpressionWrapper of django.db.models.expressions: what other functions are made of.
import type { Field } from "../fields/field.ts";
import {
  type Binder,
  BoundExpression,
  Expression,
  type Is,
  type OutputField,
  toExpression,
  type Writer,
} from "./base.ts";
import { outputShape } from "./outputs.ts";

/** How a function is written, and what it gives. */
export interface FuncKind {
  /** Tells the function from every other one. */
  name: string;
  /** Its SQL, with that of what it takes. */
  sql(args: readonly string[], writer: Writer, bound: readonly BoundExpression[]): string;
  /** The kind of the result. */
  output(args: readonly BoundExpression[]): Field | null;
  /** The arguments next to each other, where a plain value takes the kind of the others. */
  prepare?(args: readonly BoundExpression[]): readonly BoundExpression[];
  /** Whether the result may be NULL; default: where any argument may be. */
  nullable?: boolean | ((args: readonly BoundExpression[]) => boolean);
  /** It is computed over the rows of the result. */
  window?: boolean;
}

/** A function of the database. Text arguments name columns, as in Django; other values are values. */
export class Func<R = unknown> extends Expression<R> {
  readonly kind: FuncKind;
  readonly args: readonly Expression[];

  constructor(kind: FuncKind, args: readonly unknown[]) {
    super();
    this.kind = kind;
    this.args = args.map(toExpression);
  }

  bind(binder: Binder): BoundExpression {
    const args = this.args.map((arg) => arg.bind(binder));
    return new BoundFunc(this.kind, this.kind.prepare?.(args) ?? args);
  }
}

class BoundFunc extends BoundExpression {
  readonly output: Field | null;
  readonly #kind: FuncKind;

  constructor(kind: FuncKind, args: readonly BoundExpression[]) {
    super(args);
    this.#kind = kind;
    this.output = kind.output(args);
  }

  get shape(): string {
    return `${this.#kind.name}(${this.children.map(({ shape }) => shape).join()})`;
  }

  override get nullable(): boolean {
    const { nullable = anyNullable } = this.#kind;
    return typeof nullable === "boolean" ? nullable : nullable(this.children);
  }

  override get window(): boolean {
    return this.#kind.window === true || super.window;
  }

  write(writer: Writer): string {
    const args = this.children.map((child) => child.write(writer));
    return this.#kind.sql(args, writer, this.children);
  }
}

function anyNullable(args: readonly BoundExpression[]): boolean {
  return args.some(({ nullable }) => nullable);
}

/** An expression whose result is of a kind that it would not be thought to be of. */
export function ExpressionWrapper<T>(
  expression: Expression,
  { outputField }: { outputField: OutputField<T> },
): Func<Is<T>> {
  const { field } = outputField;
  return new Func({ name: `Wrapper ${outputShape(field)}`, sql: ([sql]) => sql, output: () => field }, [expression]);
}
