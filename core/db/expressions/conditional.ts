// Case and When of django.db.models.expressions.
import type { Field } from "../fields/field.ts";
import {
  type Binder,
  BoundExpression,
  BoundValue,
  Expression,
  type Is,
  type OutputField,
  toExpression,
  type Writer,
} from "./base.ts";
import { commonOutput, isInteger, plainOutput } from "./outputs.ts";
import type { ConditionInput } from "./q.ts";

/** The type of what stands for a value: an expression's own, or the value's. */
export type ResultOf<V> = V extends Expression<infer R> ? R : Is<V>;

/** One branch of a {@link Case}; see {@link When}. */
export class WhenBranch<R = unknown> {
  declare readonly "~result": R;
  readonly condition: ConditionInput;
  readonly result: Expression;

  constructor(condition: ConditionInput, then: Expression) {
    this.condition = condition;
    this.result = then;
  }
}

/** What a {@link Case} gives where a condition holds: `When({ pages__gt: 500 }, "long")`. Text is a value, `F("name")` a column. */
export function When<const V>(condition: ConditionInput, then: V): WhenBranch<ResultOf<V>> {
  return new WhenBranch(condition, toExpression(then));
}

/** What a {@link Case} may be told. */
export interface CaseOptions<T = unknown> {
  /** What it gives where no condition holds; null by itself. */
  default?: unknown;
  outputField?: OutputField<T>;
}

/** The first branch whose condition holds; see {@link Case}. */
export class CaseExpression<R = unknown> extends Expression<R> {
  readonly branches: readonly WhenBranch[];
  readonly otherwise: Expression;
  readonly outputField: OutputField | undefined;

  constructor(branches: readonly WhenBranch[], options: CaseOptions) {
    super();
    this.branches = branches;
    this.otherwise = toExpression(options.default ?? null);
    this.outputField = options.outputField;
  }

  bind(binder: Binder): BoundExpression {
    const conditions = this.branches.map(({ condition }) => binder.condition(condition));
    const results = [...this.branches.map(({ result }) => result), this.otherwise].map((result) => result.bind(binder));
    const output = this.outputField?.field ?? resultOutput(results, "Case");
    return new BoundCase(
      conditions,
      results.map((result) => result.as(output)),
      output,
    );
  }
}

/** What columns say decides; values follow. */
export function resultOutput(results: readonly BoundExpression[], what: string): Field | null {
  const columns = results.filter((result) => !isValue(result)).map(({ output }) => output);
  const decided = commonOutput(columns, what);
  if (decided) return isInteger(decided) && results.some(isFloat) ? plainOutput("FloatField") : decided;
  return commonOutput(
    results.map(({ output }) => output),
    what,
  );
}

function isFloat({ output }: BoundExpression): boolean {
  return output?.kind === "FloatField";
}

function isValue(expression: BoundExpression): expression is BoundValue {
  return expression instanceof BoundValue;
}

class BoundCase extends BoundExpression {
  readonly output: Field | null;
  readonly #count: number;

  constructor(conditions: readonly BoundExpression[], results: readonly BoundExpression[], output: Field | null) {
    super([...conditions, ...results]);
    this.#count = conditions.length;
    this.output = output;
  }

  get shape(): string {
    return `Case(${this.children.map(({ shape }) => shape).join()})`;
  }

  override get nullable(): boolean {
    return this.children.slice(this.#count).some((result) => result.nullable);
  }

  write(writer: Writer): string {
    // Written in the order in which the values are visited.
    const conditions = this.children.slice(0, this.#count).map((condition) => condition.write(writer));
    const results = this.children.slice(this.#count).map((result) => result.write(writer));
    const otherwise = results[this.#count];
    if (this.#count === 0) return otherwise;
    const branches = conditions.map((condition, index) => `WHEN ${condition} THEN ${results[index]}`);
    return `CASE ${branches.join(" ")} ELSE ${otherwise} END`;
  }
}

type BranchResult<B> = B extends WhenBranch<infer R> ? R : never;
type DefaultResult<O> = O extends { default: infer V } ? ResultOf<V> : Is<null>;

/**
 * A value by conditions, the first one that holds.
 *
 * @example
 * Book.objects.annotate({
 *   size: Case(When({ pages__gt: 500 }, "long"), When({ pages__gt: 100 }, "normal"), { default: "short" }),
 * });
 */
export function Case<const B extends readonly WhenBranch[]>(
  ...branches: B
): CaseExpression<BranchResult<B[number]> | Is<null>>;
export function Case<const B extends readonly WhenBranch[], const O extends CaseOptions>(
  ...args: readonly [...B, O]
): CaseExpression<O extends { outputField: OutputField<infer T> } ? Is<T> : BranchResult<B[number]> | DefaultResult<O>>;
export function Case(...args: readonly unknown[]): CaseExpression<never> {
  const branches = args.filter((arg) => arg instanceof WhenBranch);
  const options = args.find((arg) => !(arg instanceof WhenBranch)) as CaseOptions | undefined;
  return new CaseExpression(branches, options ?? {});
}
