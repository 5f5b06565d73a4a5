// What a validator is: a function of the value that throws a ValidationFailure.

import { pythonStr } from "../python_text.ts";

/** Checks a value; throws a {@link ValidationFailure} if it is not good. */
export type Validator<T = never> = (value: T) => void;

/** What {@link formatMessage} fills in. */
export type MessageParams = Readonly<Record<string, unknown>>;

/**
 * Fills `{name}` in a message with the parameters, written as Python writes them.
 *
 * @example
 * formatMessage("At most {limit_value}.", { limit_value: 5 }); // "At most 5."
 */
export function formatMessage(message: string, params: MessageParams): string {
  if (!message.includes("{")) return message;
  return message.replace(/\{(\w+)\}/g, (whole, name: string) => (name in params ? pythonStr(params[name]) : whole));
}

/** A value did not pass: a sentence, and a code that programs may compare. */
export class ValidationFailure extends Error {
  readonly code: string;
  readonly params: MessageParams;

  constructor(message: string, code = "invalid", params: MessageParams = {}) {
    super(formatMessage(message, params));
    this.name = "ValidationFailure";
    this.code = code;
    this.params = params;
  }
}

/** Options that every validator class takes. */
export interface ValidatorOptions {
  /** Replaces the text; `{limit_value}`, `{show_value}` and `{value}` are filled in where they exist. */
  message?: string;
  code?: string;
}

export interface BaseValidator {
  (value: unknown): void;
  /** Of the function; says nothing. */
  readonly length: number;
}

/**
 * Base of the validators that are classes. An instance is called like a function, so that a list of validators may mix
 * both kinds.
 *
 * @example
 * class Even extends BaseValidator {
 *   validate(value: unknown) { if (Number(value) % 2) throw new ValidationFailure("Enter an even number."); }
 * }
 * const isEven = new Even();
 * isEven(4);
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: an instance is a function; the constructor returns one
export abstract class BaseValidator {
  constructor() {
    const call = (value: unknown) => (call as unknown as BaseValidator).validate(value);
    // biome-ignore lint/correctness/noConstructorReturn: that is what makes an instance callable
    return Object.setPrototypeOf(call, new.target.prototype);
  }

  /** Throws a {@link ValidationFailure} if the value is not good. */
  abstract validate(value: unknown): void;

  /** The class name and the arguments that make an equal one; migrations write this down. */
  deconstruct(): { name: string; args: unknown[] } {
    return { name: this.constructor.name, args: this.args() };
  }

  protected args(): unknown[] {
    return [];
  }
}
