// Exact decimals. Decimal columns are strings in this framework; this class is what compares, rounds and formats them
// as Python's decimal module does, on BigInt.

import { asciiDigits } from "./python_numbers.ts";
import { strip } from "./unicode.ts";

const decimalText =
  /^([+-]?)(?:(?:([0-9]+)(?:\.([0-9]*))?|\.([0-9]+))(?:[eE]([+-]?[0-9]+))?|(inf(?:inity)?)|(s?nan)[0-9]*)$/i;

/** Exponents beyond Python's own limit are not numbers there either. */
const largestExponent = 999_999_999_999_999_999n;

/** The ways to round of Python's decimal module. */
export type Rounding =
  | "ROUND_CEILING"
  | "ROUND_DOWN"
  | "ROUND_FLOOR"
  | "ROUND_HALF_DOWN"
  | "ROUND_HALF_EVEN"
  | "ROUND_HALF_UP"
  | "ROUND_UP"
  | "ROUND_05UP";

/** What is not a finite number. */
export type SpecialDecimal = "Infinity" | "NaN" | "sNaN";

/** Adding a ten-power of more digits than this would only serve to fill the memory. */
const largestShift = 100_000;

function power10(exponent: number): bigint {
  if (exponent > largestShift)
    throw new RangeError(`A decimal of more than ${largestShift} digits is not written out.`);
  return 10n ** BigInt(exponent);
}

// Whether the dropped digits make the last kept one larger; `half` compares them with one half (-1, 0, 1).
const roundsAway: Record<Rounding, (half: number, kept: bigint, negative: boolean) => boolean> = {
  ROUND_CEILING: (_half, _kept, negative) => !negative,
  ROUND_FLOOR: (_half, _kept, negative) => negative,
  ROUND_DOWN: () => false,
  ROUND_UP: () => true,
  ROUND_HALF_UP: (half) => half >= 0,
  ROUND_HALF_DOWN: (half) => half > 0,
  ROUND_HALF_EVEN: (half, kept) => half > 0 || (half === 0 && kept % 2n === 1n),
  ROUND_05UP: (_half, kept) => kept % 5n === 0n,
};

/** The names of {@link Rounding}, for whoever checks an option. */
export const roundings = Object.keys(roundsAway) as readonly Rounding[];

/**
 * An exact decimal number: sign, whole coefficient and power of ten. Immutable; `1.50` and `1.5` are equal but keep
 * their own digits, as in Python.
 *
 * @example
 * Decimal.parse("1e3")?.toFixed(); // "1000"
 * Decimal.parse("2.675")?.quantize(2).toString(); // "2.68", half to even
 */
export class Decimal {
  readonly negative: boolean;
  readonly coefficient: bigint;
  readonly exponent: number;
  readonly special?: SpecialDecimal;

  constructor(negative: boolean, coefficient: bigint, exponent: number, special?: SpecialDecimal) {
    this.negative = negative;
    this.coefficient = coefficient;
    this.exponent = exponent;
    if (special) this.special = special;
  }

  /** Reads a number as Python's `Decimal(str)` does (white space around it, underscores, `1e3`, `NaN`), or gives null. */
  static parse(text: string): Decimal | null {
    const match = decimalText.exec(asciiDigits(strip(text)).replaceAll("_", ""));
    if (!match) return null;
    const [, sign, whole = "", fraction = match[4] ?? "", , exponent = "0", infinity, nan] = match;
    const negative = sign === "-";
    if (infinity) return new Decimal(negative, 0n, 0, "Infinity");
    if (nan) return new Decimal(negative, 0n, 0, nan.length === 3 ? "NaN" : "sNaN");
    const power = BigInt(exponent);
    if (power > largestExponent || power < -largestExponent) return null;
    return new Decimal(negative, BigInt(whole + fraction || "0"), Number(power) - fraction.length);
  }

  get isFinite(): boolean {
    return this.special === undefined;
  }

  get isZero(): boolean {
    return this.isFinite && this.coefficient === 0n;
  }

  /** The digits of the coefficient, as `as_tuple().digits` counts them: zero has one. */
  get digits(): number {
    return this.coefficient.toString().length;
  }

