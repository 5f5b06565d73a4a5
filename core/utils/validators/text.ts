// Validators of texts: patterns, slugs, IP addresses, characters that cannot be stored.

import { ValidationError } from "../../exceptions.ts";
import { cleanIPv6, isIPv4, isIPv6 } from "../ipv6.ts";
import { pythonStr } from "../python_text.ts";
import { BaseValidator, type MessageOrOptions, optionsOf, type ValidatorOptions } from "./base.ts";

/** What a {@link RegexValidator} takes beside the pattern. */
export interface RegexValidatorOptions extends ValidatorOptions {
  /** The value must *not* match. */
  inverseMatch?: boolean;
}

/**
 * The pattern is found in the value's text. Patterns run on what clients send: write them so that they cannot
 * backtrack without end, and limit the length beside them.
 */
export class RegexValidator extends BaseValidator {
  readonly regex: RegExp;
  readonly message: string;
  readonly code: string;
  readonly inverseMatch: boolean;

  constructor(regex: RegExp | string, given?: MessageOrOptions<RegexValidatorOptions>) {
    const options = optionsOf(given);
    super();
    // A global or sticky pattern remembers where it stopped and would refuse every second good value.
    this.regex = new RegExp(regex, typeof regex === "string" ? "u" : regex.flags.replace(/[gy]/g, ""));
    this.message = options.message ?? "Enter a valid value.";
    this.code = options.code ?? "invalid";
    this.inverseMatch = options.inverseMatch ?? false;
  }

  validate(value: unknown): void {
    if (this.regex.test(pythonStr(value)) !== this.inverseMatch) return;
    throw new ValidationError(this.message, { code: this.code, params: { value } });
  }

  protected override args(): unknown[] {
    return [this.regex];
  }
}

/** The text consists of ASCII letters, digits, hyphens and underscores. */
export const validateSlug = new RegexValidator(/^[-a-zA-Z0-9_]+$/, {
  message: "Enter a valid “slug” consisting of letters, numbers, underscores or hyphens.",
});

/** The text consists of letters and digits of any script, hyphens and underscores. */
export const validateUnicodeSlug = new RegexValidator(/^[-_\p{L}\p{N}]+$/u, {
  message: "Enter a valid “slug” consisting of Unicode letters, numbers, underscores, or hyphens.",
});

/** The text is an IPv4 address. */
export function validateIpv4Address(value: unknown): void {
  if (typeof value === "string" && isIPv4(value)) return;
  throw new ValidationError("Enter a valid IPv4 address.", { code: "invalid", params: { value } });
}

/** The text is an IPv6 address. */
export function validateIpv6Address(value: unknown): void {
  if (typeof value === "string" && cleanIPv6(value) !== null) return;
  throw new ValidationError("Enter a valid IPv6 address.", { code: "invalid", params: { value } });
}

/** The text is an IPv4 or IPv6 address. */
export function validateIpv46Address(value: unknown): void {
  if (typeof value === "string" && (isIPv4(value) || isIPv6(value))) return;
  throw new ValidationError("Enter a valid IPv4 or IPv6 address.", { code: "invalid", params: { value } });
}

/** The text holds no U+0000, which PostgreSQL cannot store. */
export class ProhibitNullCharactersValidator extends BaseValidator {
  readonly message: string;
  readonly code: string;

  constructor(given?: MessageOrOptions) {
    const options = optionsOf(given);
    super();
    this.message = options.message ?? "Null characters are not allowed.";
    this.code = options.code ?? "null_characters_not_allowed";
  }

  validate(value: unknown): void {
    if (!pythonStr(value).includes("\0")) return;
    throw new ValidationError(this.message, { code: this.code, params: { value } });
  }
}

const loneSurrogate = /\p{Cs}/u;

/** The text holds no half of a surrogate pair, which UTF-8 cannot write. */
export class ProhibitSurrogateCharactersValidator extends BaseValidator {
  validate(value: unknown): void {
    const half = loneSurrogate.exec(pythonStr(value))?.[0].charCodeAt(0).toString(16).toUpperCase();
    if (half === undefined) return;
    const code = "surrogate_characters_not_allowed";
    throw new ValidationError(`Surrogate characters are not allowed: U+${half}.`, { code: code, params: { value } });
  }
}
