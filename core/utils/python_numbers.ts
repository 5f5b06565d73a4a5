// How Python reads and writes numbers, where DRF's answers depend on it: int(str), float(str) and repr(float).

import { strip } from "./unicode.ts";

const nonAsciiDigit = /[^\P{Nd}0-9]/gu;
const decimalDigit = /^\p{Nd}$/u;
const integerText = /^([+-]?)([0-9]+(?:_[0-9]+)*)$/;
const digits = "[0-9]+(?:_[0-9]+)*";
const floatText = new RegExp(`^[+-]?(?:${digits}(?:\\.(?:${digits})?)?|\\.${digits})(?:[eE][+-]?${digits})?$`);
const specialFloat = /^([+-]?)(inf|infinity|nan)$/i;

/** Mathematical digits stand in runs of ten without a gap; every other script begins at a code point ending in 0 or 6. */
const mathematicalZero = 0x1d7ce;

function digitValue(char: string): string {
  const code = char.codePointAt(0) as number;
  if (code >= mathematicalZero && code <= 0x1d7ff) return String((code - mathematicalZero) % 10);
  const low = code & 0xf;
  return String(decimalDigit.test(String.fromCodePoint(code - low)) ? low : low - 6);
}

/** The text with the decimal digits of every script written as 0-9, which Python's number readers do. */
export function asciiDigits(text: string): string {
  return text.replace(nonAsciiDigit, digitValue);
}

/** int() and float() of an ASCII text do not take the four separators U+001C-001F for white space, though strip() does. */
function stripNumber(text: string): string {
  const stripped = strip(text);
  return stripped.length < text.length && isAsciiWithSeparator(text) ? text : asciiDigits(stripped);
}

function isAsciiWithSeparator(text: string): boolean {
  let separator = false;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code > 0x7f) return false;
    separator ||= code >= 0x1c && code <= 0x1f;
  }
  return separator;
}

/**
 * Reads an integer as Python's `int(str)` does: signs, surrounding white space, digits of any script and underscores
 * between digits are fine, everything else gives null.
 *
 * @example
 * parseInteger(" +1_000 "); // 1000n
 * parseInteger("0x10"); // null
 */
export function parseInteger(text: string): bigint | null {
  const match = integerText.exec(stripNumber(text));
  if (!match) return null;
  const value = BigInt((match[2] as string).replaceAll("_", ""));
  return match[1] === "-" ? -value : value;
}

/**
 * Reads a float as Python's `float(str)` does, `inf` and `nan` included; anything else gives null.
 *
 * @example
 * parseFloatText(" 1_0.5e3"); // 10500
 */
export function parseFloatText(text: string): number | null {
  const stripped = stripNumber(text);
  if (floatText.test(stripped)) return Number(stripped.replaceAll("_", ""));
  const special = specialFloat.exec(stripped);
  if (!special) return null;
  if (special[2]?.toLowerCase() === "nan") return Number.NaN;
  return special[1] === "-" ? -Infinity : Infinity;
}

function specialRepr(value: number): string {
  if (Number.isNaN(value)) return "nan";
  return value > 0 ? "inf" : "-inf";
}

/**
 * Writes a number as Python's `repr(float)`: always with a point or an exponent, exponents of two digits or more.
 *
 * @example
 * floatRepr(5); // "5.0"
 * floatRepr(1e-7); // "1e-07"
 */
export function floatRepr(value: number): string {
  if (!Number.isFinite(value)) return specialRepr(value);
  if (Number.isInteger(value) && Math.abs(value) < 1e16) return Object.is(value, -0) ? "-0.0" : `${value}.0`;
  const text = String(value);
  const size = Math.abs(value);
  // Between these bounds JavaScript and Python both write the plain form.
  if (size >= 1e-4 && size < 1e16) return text;
  const [mantissa, exponent] = value.toExponential().split("e") as [string, string];
  const sign = exponent.startsWith("-") ? "-" : "+";
  return `${mantissa}e${sign}${exponent.replace(/^[+-]/, "").padStart(2, "0")}`;
}

/** The integer as a number where that is exact, as a bigint where it is not. */
export function narrowInteger(value: bigint): number | bigint {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}
