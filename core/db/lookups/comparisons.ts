import { bounded, collated, jsonArray, type LookupContext, type Operand, type Operator, widened } from "./operand.ts";
import { textOperators } from "./texts.ts";
import { yearRange } from "./years.ts";

function compare(symbol: "=" | ">" | ">=" | "<" | "<="): Operator {
  return (operand, context) => {
    if (operand.yearOf) return yearRange(symbol, operand.yearOf, context);
    const toParam = symbol === "=" ? operand.toParam : (value: unknown) => bounded(operand, value);
    return `${collated(operand, context)} ${symbol} ${context.param(toParam)}${widened(operand, context)}`;
  };
}

function isIn(operand: Operand, { vendor, param }: LookupContext): string {
  const toParams = (values: unknown) => (values as unknown[]).map(operand.toParam);
  if (vendor === "postgresql") {
    const type = widened(operand, { vendor });
    return `${operand.sql} = ANY(${param(toParams)}${type && `${type}[]`})`;
  }
  return `${operand.sql} IN (SELECT value FROM json_each(${param((values) => jsonArray(toParams(values)))}))`;
}

function range(operand: Operand, context: LookupContext): string {
  const type = widened(operand, context);
  const bound = (index: number) => context.param((value) => bounded(operand, (value as unknown[])[index])) + type;
  return `${collated(operand, context)} BETWEEN ${bound(0)} AND ${bound(1)}`;
}

/** Comparisons that every field has. */
export const operators: Readonly<Record<string, Operator>> = {
  exact: compare("="),
  in: isIn,
  gt: compare(">"),
  gte: compare(">="),
  lt: compare("<"),
  lte: compare("<="),
  range,
  // The compiler writes it, since it knows whether there may be no row at all.
  isnull: ({ sql }) => `${sql} IS NULL`,
  ...textOperators,
};
