import { FieldError } from "../../exceptions.ts";
import type { Operator } from "./operand.ts";

/** `\`, `%` and `_` mean themselves. */
export function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, "\\$&");
}

/** Text for a pattern. Only what is text anyway may become one: an object from a request's JSON may not. */
function patternText(value: unknown): string {
  if (["string", "number", "bigint", "boolean"].includes(typeof value)) return String(value);
  throw new FieldError(`A text lookup needs text, not ${value === null ? "null" : typeof value}.`);
}

/**
 * As in Django, LIKE on SQLite ignores the case of ASCII letters, with `contains` as well as with `icontains`. On PostgreSQL
 * the database's own locale says what the upper case of a letter is, whatever texts are ordered by: "C" knows ASCII only.
 */
function like(pattern: (escaped: string) => string, ignoreCase: boolean): Operator {
  return ({ sql }, { vendor, param }) => {
    const placeholder = param((value) => pattern(escapeLike(patternText(value))));
    if (vendor === "sqlite") return `${sql} LIKE ${placeholder} ESCAPE '\\'`;
    const text = `${sql}::text`;
    return ignoreCase ? `UPPER(${text}) LIKE UPPER(${placeholder})` : `${text} LIKE ${placeholder}`;
  };
}

function regex(ignoreCase: boolean): Operator {
  return ({ sql }, { vendor, param }) => {
    const placeholder = param(patternText);
    if (vendor === "postgresql") return `${sql}::text ${ignoreCase ? "~*" : "~"} ${placeholder}`;
    return ignoreCase ? `core_iregexp(${placeholder}, ${sql})` : `${sql} REGEXP ${placeholder}`;
  };
}

/** Comparisons with patterns. */
export const textOperators: Readonly<Record<string, Operator>> = {
  iexact: like((text) => text, true),
  contains: like((text) => `%${text}%`, false),
  icontains: like((text) => `%${text}%`, true),
  startswith: like((text) => `${text}%`, false),
  istartswith: like((text) => `${text}%`, true),
  endswith: like((text) => `%${text}`, false),
  iendswith: like((text) => `%${text}`, true),
  regex: regex(false),
  iregex: regex(true),
};
