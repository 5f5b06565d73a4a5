// Comparisons with what SQL computes, and not with a value of ours.
import type { Vendor } from "../fields/field_types.ts";
import { operators } from "./comparisons.ts";
import { jsonText } from "./json.ts";
import type { LookupContext, Operand, Operator } from "./operand.ts";
import { textOperators } from "./texts.ts";

const symbols: Readonly<Record<string, string>> = { exact: "=", gt: ">", gte: ">=", lt: "<", lte: "<=" };

/** What stands before and after the text in a pattern. */
const patterns: Readonly<Record<string, readonly [string, string]>> = {
  contains: ["'%' || ", " || '%'"],
  startswith: ["", " || '%'"],
  endswith: ["'%' || ", ""],
};

/** A comparison with another expression's SQL; null where that means nothing. */
export function comparedWith(
  name: string,
  operator: Operator,
  operand: Operand,
  other: string,
  context: Omit<LookupContext, "param">,
): string | null {
  const { sql, field } = operand;
  const isJson = field?.kind === "JSONField";
  if (name === "isnull" || name === "range") return null;
  if (name === "in") return `${sql} IN (${other})`;
  if (symbols[name] && (isJson || operator === operators[name])) return `${sql} ${symbols[name]} ${other}`;
  if (isJson && Object.hasOwn(textOperators, name) && name !== "contains") {
    return matched(name, jsonText(sql, context.vendor), other, context.vendor);
  }
  if (operator === textOperators[name]) return matched(name, sql, other, context.vendor);
  return operator(operand, { ...context, isExpression: true, param: () => `(${other})` });
}

function matched(name: string, sql: string, other: string, vendor: Vendor): string {
  if (name === "iexact") return `UPPER(${sql}) = UPPER(${other})`;
  if (name === "regex" || name === "iregex") return matchedByRegex(name, sql, other, vendor);
  const [before, after] = patterns[name.replace(/^i/, "")];
  const escaped = `REPLACE(REPLACE(REPLACE(${other}, '\\', '\\\\'), '%', '\\%'), '_', '\\_')`;
  const like = `${before}${escaped}${after}`;
  if (vendor === "sqlite") return `${sql} LIKE ${like} ESCAPE '\\'`;
  return name.startsWith("i") ? `UPPER(${sql}::text) LIKE UPPER(${like})` : `${sql}::text LIKE ${like}`;
}

function matchedByRegex(name: string, sql: string, pattern: string, vendor: Vendor): string {
  if (vendor === "postgresql") return `${sql}::text ${name === "regex" ? "~" : "~*"} ${pattern}`;
  return name === "regex" ? `${sql} REGEXP ${pattern}` : `core_iregexp(${pattern}, ${sql})`;
}
