// JavaScript has one number type, JSON as Python reads it has two: 4 is an int, 4.0 a float. A JsonFloat is the float
// whose value happens to be whole (or too large for a double), so that nothing on the way back has to guess.

import { floatRepr } from "./python_numbers.ts";

/**
 * A JSON number that was written as a float but that JavaScript would show as an integer, or could not hold.
 *
 * @example
 * String(new JsonFloat(4)); // "4.0"
 * parseJson("[4.0, 1e400]"); // [JsonFloat 4.0, JsonFloat inf]
 */
export class JsonFloat {
  readonly value: number;
  /** The literal it was read from; the shortest text of the value where it was made by code. */
  readonly raw: string;

  constructor(value: number, raw: string = floatRepr(value)) {
    this.value = value;
    this.raw = raw;
  }

  valueOf(): number {
    return this.value;
  }

  /** Python's `repr(float)`: `4.0`, `1e+22`, `inf`. */
  toString(): string {
    return floatRepr(this.value);
  }

  /** What `JSON.stringify` writes for it; {@link stringifyJson} keeps the `.0`. */
  toJSON(): number {
    return this.value;
  }
}
