// Fields whose value is a number, or a truth value.

import { Decimal, type Rounding } from "../../utils/decimal.ts";
import { JsonFloat } from "../../utils/json.ts";
import { floatRepr, narrowInteger, parseFloatText, parseInteger } from "../../utils/python_numbers.ts";
import { pythonStr } from "../../utils/python_text.ts";
import { codePointLength, strip } from "../../utils/unicode.ts";
import { decimalDigits, MaxValueValidator, MinValueValidator } from "../../utils/validators.ts";
import { type Empty, Field, type FieldContext, type FieldOptions } from "./base.ts";

const trueValues = new Set<unknown>([
  "t",
  "T",
  "y",
  "Y",
  "yes",
  "Yes",
  "YES",
  "true",
  "True",
  "TRUE",
  "on",
  "On",
  "ON",
  "1",
  1,
  true,
]);
const falseValues = new Set<unknown>([
  "f",
  "F",
  "n",
  "N",
  "no",
  "No",
  "NO",
  "false",
  "False",
  "FALSE",
  "off",
  "Off",
  "OFF",
  "0",
  0,
  false,
]);
const nullValues = new Set<unknown>(["null", "Null", "NULL", "", null]);

/** True or false, in many spellings. */
export class BooleanField extends Field<boolean> {
  static override defaultErrorMessages = { invalid: "Must be a valid boolean." };

  toInternalValue(data: unknown, _context: FieldContext): boolean | null {
    const value = data instanceof JsonFloat ? data.value : data;
    if (trueValues.has(value)) return true;
    if (falseValues.has(value)) return false;
    return this.allowNull && nullValues.has(value) ? null : this.fail("invalid", { input: data });
  }

  toRepresentation(value: boolean, _context: FieldContext): boolean | null {
    if (trueValues.has(value)) return true;
    if (falseValues.has(value)) return false;
    return this.allowNull && nullValues.has(value) ? null : Boolean(value);
  }

  override toJson(value: boolean, context: FieldContext): string {
    return value === true ? "true" : String(this.toRepresentation(value, context));
  }
}

/** Longer texts are not looked at: reading a number takes time that grows with the square of its digits. */
const maxStringLength = 1000;

const numberMessages = {
  max_value: "Ensure this value is less than or equal to {max_value}.",
  min_value: "Ensure this value is greater than or equal to {min_value}.",
  max_string_length: "String value too large.",
};

/** Base of the fields that have a smallest and a largest value. */
abstract class BoundedField<T, Limit> extends Field<T> {
  readonly maxValue: Limit | undefined;
  readonly minValue: Limit | undefined;

  constructor(options: FieldOptions<T> & { maxValue?: Limit; minValue?: Limit }) {
    super(options);
    const { maxValue, minValue } = options;
    this.maxValue = maxValue;
    this.minValue = minValue;
    if (maxValue !== undefined) {
      const message = this.message("max_value", { max_value: maxValue });
      this.validators.push(new MaxValueValidator(maxValue, { message }));
    }
    if (minValue !== undefined) {
      const message = this.message("min_value", { min_value: minValue });
      this.validators.push(new MinValueValidator(minValue, { message }));
    }
  }

  protected checkLength(data: unknown): void {
    if (typeof data === "string" && codePointLength(data) > maxStringLength) this.fail("max_string_length");
  }
}

export interface IntegerFieldOptions<T extends number | bigint = number> extends FieldOptions<T> {
  /** A bigint where the limit is beyond 2^53. */
  maxValue?: number | bigint;
  minValue?: number | bigint;
}

/** The integer that Python's int() makes of a text, `42.0` being one; null for anything else. */
function readInteger(data: unknown): bigint | null {
  return parseInteger(pythonStr(data).replace(/\.0*\s*$/, ""));
}

/**
 * A whole number. One beyond 2^53 arrives as a bigint, never rounded: give the field a `maxValue`, or use
 * {@link BigIntegerField}.
 */
