// JSON as Python's json.dumps() and Django's DjangoJSONEncoder write it, which is what fixtures are made of.
import { Duration, microsecondOf } from "../../utils/datetime.ts";
import { JsonFloat } from "../../utils/json.ts";
import { floatRepr } from "../../utils/python_numbers.ts";

/** How a text is laid out: `indent` spaces a level, or all in one line. */
export interface JsonLayout {
  /** 0 for one line, with `separator` between items. */
  indent?: number;
  /** Between items of one line; `", "` unless told otherwise. */
  separator?: string;
}

/**
 * Writes a value as `json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)` does: a space behind each comma and
 * colon, datetimes with milliseconds, floats as Python's `repr()`, durations in ISO 8601.
 *
 * @example
 * djangoJson({ at: new Date(0), ratio: new JsonFloat(4) }); // {"at": "1970-01-01T00:00:00Z", "ratio": 4.0}
 */
export function djangoJson(value: unknown, { indent = 0, separator = ", " }: JsonLayout = {}): string {
  return write(value, { step: " ".repeat(indent), separator }, "\n");
}

interface Layout {
  step: string;
  separator: string;
}

function write(value: unknown, layout: Layout, newline: string): string {
  if (value === null || value === undefined) return "null";
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number") return writeNumber(value);
  if (typeof value !== "object") return String(value);
  return writeObject(value, layout, newline);
}

function writeObject(value: object, layout: Layout, newline: string): string {
  if (value instanceof JsonFloat) return writeFloat(value.value, String(value));
  if (value instanceof Date) return JSON.stringify(encodeDatetime(value));
  if (value instanceof Duration) return JSON.stringify(value.toISOString());
  const inner = newline + layout.step;
  if (Array.isArray(value))
    return enclose(
      "[",
      value.map((item) => write(item, layout, inner)),
      "]",
      layout,
      newline,
    );
  const entries = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${write(item, layout, inner)}`);
  return enclose("{", entries, "}", layout, newline);
}

function enclose(open: string, parts: string[], close: string, { step, separator }: Layout, newline: string): string {
  if (parts.length === 0 || step === "") return open + parts.join(separator) + close;
  return `${open}${newline}${step}${parts.join(`,${newline}${step}`)}${newline}${close}`;
}

function writeNumber(value: number): string {
  return Number.isSafeInteger(value) ? String(value) : writeFloat(value, floatRepr(value));
}

/** What is no number of JSON is written as Python writes and reads it. */
function writeFloat(value: number, text: string): string {
  return Number.isFinite(value) ? text : String(value);
}

/** `2026-11-23T10:00:00.123Z`: milliseconds where there are microseconds, and none where there are not. */
export function encodeDatetime(value: Date): string {
  const text = Date.prototype.toISOString.call(value);
  return microsecondOf(value) === 0 ? text.replace(".000Z", "Z") : text;
}
