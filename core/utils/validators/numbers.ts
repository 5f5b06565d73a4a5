// Validators of numbers written as text, and of steps.

import { ValidationError } from "../../exceptions.ts";
import { Decimal } from "../decimal.ts";
import { BaseValidator, type MessageOrOptions, optionsOf, type ValidatorOptions } from "./base.ts";
import { asDecimal } from "./limits.ts";
import { RegexValidator } from "./text.ts";

/** What a {@link StepValueValidator} takes beside the step. */
export interface StepValueValidatorOptions extends ValidatorOptions {
  /** Where the steps begin; 0 by default. */
  offset?: number | bigint | string;
}

/** Both as multiples of the same power of ten. */
function aligned(left: Decimal, right: Decimal): [left: bigint, right: bigint] {
  const exponent = Math.min(left.exponent, right.exponent);
  const scale = (decimal: Decimal) =>
    (decimal.negative ? -decimal.coefficient : decimal.coefficient) * 10n ** BigInt(decimal.exponent - exponent);
  return [scale(left), scale(right)];
}

function difference(left: Decimal, right: Decimal): Decimal {
  const [a, b] = aligned(left, right);
  const result = a - b;
  return new Decimal(result < 0n, result < 0n ? -result : result, Math.min(left.exponent, right.exponent));
}

/** Numbers with more zeros than this are multiples of nothing: writing them out would only fill the memory. */
const largestExponent = 1000;

function isModerate(decimal: Decimal | null | undefined): decimal is Decimal {
  return decimal?.isFinite === true && Math.abs(decimal.exponent) <= largestExponent;
}

function isMultiple(value: Decimal, step: Decimal): boolean {
  const [a, b] = aligned(value, step);
  return b !== 0n && a % b === 0n;
}

/** The value is a whole number of steps away from the offset; decimals are compared exactly. */
export class StepValueValidator extends BaseValidator {
  readonly limitValue: number | bigint | string;
  readonly offset: number | bigint | string | null;
  readonly message: string;
  readonly code: string;

  constructor(limitValue: number | bigint | string, given?: MessageOrOptions<StepValueValidatorOptions>) {
    super();
    const options = optionsOf(given);
    this.limitValue = limitValue;
    this.offset = options.offset ?? null;
    const from =
      this.offset === null ? "" : ", starting from {offset}, e.g. {offset}, {valid_value1}, {valid_value2}, and so on";
    this.message = options.message ?? `Ensure this value is a multiple of step size {limit_value}${from}.`;
    this.code = options.code ?? "step_size";
  }

  validate(value: unknown): void {
    const [decimal, step, offset] = [value, this.limitValue, this.offset ?? 0].map(asDecimal);
    const known = isModerate(decimal) && isModerate(step) && isModerate(offset);
    if (known && isMultiple(difference(decimal, offset), step)) return;
    throw new ValidationError(this.message, { code: this.code, params: this.#params(value) });
  }

  #params(value: unknown): Record<string, unknown> {
    const [offset, step] = [Number(this.offset ?? 0), Number(this.limitValue)];
    const known = { limit_value: this.limitValue, offset: this.offset, value };
    return { ...known, valid_value1: offset + step, valid_value2: offset + 2 * step };
  }

  protected override args(): unknown[] {
    return this.offset === null ? [this.limitValue] : [this.limitValue, { offset: this.offset }];
  }
}

/** The text is a whole number. */
export const validateInteger = new RegexValidator(/^-?\d+$/, "Enter a valid integer.");

/** Options of an {@link intListValidator}. */
export interface IntListOptions extends ValidatorOptions {
  /** What stands between the numbers; `","` by default. */
  sep?: string;
  allowNegative?: boolean;
}

/** A validator of whole numbers with something between them, Django's `int_list_validator`. */
export function intListValidator(options: IntListOptions = {}): RegexValidator {
  const { sep = ",", allowNegative = false, message = "Enter only digits separated by commas.", code } = options;
  const number = allowNegative ? "-?\\d+" : "\\d+";
  const between = sep.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  return new RegexValidator(new RegExp(`^${number}(?:${between}${number})*$`), { message, ...(code ? { code } : {}) });
}

/** The text is digits separated by commas. */
export const validateCommaSeparatedIntegerList = intListValidator();
