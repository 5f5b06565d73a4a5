// JSON as Python reads and writes it: long integers keep every digit, 4.0 is not 4, nesting has a limit. JSON.parse does
// the work wherever it cannot spoil anything, which one pass over the text finds out.

import { formatDatetime } from "./datetime.ts";
import { Duration } from "./duration.ts";
import { JsonFloat } from "./json_float.ts";
import { floatRepr } from "./python_numbers.ts";
import { RawJson } from "./raw_json.ts";

export { JsonFloat } from "./json_float.ts";

/** What JSON can hold, in the form {@link parseJson} gives it. */
export type JsonValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | JsonFloat
  | JsonValue[]
  | { [key: string]: JsonValue };

/** Options of {@link parseJson}. */
export interface ParseJsonOptions {
  /**
   * How deep lists and objects may nest; 500 by default. Recursive code (this parser's, a schema's, a serializer's) is
   * safe to some thousands of levels, and SQLite refuses JSON deeper than 1000.
   */
  maxDepth?: number;
  /**
   * What becomes of the keys `__proto__` and `constructor: {prototype: …}`, which no honest client sends and which
   * poison objects that are merged carelessly: `"reject"` (default) is an error, `"keep"` an ordinary own key.
   */
  prototypeKeys?: "reject" | "keep";
}

const defaultMaxDepth = 500;
/** Python's own limit on the digits of an integer; reading more takes time that grows with the square. */
const maxIntegerDigits = 4300;

/** The text is not JSON; the message says where, in Python's words. */
export class JsonSyntaxError extends SyntaxError {
  /** The index of the offending character. */
  readonly position: number;

  constructor(problem: string, text: string, position: number) {
    const before = text.slice(0, position);
    const line = before.split("\n").length;
    super(`${problem}: line ${line} column ${position - before.lastIndexOf("\n")} (char ${position})`);
    this.name = "JsonSyntaxError";
    this.position = position;
  }
}

/** Keys that may poison an object can be spelt with escapes, so any escape of a letter or underscore is looked into. */
const suspiciousKey = /__proto__|"prototype"|\\u00[567]/;
const numberLiteral = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
const spoiledNumber = /[0-9]{16}|[0-9][.eE][0-9+-]/;

/**
 * Reads JSON. Integers beyond 2^53 become bigints, whole numbers written as floats (`4.0`, `1e3`) or beyond the range
 * of a double (`1e400`) become {@link JsonFloat}s, other numbers are numbers. NaN and Infinity are not JSON. The last
 * of repeated keys counts.
 *
 * @throws JsonSyntaxError with line and column.
 * @example
 * parseJson('{"id": 9007199254740993, "ratio": 4.0}'); // { id: 9007199254740993n, ratio: JsonFloat 4.0 }
 */
export function parseJson(text: string, options: ParseJsonOptions = {}): JsonValue {
  const maxDepth = options.maxDepth ?? defaultMaxDepth;
  const guarded = options.prototypeKeys !== "keep" && suspiciousKey.test(text);
  if (!guarded && (!spoiledNumber.test(text) || !hasSpoiledNumber(text)) && !isTooDeep(text, maxDepth)) {
    try {
      return JSON.parse(text);
    } catch {
      // Read again below for an error that names the place.
    }
  }
  return new Parser(text, maxDepth, options.prototypeKeys !== "keep").parse();
}

/** The index behind the text that starts with the quote at `start`. */
function skipString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length : end + 1;
}

function isEscaped(text: string, index: number): boolean {
  let slashes = 0;
  while (text[index - 1 - slashes] === "\\") slashes++;
  return slashes % 2 === 1;
}

const quote = 0x22;

/** Whether a number outside of texts would lose something in JSON.parse. */
function hasSpoiledNumber(text: string): boolean {
  for (let index = 0; index < text.length; ) {
    const code = text.charCodeAt(index);
    if (code === quote) index = skipString(text, index);
    else if (code < 0x30 || code > 0x39) index++;
    else {
      numberLiteral.lastIndex = index;
      const literal = numberLiteral.exec(text)?.[0] ?? "0";
      if (isSpoiled(literal)) return true;
      index += literal.length;
    }
  }
  return false;
}

function isSpoiled(literal: string): boolean {
  const value = Number(literal);
  return Number.isInteger(value) ? !Number.isSafeInteger(value) || !/^[0-9]+$/.test(literal) : !Number.isFinite(value);
}

