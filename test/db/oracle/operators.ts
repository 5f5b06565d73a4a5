import type { Truth } from "./logic.ts";
import { compareText, type Rules } from "./rules.ts";

/** Negative, zero or positive. Both are of one kind: numbers, booleans, texts; neither is null. */
export function compare(left: unknown, right: unknown): number {
  if (typeof left === "string" && typeof right === "string") return compareText(left, right);
  return Number(left) - Number(right);
}

function equal(left: unknown, right: unknown): boolean {
  if (typeof left === "object" || typeof right === "object") return JSON.stringify(left) === JSON.stringify(right);
  return typeof left === typeof right && compare(left, right) === 0;
}

type Operator = (left: unknown, right: unknown, rules: Rules) => boolean;

function pattern(matches: (text: string, part: string) => boolean, ignoreCase: boolean): Operator {
  return (left, right, { fold, likeFoldsCase }) => {
    const turn = ignoreCase || likeFoldsCase ? fold : (text: string) => text;
    return matches(turn(String(left)), turn(String(right)));
  };
}

function regex(flags: string): Operator {
  return (left, right) => new RegExp(String(right), flags).test(String(left));
}

const contains = (text: string, part: string) => text.includes(part);
const startsWith = (text: string, part: string) => text.startsWith(part);
const endsWith = (text: string, part: string) => text.endsWith(part);

const operators: Readonly<Record<string, Operator>> = {
  exact: equal,
  iexact: pattern((text, part) => text === part, true),
  contains: pattern(contains, false),
  icontains: pattern(contains, true),
  startswith: pattern(startsWith, false),
  istartswith: pattern(startsWith, true),
  endswith: pattern(endsWith, false),
  iendswith: pattern(endsWith, true),
  gt: (left, right) => compare(left, right) > 0,
  gte: (left, right) => compare(left, right) >= 0,
  lt: (left, right) => compare(left, right) < 0,
  lte: (left, right) => compare(left, right) <= 0,
  regex: regex("u"),
  iregex: regex("iu"),
};

/** A comparison of two values; unknown where one is NULL. */
export function compareBy(operator: string, left: unknown, right: unknown, rules: Rules): Truth {
  if (left === null || right === null) return null;
  return operators[operator](left, right, rules);
}

/** SQL's IN: unknown where the value is not there but a NULL is. */
export function isIn(left: unknown, values: readonly unknown[]): Truth {
  if (values.length === 0) return false;
  if (left === null) return null;
  if (values.some((value) => value !== null && equal(left, value))) return true;
  return values.includes(null) ? null : false;
}
