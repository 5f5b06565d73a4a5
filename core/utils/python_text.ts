// DRF's messages name types and quote values as Python writes them; API clients compare those texts.

import { JsonFloat } from "./json_float.ts";
import { floatRepr } from "./python_numbers.ts";

/**
 * The name of the Python type that a JSON value has: `str`, `int`, `float`, `bool`, `list`, `dict`, `NoneType`.
 *
 * @example
 * typeName([]); // "list"
 * typeName(1.5); // "float"
 */
export function typeName(value: unknown): string {
  if (value === null || value === undefined) return "NoneType";
  if (typeof value === "string") return "str";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "bigint") return "int";
  if (typeof value === "number") return Number.isInteger(value) ? "int" : "float";
  if (value instanceof JsonFloat) return "float";
  if (Array.isArray(value)) return "list";
  if (value instanceof Date) return "datetime";
  return isPlainObject(value) ? "dict" : (value.constructor?.name ?? "object");
}

/** Whether the value is a dictionary: made by an object literal or by the JSON parser, not an instance of a class. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/**
 * Python's `str(value)` of a JSON value: `None`, `True`, `1.5`, `{'a': 1}`; a text is itself.
 *
 * @example
 * pythonStr([null, "x"]); // "[None, 'x']"
 */
export function pythonStr(value: unknown): string {
  if (typeof value === "string") return value;
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "number") return numberRepr(value);
  if (Array.isArray(value)) return `[${value.map(pythonRepr).join(", ")}]`;
  if (isPlainObject(value)) return dictRepr(value);
  return String(value);
}

function numberRepr(value: number): string {
  return Number.isInteger(value) ? BigInt(value).toString() : floatRepr(value);
}

function dictRepr(value: Record<string, unknown>): string {
  const items = Object.entries(value).map(([key, item]) => `${pythonRepr(key)}: ${pythonRepr(item)}`);
  return `{${items.join(", ")}}`;
}

/** Python's `repr(value)` of a JSON value, which quotes texts. */
export function pythonRepr(value: unknown): string {
  return typeof value === "string" ? stringRepr(value) : pythonStr(value);
}

// What str.isprintable() refuses is written as an escape; the ASCII space is the one separator that is printable.
const needsEscape = /[\\\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu;
const shortEscapes: Record<string, string> = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function escapeCharacter(char: string): string {
  const short = shortEscapes[char];
  if (short) return short;
  const code = char.codePointAt(0) as number;
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, "0")}`;
  if (code <= 0xffff) return `\\u${code.toString(16).padStart(4, "0")}`;
  return `\\U${code.toString(16).padStart(8, "0")}`;
}

function stringRepr(text: string): string {
  const escaped = text.replace(needsEscape, escapeCharacter);
  if (!text.includes("'")) return `'${escaped}'`;
  return text.includes('"') ? `'${escaped.replaceAll("'", "\\'")}'` : `"${escaped}"`;
}