/** Whether brackets nest deeper than the limit; only a text with that many of them is walked through. */
function isTooDeep(text: string, maxDepth: number): boolean {
  if (text.length <= maxDepth) return false;
  let depth = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === quote) index = skipString(text, index) - 1;
    else if (code === 0x5b || code === 0x7b) {
      if (++depth > maxDepth) return true;
    } else if (code === 0x5d || code === 0x7d) depth--;
  }
  return false;
}

const space = /[ \t\n\r]*/y;
const literals = [
  ["true", true],
  ["false", false],
  ["null", null],
] as const;

/** A recursive reader of JSON; used where JSON.parse would lose something, or to say what is wrong. */
class Parser {
  readonly #text: string;
  readonly #maxDepth: number;
  readonly #guarded: boolean;
  #at = 0;
  #depth = 0;

  constructor(text: string, maxDepth: number, guarded: boolean) {
    this.#text = text;
    this.#maxDepth = maxDepth;
    this.#guarded = guarded;
  }

  parse(): JsonValue {
    if (this.#text.startsWith("\ufeff")) throw this.#error("Unexpected UTF-8 BOM");
    const value = this.#value();
    this.#skipSpace();
    if (this.#at < this.#text.length) throw this.#error("Extra data");
    return value;
  }

  #error(problem: string, position = this.#at): JsonSyntaxError {
    return new JsonSyntaxError(problem, this.#text, position);
  }

  #skipSpace(): void {
    space.lastIndex = this.#at;
    space.exec(this.#text);
    this.#at = space.lastIndex;
  }

  #take(char: string): boolean {
    this.#skipSpace();
    if (this.#text[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  #value(): JsonValue {
    this.#skipSpace();
    const char = this.#text[this.#at];
    if (char === "{") return this.#nested(() => this.#object());
    if (char === "[") return this.#nested(() => this.#list());
    if (char === '"') return this.#string();
    for (const [word, value] of literals) {
      if (!this.#text.startsWith(word, this.#at)) continue;
      this.#at += word.length;
      return value;
    }
    return this.#number();
  }

  #nested<T>(read: () => T): T {
    if (++this.#depth > this.#maxDepth) throw this.#error(`Nested deeper than ${this.#maxDepth} levels`);
    this.#at++;
    const value = read();
    this.#depth--;
    return value;
  }

  #list(): JsonValue[] {
    const items: JsonValue[] = [];
    if (this.#take("]")) return items;
    do items.push(this.#value());
    while (this.#take(","));
    if (!this.#take("]")) throw this.#error("Expecting ',' delimiter");
    return items;
  }

  #object(): { [key: string]: JsonValue } {
    const object: { [key: string]: JsonValue } = {};
    if (this.#take("}")) return object;
    do this.#property(object);
    while (this.#take(","));
    if (!this.#take("}")) throw this.#error("Expecting ',' delimiter");
    return object;
  }

  #property(object: { [key: string]: JsonValue }): void {
    this.#skipSpace();
    const start = this.#at;
    if (this.#text[start] !== '"') throw this.#error("Expecting property name enclosed in double quotes");
    const key = this.#string();
    if (!this.#take(":")) throw this.#error("Expecting ':' delimiter");
    const value = this.#value();
    if (this.#guarded && isPoison(key, value)) throw this.#error(`The key "${key}" is not allowed`, start);
    if (key !== "__proto__") object[key] = value;
    else Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  }

  #string(): string {
    const start = this.#at;
    this.#at = skipString(this.#text, start);
    const literal = this.#text.slice(start, this.#at);
    if (literal.length < 2 || !literal.endsWith('"')) throw this.#error("Unterminated string starting at", start);
    try {
      return JSON.parse(literal);
    } catch {
      throw this.#error("Invalid control character or escape in the string starting at", start);
    }
  }

  #number(): JsonValue {
    numberLiteral.lastIndex = this.#at;
    const match = numberLiteral.exec(this.#text);
    if (!match) throw this.#error("Expecting value");
    const [literal, fraction, exponent] = match;
    if (literal.length > maxIntegerDigits && fraction === undefined && exponent === undefined) {
      throw this.#error(`Exceeds the limit (${maxIntegerDigits} digits) for an integer`);
    }
    this.#at += literal.length;
    return fraction === undefined && exponent === undefined ? readInteger(literal) : readFloat(literal);
  }
}

function readInteger(literal: string): number | bigint {
  const value = Number(literal);
  // Python has no integer -0.
  return Number.isSafeInteger(value) ? value + 0 : BigInt(literal);
}

function readFloat(literal: string): number | JsonFloat {
  const value = Number(literal);
  return Number.isFinite(value) && !Number.isInteger(value) ? value : new JsonFloat(value, literal);
}

function isPoison(key: string, value: JsonValue): boolean {
  if (key === "__proto__") return true;
  return key === "constructor" && typeof value === "object" && value !== null && Object.hasOwn(value, "prototype");
}

/** What cannot stand in a JSON text as it is; most short texts hold none of it, and asking is quicker than JSON.stringify. */
const needsEscape = /["\\\p{Cc}\u2028\u2029\p{Cs}]/u;
const shortText = 64;

const lineSeparators = /[\u2028\u2029]/;

/** A JSON text literal; non-ASCII characters stay, U+2028 and U+2029 are escaped as DRF escapes them. */
export function stringifyString(value: string): string {
  if (value.length < shortText && !needsEscape.test(value)) return `"${value}"`;
  const text = JSON.stringify(value);
  if (!lineSeparators.test(text)) return text;
  return text.replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
}

/** The JSON of a number that is not known to be a float: whole numbers have no point. */
export function stringifyNumber(value: number): string {
  if (Number.isSafeInteger(value)) return String(value);
  if (!Number.isFinite(value)) throw new RangeError(`Out of range float values are not JSON compliant: ${value}.`);
  return Number.isInteger(value) ? BigInt(value).toString() : floatRepr(value);
}

/**
 * Writes JSON as DRF does: no spaces, non-ASCII characters as they are, bigints as digits, {@link JsonFloat}s with their
 * point, dates with microseconds or no fraction, durations in seconds. Objects with a `toJSON()` are asked; undefined and functions are left out of objects and null in lists.
 *
 * @param indent spaces a level, laid out as Python's `json.dumps(indent=…)`; none for one line.
 * @throws RangeError for NaN and Infinity, which JSON cannot hold.
 * @example
 * stringifyJson({ a: 1, b: [2n, new JsonFloat(3)] }); // {"a":1,"b":[2,3.0]}
 */
export function stringifyJson(value: unknown, indent = 0): string {
  return write(value, indent > 0 ? " ".repeat(indent) : "", "\n");
}

function write(value: unknown, step: string, newline: string): string {
  switch (typeof value) {
    case "string":
      return stringifyString(value);
    case "number":
      return stringifyNumber(value);
    case "bigint":
    case "boolean":
      return String(value);
    case "object":
      return value === null ? "null" : writeObject(value, step, newline);
    default:
      return "null";
  }
}

function writeObject(value: object, step: string, newline: string): string {
  if (Array.isArray(value)) return writeList(value, step, newline);
  if (value instanceof JsonFloat) return writeFloat(value);
  if (value instanceof RawJson) return step ? write(parseJson(value.text), step, newline) : value.text;
  if (value instanceof Date) return stringifyString(formatDatetime(value));
  if (value instanceof Duration) return stringifyString(floatRepr(value.totalSeconds()));
  if ("toJSON" in value && typeof value.toJSON === "function") return write(value.toJSON(), step, newline);
  if (value instanceof Set) return writeList([...value], step, newline);
  return writeEntries(value instanceof Map ? [...value] : Object.entries(value), step, newline);
}

function writeFloat(value: JsonFloat): string {
  if (!Number.isFinite(value.value)) return stringifyNumber(value.value);
  return value.toString();
}

function writeList(items: unknown[], step: string, newline: string): string {
  if (items.length === 0) return "[]";
  const inner = step ? newline + step : newline;
  return enclose(
    "[",
    items.map((item) => write(item, step, inner)),
    "]",
    step,
    newline,
  );
}

function writeEntries(entries: [unknown, unknown][], step: string, newline: string): string {
  const inner = step ? newline + step : newline;
  const colon = step ? ": " : ":";
  const parts: string[] = [];
  for (const [key, value] of entries) {
    if (value === undefined || typeof value === "function") continue;
    parts.push(stringifyString(String(key)) + colon + write(value, step, inner));
  }
  return parts.length === 0 ? "{}" : enclose("{", parts, "}", step, newline);
}

function enclose(open: string, parts: string[], close: string, step: string, newline: string): string {
  if (!step) return open + parts.join(",") + close;
  return `${open}${newline}${step}${parts.join(`,${newline}${step}`)}${newline}${close}`;
}
