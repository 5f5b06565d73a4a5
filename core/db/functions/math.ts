// django.db.models.functions.math
import type { ArgumentOf } from "../expressions/aggregates.ts";
import type { BoundExpression, Is, MeanOf } from "../expressions/base.ts";
import type { Func, FuncKind } from "../expressions/func.ts";
import { outputOf, plainOutput } from "../expressions/outputs.ts";
import type { Field } from "../fields/field.ts";
import { type Argument, func, named, outputKind, type Strict, sameOutput } from "./arguments.ts";

/** A function of a number; it may be registered as a transform. */
export interface NumberFunction {
  <const A extends Argument>(value: A): Func<Strict<MeanOf<ArgumentOf<A>>, A>>;
  readonly lookupName: string;
}

/** Of decimals a decimal, of other numbers a number. */
function numericOutput(args: readonly BoundExpression[]): Field {
  return args.some(({ output }) => output?.kind === "DecimalField")
    ? outputOf("DecimalField")
    : plainOutput("FloatField");
}

/** Of decimals, one with so many digits after the point; else what was given. */
function rounded(args: readonly BoundExpression[], decimalPlaces?: number): Field | null {
  const output = sameOutput(args);
  if (output?.kind !== "DecimalField") return output;
  return outputOf("DecimalField", decimalPlaces === undefined ? {} : { maxDigits: 1000, decimalPlaces });
}

/** SQLite's own functions give null where a result is not defined; ours refuse as PostgreSQL does. */
function kindOf(name: string, output: FuncKind["output"] = numericOutput): FuncKind {
  return { name, sql: named(name, `core_${name.toLowerCase()}`), output };
}

function ofNumber(name: string, lookupName: string, output?: FuncKind["output"]): NumberFunction {
  const kind = kindOf(name, output);
  return Object.assign((value: Argument) => func(kind, value) as never, { lookupName });
}

/** The value without its sign. */
export const Abs = Object.assign(<const A extends Argument>(value: A): Func<ArgumentOf<A>> => func(absolute, value), {
  lookupName: "abs",
});

const absolute: FuncKind = { name: "ABS", sql: named("ABS"), output: sameOutput };

/** The arc cosine, in radians. */
export const ACos = ofNumber("ACOS", "acos");

/** The arc sine, in radians. */
export const ASin = ofNumber("ASIN", "asin");

/** The arc tangent, in radians. */
export const ATan = ofNumber("ATAN", "atan");

/** The arc tangent of `y / x`, in radians. */
export function ATan2<const A extends Argument, const B extends Argument>(
  y: A,
  x: B,
): Func<Strict<Strict<Is<number>, A>, B>> {
  return func(kindOf("ATAN2", outputKind("FloatField")), y, x);
}

/** The least whole number that is not less. */
export const Ceil = ofNumber("CEILING", "ceil", (args) => rounded(args, 0));

/** The cosine of radians. */
export const Cos = ofNumber("COS", "cos");

/** The cotangent of radians. */
export const Cot = ofNumber("COT", "cot");

/** Radians as degrees. */
export const Degrees = ofNumber("DEGREES", "degrees");

/** e to the power of. */
export const Exp = ofNumber("EXP", "exp");

/** The greatest whole number that is not more. */
export const Floor = ofNumber("FLOOR", "floor", (args) => rounded(args, 0));

/** The natural logarithm. */
export const Ln = ofNumber("LN", "ln");

/** PostgreSQL has these functions for exact numbers only. */
function exact(name: string, output: FuncKind["output"] = numericOutput): FuncKind {
  const plain = kindOf(name, output);
  const sql: FuncKind["sql"] = (args, writer, bound) => {
    return plain.sql(writer.vendor === "postgresql" ? args.map(asNumeric) : args, writer, bound);
  };
  return { ...plain, sql };
}

function asNumeric(sql: string): string {
  return `(${sql})::numeric`;
}

/** A function of two numbers. */
type OfTwo<A, B> = Func<Strict<Strict<MeanOf<ArgumentOf<A>>, A>, B>>;

/** The logarithm of `value` to the base `base`. */
export function Log<const A extends Argument, const B extends Argument>(base: A, value: B): OfTwo<A, B> {
  return func(exact("LOG"), base, value);
}

/** What is left of a division, with the sign of `value`. */
export function Mod<const A extends Argument, const B extends Argument>(value: A, divisor: B): OfTwo<A, B> {
  return func(exact("MOD"), value, divisor);
}

/** The number pi. */
export function Pi(): Func<Is<number>> {
  return func({ ...kindOf("PI", outputKind("FloatField")), nullable: false });
}

/** `base` to the power of `exponent`. */
export function Power<const A extends Argument, const B extends Argument>(base: A, exponent: B): OfTwo<A, B> {
  return func(kindOf("POWER"), base, exponent);
}

/** Degrees as radians. */
export const Radians = ofNumber("RADIANS", "radians");

/** A number from 0 up to, not including, 1; another one for each row. */
export function Random(): Func<Is<number>> {
  return func({ ...kindOf("RANDOM", outputKind("FloatField")), nullable: false });
}

/** The nearest number with so many digits after the point; halves go away from zero. */
export const Round = Object.assign(
  <const A extends Argument>(value: A, precision: number | Argument = 0): Func<ArgumentOf<A>> => {
    const places = typeof precision === "number" ? Math.max(precision, 0) : undefined;
    const output: FuncKind["output"] = (args) => rounded(args, places);
    return func({ ...round, name: `ROUND ${places ?? ""}`, output }, value, precision);
  },
  { lookupName: "round" },
);

const round: FuncKind = {
  name: "ROUND",
  sql: ([value, places], { vendor }) =>
    vendor === "sqlite" ? `core_round(${value}, ${places})` : `ROUND(${asNumeric(value)}, ${places})`,
  output: sameOutput,
};

/** -1, 0 or 1. */
export const Sign = ofNumber("SIGN", "sign", (args) => rounded(args, 0));

/** The sine of radians. */
export const Sin = ofNumber("SIN", "sin");

/** The square root. */
export const Sqrt = ofNumber("SQRT", "sqrt");

/** The tangent of radians. */
export const Tan = ofNumber("TAN", "tan");