  /** The exponent of the first digit, in scientific notation. */
  get #adjusted(): number {
    return this.exponent + this.digits - 1;
  }

  /** The same number with exactly `places` digits behind the point. */
  quantize(places: number, rounding: Rounding = "ROUND_HALF_EVEN"): Decimal {
    const drop = -places - this.exponent;
    if (!this.isFinite || drop === 0) return this;
    if (drop < 0) return new Decimal(this.negative, this.coefficient * power10(-drop), -places);
    // More dropped digits than there are leave nothing; the power of ten itself need not be built.
    const divisor = power10(Math.min(drop, this.digits + 1));
    const kept = this.coefficient / divisor;
    const rest = this.coefficient % divisor;
    const double = rest * 2n;
    const half = double === divisor ? 0 : double > divisor ? 1 : -1;
    const away = rest !== 0n && roundsAway[rounding](half, kept, this.negative);
    return new Decimal(this.negative, away ? kept + 1n : kept, -places);
  }

  /** Without the zeros at the end, as Python's `normalize()`: `1.50` is `1.5`, `100` is `1E+2`. */
  normalize(): Decimal {
    if (!this.isFinite) return this;
    if (this.isZero) return new Decimal(this.negative, 0n, 0);
    const digits = this.coefficient.toString();
    const kept = digits.replace(/0+$/, "");
    return new Decimal(this.negative, BigInt(kept), this.exponent + digits.length - kept.length);
  }

  /** Negative, zero or positive as this is less than, equal to or greater than the other; NaN compares as null. */
  compare(other: Decimal): number | null {
    if (this.#isNaN || other.#isNaN) return null;
    const sign = this.#sign;
    if (sign !== other.#sign) return sign - other.#sign;
    if (sign === 0) return 0;
    return sign * this.#compareSizes(other);
  }

  get #isNaN(): boolean {
    return this.special === "NaN" || this.special === "sNaN";
  }

  get #sign(): number {
    if (this.isZero) return 0;
    return this.negative ? -1 : 1;
  }

  #compareSizes(other: Decimal): number {
    if (!this.isFinite || !other.isFinite) return Number(!this.isFinite) - Number(!other.isFinite);
    if (this.#adjusted !== other.#adjusted) return this.#adjusted - other.#adjusted;
    const shift = this.exponent - other.exponent;
    const mine = shift > 0 ? this.coefficient * power10(shift) : this.coefficient;
    const theirs = shift < 0 ? other.coefficient * power10(-shift) : other.coefficient;
    return mine === theirs ? 0 : mine > theirs ? 1 : -1;
  }

  /** The nearest double. */
  toNumber(): number {
    if (this.#isNaN) return Number.NaN;
    return Number(this.isFinite ? `${this.#minus}${this.coefficient}e${this.exponent}` : `${this.#minus}Infinity`);
  }

  get #minus(): string {
    return this.negative ? "-" : "";
  }

  /** Plain notation, Python's `format(value, "f")`; throws RangeError for more digits than anyone can read. */
  toFixed(): string {
    if (this.special) return this.#minus + this.special;
    if (this.exponent >= 0) return this.#minus + (this.coefficient * power10(this.exponent)).toString();
    if (this.exponent < -largestShift) power10(-this.exponent);
    const digits = this.coefficient.toString().padStart(1 - this.exponent, "0");
    return `${this.#minus}${digits.slice(0, this.exponent)}.${digits.slice(this.exponent)}`;
  }

  /** Python's `str(Decimal)`: plain where that is short, scientific where it is not. */
  toString(): string {
    if (this.special || (this.exponent <= 0 && this.#adjusted >= -6)) return this.toFixed();
    const digits = this.coefficient.toString();
    const mantissa = digits.length > 1 ? `${digits[0]}.${digits.slice(1)}` : digits;
    return `${this.#minus}${mantissa}E${this.#adjusted < 0 ? "" : "+"}${this.#adjusted}`;
  }

  toJSON(): string {
    return this.toString();
  }
}

/**
 * Compares two decimals given as text.
 *
 * @returns negative, zero or positive; null where one of them is no number.
 * @example
 * compareDecimals("1.50", "1.5"); // 0
 */
export function compareDecimals(left: string, right: string): number | null {
  const [first, second] = [Decimal.parse(left), Decimal.parse(right)];
  return first && second ? first.compare(second) : null;
}

/**
 * Writes a decimal with exactly so many places, rounding where it has more.
 *
 * @throws RangeError if the text is not a finite decimal.
 * @example
 * formatDecimal("1.5", 2); // "1.50"
 * formatDecimal("0.125", 2, "ROUND_HALF_UP"); // "0.13"
 */
export function formatDecimal(text: string, places: number, rounding?: Rounding): string {
  const value = Decimal.parse(text);
  if (!value?.isFinite) throw new RangeError(`"${text}" is not a decimal number.`);
  return value.quantize(places, rounding).toFixed();
}