export class IntegerField extends BoundedField<number, number | bigint> {
  static override defaultErrorMessages = { invalid: "A valid integer is required.", ...numberMessages };

  constructor(options: IntegerFieldOptions = {}) {
    super(options);
  }

  toInternalValue(data: unknown, _context: FieldContext): number {
    if (Number.isSafeInteger(data)) return (data as number) + 0;
    this.checkLength(data);
    const value = readInteger(data) ?? this.fail("invalid");
    return narrowInteger(value) as number;
  }

  toRepresentation(value: number, _context: FieldContext): number | bigint {
    if (typeof value === "number" || typeof value === "bigint") return value;
    return narrowInteger(BigInt(value));
  }

  override toJson(value: number, context: FieldContext): string {
    return String(this.toRepresentation(value, context));
  }
}

export interface BigIntegerFieldOptions extends IntegerFieldOptions<bigint> {
  /** Shown as text, for clients whose numbers are doubles. */
  coerceToString?: boolean;
}

/** A whole number of any size; code sees a bigint. */
export class BigIntegerField extends BoundedField<bigint, number | bigint> {
  static override defaultErrorMessages = { invalid: "A valid biginteger is required.", ...numberMessages };
  readonly coerceToString: boolean;

  constructor(options: BigIntegerFieldOptions = {}) {
    super(options);
    this.coerceToString = options.coerceToString ?? false;
  }

  toInternalValue(data: unknown, _context: FieldContext): bigint {
    this.checkLength(data);
    return readInteger(data) ?? this.fail("invalid");
  }

  toRepresentation(value: bigint, _context: FieldContext): bigint | string {
    return this.coerceToString ? String(value) : BigInt(value);
  }

  override toJson(value: bigint, _context: FieldContext): string {
    return this.coerceToString ? `"${value}"` : String(value);
  }
}

export interface FloatFieldOptions extends FieldOptions<number> {
  maxValue?: number;
  minValue?: number;
}

function readFloat(data: unknown): number | null {
  if (typeof data === "number") return data;
  if (typeof data === "string") return parseFloatText(data);
  if (data instanceof JsonFloat) return data.value;
  return typeof data === "bigint" || typeof data === "boolean" ? Number(data) : null;
}

/** A number in double precision, always shown with a point or an exponent. NaN and infinity, which JSON cannot hold, are refused. */
export class FloatField extends BoundedField<number, number> {
  static override defaultErrorMessages = { invalid: "A valid number is required.", ...numberMessages };

  constructor(options: FloatFieldOptions = {}) {
    super(options);
  }

  toInternalValue(data: unknown, _context: FieldContext): number {
    this.checkLength(data);
    const value = readFloat(data);
    return value !== null && Number.isFinite(value) ? value : this.#refuse(value);
  }

  /** Infinity is beyond a limit where there is one, and otherwise no number. */
  #refuse(value: number | null): never {
    if (value === Infinity && this.maxValue !== undefined) this.fail("max_value", { max_value: this.maxValue });
    if (value === -Infinity && this.minValue !== undefined) this.fail("min_value", { min_value: this.minValue });
    return this.fail("invalid");
  }

  toRepresentation(value: number, _context: FieldContext): number | JsonFloat {
    const number = Number(value);
    return Number.isInteger(number) ? new JsonFloat(number) : number;
  }

  override toJson(value: number, context: FieldContext): string {
    const number = Number(value);
    return Number.isFinite(number) ? floatRepr(number) : super.toJson(value, context);
  }
}

export interface DecimalFieldOptions extends FieldOptions<string> {
  /** Null for any number of them. */
  maxDigits: number | null;
  decimalPlaces: number | null;
  /** Shown as text, the default, or as a JSON number. */
  coerceToString?: boolean;
  maxValue?: number | bigint | string;
  minValue?: number | bigint | string;
  /** Shown without zeros at the end. */
  normalizeOutput?: boolean;
  /** How a value with more places is shown; half to even by default. */
  rounding?: Rounding;
}

