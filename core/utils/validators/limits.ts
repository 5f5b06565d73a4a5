// Validators that compare a value, or its length, with a limit; and what comparing means for each kind of value.

import { ValidationError } from "../../exceptions.ts";
import { compareDatetimes } from "../datetime.ts";
import { Decimal } from "../decimal.ts";
import { Duration } from "../duration.ts";
import { JsonFloat } from "../json_float.ts";
import { codePointLength } from "../unicode.ts";
import { BaseValidator, type MessageOrOptions, optionsOf } from "./base.ts";

/** The number as an exact decimal, or null. */
export function asDecimal(value: unknown): Decimal | null {
  if (typeof value === "string") return Decimal.parse(value);
  if (typeof value === "bigint" || typeof value === "number") return Decimal.parse(String(value));
  if (value instanceof JsonFloat) return Decimal.parse(value.toString());
  return value instanceof Decimal ? value : null;
}

function compareExactly(left: unknown, right: unknown): number | null {
  const first = asDecimal(left);
  const second = first && asDecimal(right);
  return first && second && first.compare(second);
}

/**
 * Orders two values of a kind: numbers and bigints, decimal strings (by value), dates, durations, other texts.
 *
 * @returns negative, zero or positive; null if they cannot be compared.
 * @example
 * compareValues("10.50", 9); // positive
 */
export function compareValues(left: unknown, right: unknown): number | null {
  if (typeof left === "number" && typeof right === "number") return Number.isNaN(left - right) ? null : left - right;
  if (left instanceof Date && right instanceof Date) return compareDatetimes(left, right);
  if (left instanceof Duration && right instanceof Duration) return left.compare(right);
  const exact = compareExactly(left, right);
  if (exact !== null) return exact;
  if (typeof left !== "string" || typeof right !== "string") return null;
  return left === right ? 0 : left < right ? -1 : 1;
}

/** The length that a validator counts: code points of a text, items of anything else. */
export function lengthOf(value: unknown): number {
  if (typeof value === "string") return codePointLength(value);
  if (Array.isArray(value) || value instanceof Uint8Array) return value.length;
  if (value instanceof Set || value instanceof Map) return value.size;
  return Object.keys(value as object).length;
}

/** Base of the validators that compare with a limit. */
export abstract class LimitValidator extends BaseValidator {
  readonly limitValue: unknown;
  readonly message: string;
  readonly code: string;

  constructor(limitValue: unknown, message: string, code: string) {
    super();
    this.limitValue = limitValue;
    this.message = message;
    this.code = code;
  }

  /** Whether the value is on the wrong side of the limit. */
  protected abstract isBeyond(value: unknown, limit: unknown): boolean;

  protected clean(value: unknown): unknown {
    return value;
  }

  validate(value: unknown): void {
    const shown = this.clean(value);
    const limit = typeof this.limitValue === "function" ? this.limitValue() : this.limitValue;
    if (!this.isBeyond(shown, limit)) return;
    throw new ValidationError(this.message, {
      code: this.code,
      params: { limit_value: limit, show_value: shown, value },
    });
  }

  protected override args(): unknown[] {
    return [this.limitValue];
  }
}

/** The value is at most the limit, which may be a function that gives it. */
export class MaxValueValidator extends LimitValidator {
  constructor(limitValue: unknown, given?: MessageOrOptions) {
    const options = optionsOf(given);
    const message = options.message ?? "Ensure this value is less than or equal to {limit_value}.";
    super(limitValue, message, options.code ?? "max_value");
  }

  protected isBeyond(value: unknown, limit: unknown): boolean {
    return (compareValues(value, limit) ?? 1) > 0;
  }
}

/** The value is at least the limit. */
export class MinValueValidator extends LimitValidator {
  constructor(limitValue: unknown, given?: MessageOrOptions) {
    const options = optionsOf(given);
    const message = options.message ?? "Ensure this value is greater than or equal to {limit_value}.";
    super(limitValue, message, options.code ?? "min_value");
  }

  protected isBeyond(value: unknown, limit: unknown): boolean {
    return (compareValues(value, limit) ?? -1) < 0;
  }
}

function lengthMessage(bound: "least" | "most", limit: number): string {
  const characters = limit === 1 ? "character" : "characters";
  return `Ensure this value has at ${bound} {limit_value} ${characters} (it has {show_value}).`;
}

/** The text or list has at least so many code points or items. */
export class MinLengthValidator extends LimitValidator {
  constructor(limitValue: number, given?: MessageOrOptions) {
    const options = optionsOf(given);
    super(limitValue, options.message ?? lengthMessage("least", limitValue), options.code ?? "min_length");
  }

  protected override clean(value: unknown): number {
    return lengthOf(value);
  }

  protected isBeyond(value: unknown, limit: unknown): boolean {
    return (value as number) < (limit as number);
  }
}

/** The text or list has at most so many code points or items. */
export class MaxLengthValidator extends LimitValidator {
  constructor(limitValue: number, given?: MessageOrOptions) {
    const options = optionsOf(given);
    super(limitValue, options.message ?? lengthMessage("most", limitValue), options.code ?? "max_length");
  }

  protected override clean(value: unknown): number {
    return lengthOf(value);
  }

  protected isBeyond(value: unknown, limit: unknown): boolean {
    return (value as number) > (limit as number);
  }
}

function plural(count: number, word: string): string {
  return count === 1 ? word : `${word}s`;
}

/** How many digits a decimal has, and how many of them stand behind the point; zeros at the end count. */
export function decimalDigits({ digits, exponent }: Decimal): { total: number; places: number } {
  if (exponent >= 0) return { total: digits + exponent, places: 0 };
  return { total: Math.max(digits, -exponent), places: -exponent };
}

/** The decimal fits into a column of `maxDigits` digits, `decimalPlaces` of them behind the point. */
export class DecimalValidator extends BaseValidator {
  readonly maxDigits: number | null;
  readonly decimalPlaces: number | null;

  constructor(maxDigits: number | null, decimalPlaces: number | null) {
    super();
    this.maxDigits = maxDigits;
    this.decimalPlaces = decimalPlaces;
  }

  validate(value: unknown): void {
    const decimal = asDecimal(value);
    if (!decimal?.isFinite) throw new ValidationError("Enter a number.", { code: "invalid", params: { value } });
    const { total, places } = decimalDigits(decimal);
    const { maxDigits, decimalPlaces } = this;
    if (maxDigits !== null && total > maxDigits) this.#fail("max_digits", maxDigits, "digit", "in total");
    if (decimalPlaces === null) return;
    if (places > decimalPlaces) this.#fail("max_decimal_places", decimalPlaces, "decimal place");
    const whole = maxDigits === null ? Infinity : maxDigits - decimalPlaces;
    if (total - places > whole) this.#fail("max_whole_digits", whole, "digit", "before the decimal point");
  }

  #fail(code: string, max: number, unit: string, where = ""): never {
    const what = `${max} ${plural(max, unit)}${where && ` ${where}`}`;
    throw new ValidationError(`Ensure that there are no more than ${what}.`, { code: code, params: { max } });
  }

  protected override args(): unknown[] {
    return [this.maxDigits, this.decimalPlaces];
  }
}
