// django.contrib.postgres' range types: psycopg's Range.
import { DataError } from "../../exceptions.ts";
import { compareValues } from "../../utils/validators/limits.ts";
import type { Field } from "../fields/field.ts";
import { wrongValue } from "../fields/field_values.ts";

/** Which ends belong to a range: `[` and `]` do, `(` and `)` do not. */
export type RangeBounds = "[)" | "[]" | "(]" | "()";

/**
 * The values between two others: numbers, decimals, days or instants. An end that is null is open. PostgreSQL writes
 * ranges of whole numbers and of days with the bounds `[)`: `[1, 5]` comes back as `[1, 6)`.
 *
 * @example
 * new Range(1, 5); // 1, 2, 3, 4
 * new Range("2026-01-01", null); // from that day on
 * Range.empty(); // nothing
 */
export class Range<T> {
  readonly lower: T | null;
  readonly upper: T | null;
  readonly bounds: RangeBounds;
  readonly isEmpty: boolean;

  constructor(lower: T | null, upper: T | null, bounds: RangeBounds = "[)", isEmpty = false) {
    this.lower = lower;
    this.upper = upper;
    // What is open has no end that could belong to it.
    const opening = lower === null ? "(" : bounds[0];
    const closing = upper === null ? ")" : bounds[1];
    this.bounds = `${opening}${closing}` as RangeBounds;
    this.isEmpty = isEmpty;
  }

  /** The range with nothing in it. */
  static empty(): Range<never> {
    return new Range<never>(null, null, "()", true);
  }

  /** Whether `lower` itself is in it. */
  get lowerInc(): boolean {
    return this.bounds.startsWith("[");
  }

  /** Whether `upper` itself is in it. */
  get upperInc(): boolean {
    return this.bounds.endsWith("]");
  }

  /** As Django's serializers write it: `{ "lower": 1, "upper": 5, "bounds": "[)" }`. */
  toJSON(): object {
    return this.isEmpty ? { empty: true } : { lower: this.lower, upper: this.upper, bounds: this.bounds };
  }

  /** `[1,5)`, as PostgreSQL writes it. */
  toString(): string {
    if (this.isEmpty) return "empty";
    const [lower, upper] = [this.lower, this.upper].map((end) => (end === null ? "" : String(end)));
    return `${this.bounds[0]}${lower},${upper}${this.bounds[1]}`;
  }
}

type Convert = (value: unknown, vendor: "postgresql", field: Field) => unknown;

/** A range as PostgreSQL reads it. Throws a DataError where an end is no value of the kind, or they are the wrong way round. */
export function writeRange(value: unknown, field: Field, convert: Convert): string {
  if (!(value instanceof Range)) throw wrongValue(field, "a Range", value);
  if (value.isEmpty) return "empty";
  const { lower, upper, bounds } = value as Range<unknown>;
  if (lower !== null && upper !== null && (compareValues(lower, upper) ?? 0) > 0) {
    throw new DataError(`Field "${field.label}" cannot hold ${value}: it ends before it begins.`, {
      columns: [field.column],
    });
  }
  const [from, to] = [lower, upper].map((end) => (end === null ? "" : `"${convert(end, "postgresql", field)}"`));
  return `${bounds[0]}${from},${to}${bounds[1]}`;
}

const form = /^([[(])(?:"([^"]*)"|([^",]*)),(?:"([^"]*)"|([^",]*))([\])])$/;

/** What PostgreSQL wrote as a range. */
export function readRange<T>(raw: unknown, read: (text: string) => T): Range<T> {
  if (raw === "empty") return Range.empty();
  const [, opening, quotedLower, plainLower = "", quotedUpper, plainUpper = "", closing] = form.exec(String(raw)) ?? [];
  if (opening === undefined)
    throw new DataError(`The database holds the range ${JSON.stringify(raw)}, which has no such form.`);
  const [lower, upper] = [quotedLower ?? plainLower, quotedUpper ?? plainUpper];
  const value = (text: string) => (text === "" ? null : read(text));
  return new Range(value(lower), value(upper), `${opening}${closing}` as RangeBounds);
}