/** Of a decimal that may have any number of them. */
const mostDigits = 10_000;

const plainDecimal = /^-?[0-9]+(?:\.([0-9]+))?$/;

/** An exact decimal; code sees a string with exactly the declared places. Zeros at the end count as places. */
export class DecimalField extends BoundedField<string, number | bigint | string> {
  static override defaultErrorMessages = {
    invalid: "A valid number is required.",
    ...numberMessages,
    max_digits: "Ensure that there are no more than {max_digits} digits in total.",
    max_decimal_places: "Ensure that there are no more than {max_decimal_places} decimal places.",
    max_whole_digits: "Ensure that there are no more than {max_whole_digits} digits before the decimal point.",
  };

  readonly maxDigits: number | null;
  readonly decimalPlaces: number | null;
  readonly coerceToString: boolean;
  readonly normalizeOutput: boolean;
  readonly rounding: Rounding;

  constructor(options: DecimalFieldOptions) {
    super(options);
    this.maxDigits = options.maxDigits;
    this.decimalPlaces = options.decimalPlaces;
    this.coerceToString = options.coerceToString ?? true;
    this.normalizeOutput = options.normalizeOutput ?? false;
    this.rounding = options.rounding ?? "ROUND_HALF_EVEN";
  }

  protected override validateEmptyValues(data: unknown, context: FieldContext): string | null | Empty | undefined {
    if (this.allowNull && typeof data === "string" && strip(data) === "") return null;
    return super.validateEmptyValues(data, context);
  }

  toInternalValue(data: unknown, _context: FieldContext): string {
    const text = strip(pythonStr(data));
    this.checkLength(text);
    const value = Decimal.parse(text);
    if (!value?.isFinite) return this.fail("invalid");
    this.validatePrecision(value);
    return this.#quantize(value).toFixed();
  }

  /** Counts digits, then places, then the digits before the point. */
  protected validatePrecision(value: Decimal): void {
    const { maxDigits, decimalPlaces } = this;
    const { total, places } = decimalDigits(value);
    if (maxDigits === null) {
      // Written out, 1e1000000 would fill the memory.
      if (total > mostDigits) this.fail("max_string_length");
    } else if (total > maxDigits) this.fail("max_digits", { max_digits: maxDigits });
    if (decimalPlaces === null) return;
    if (places > decimalPlaces) this.fail("max_decimal_places", { max_decimal_places: decimalPlaces });
    const maxWhole = maxDigits === null ? Infinity : maxDigits - decimalPlaces;
    if (total - places > maxWhole) this.fail("max_whole_digits", { max_whole_digits: maxWhole });
  }

  #quantize(value: Decimal): Decimal {
    return this.decimalPlaces === null ? value : value.quantize(this.decimalPlaces, this.rounding);
  }

  toRepresentation(value: string, _context: FieldContext): string | number | JsonFloat {
    const decimal = Decimal.parse(pythonStr(value));
    if (!decimal) throw new TypeError(`A DecimalField was given ${pythonStr(value)}, which is not a number.`);
    const shown = this.#quantize(decimal);
    const exact = this.normalizeOutput ? shown.normalize() : shown;
    if (this.coerceToString) return exact.toFixed();
    const number = exact.toNumber();
    return Number.isInteger(number) ? new JsonFloat(number) : number;
  }

  override toJson(value: string, context: FieldContext): string {
    return this.#isShownAsIs(value) ? `"${value}"` : super.toJson(value, context);
  }

  /** What a database column holds has its places already. */
  #isShownAsIs(value: unknown): boolean {
    if (!this.coerceToString || this.normalizeOutput || typeof value !== "string") return false;
    const match = plainDecimal.exec(value);
    return match !== null && (match[1]?.length ?? 0) === this.decimalPlaces;
  }
}
