// What a validator is: a function of the value that throws a ValidationError.

export { formatMessage, type MessageParams } from "../messages.ts";

/** Checks a value; throws a {@link ValidationError} if it is not good. */
export type Validator<T = never> = (value: T) => void;

/** Options that every validator class takes. */
export interface ValidatorOptions {
  /** Replaces the text; `{limit_value}`, `{show_value}` and `{value}` are filled in where they exist. */
  message?: string;
  code?: string;
}

/** What a validator class takes last: its options, or only the text. */
export type MessageOrOptions<O extends ValidatorOptions = ValidatorOptions> = string | O;

/** The options, of which a text alone is the message. */
export function optionsOf<O extends ValidatorOptions>(given: MessageOrOptions<O> | undefined): Partial<O> {
  return typeof given === "string" ? ({ message: given } as Partial<O>) : (given ?? {});
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
 *   validate(value: unknown) { if (Number(value) % 2) throw new ValidationError("Enter an even number."); }
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

  /** Throws a {@link ValidationError} if the value is not good. */
  abstract validate(value: unknown): void;

  /** The class name and the arguments that make an equal one; migrations write this down. */
  deconstruct(): { name: string; args: unknown[] } {
    return { name: this.constructor.name, args: this.args() };
  }

  protected args(): unknown[] {
    return [];
  }
}
