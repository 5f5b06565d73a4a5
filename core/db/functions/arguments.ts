// What functions take, as Django's do: text names a column, everything else that is no expression is a value.
import type { ArgumentOf } from "../expressions/aggregates.ts";
import {
  type BoundExpression,
  type Expression,
  F,
  type NullWith,
  type OutputField,
  toExpression,
} from "../expressions/base.ts";
import { Func, type FuncKind } from "../expressions/func.ts";
import { plainOutput } from "../expressions/outputs.ts";
import type { Field } from "../fields/field.ts";
import type { FieldKind } from "../fields/field_types.ts";

/** The name of a column, an expression, or a value that is no text: `Value("x")` is a text. */
export type Argument = string | number | bigint | boolean | Date | null | Expression | object;

/** The types of arguments, one by one. */
export type ArgumentsOf<A extends readonly unknown[]> = { [I in keyof A]: ArgumentOf<A[I]> };

/** A result of type `R`, or null where the argument may be null. */
export type Strict<R, A> = NullWith<R, [ArgumentOf<A>]>;

export function argument(given: unknown): Expression {
  return typeof given === "string" ? F(given) : toExpression(given);
}

export function outputKind(kind: FieldKind): () => Field {
  return () => plainOutput(kind);
}

/** A reference is of the kind of the key that it holds. */
export function sameOutput([first]: readonly BoundExpression[]): Field | null {
  const { output } = first;
  return output?.isForeignKey ? output.targetField : output;
}

/** How to write `NAME(…)`, under another name on SQLite where that is given. */
export function named(postgresql: string, sqlite = postgresql): FuncKind["sql"] {
  return (args, { vendor }) => `${vendor === "sqlite" ? sqlite : postgresql}(${args.join(", ")})`;
}

/** A function of the arguments that are given. */
export function func<R>(kind: FuncKind, ...args: readonly unknown[]): Func<R> {
  return new Func<R>(kind, args.map(argument));
}

/** The field that a decorator stands for. */
export function fieldOf({ field }: OutputField): Field {
  return field;
}
