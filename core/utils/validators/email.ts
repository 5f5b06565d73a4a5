// Django's EmailValidator.

import { domainToASCII } from "node:url";
import { ValidationError } from "../../exceptions.ts";
import { isIPv4, isIPv6 } from "../ipv6.ts";
import { BaseValidator, type MessageOrOptions, optionsOf, type ValidatorOptions } from "./base.ts";

// i: ASCII letters, and the two characters that Python's IGNORECASE takes for k and s.
const word = "a-z0-9\u212a\u017f";
const emailUser = /^[-!#$%&'*+/=?^_`{}|~0-9a-z\u212a\u017f]+(?:\.[-!#$%&'*+/=?^_`{}|~0-9a-z\u212a\u017f]+)*$/i;
const quotedUser = new RegExp(
  `^"(?:[${String.raw`\x01-\x08\x0b\x0c\x0e-\x1f!#-\[\]-\x7f`}]|\\\\[${String.raw`\x01-\x09\x0b\x0c\x0e-\x7f`}])*"$`,
);
const emailDomain = new RegExp(`^(?:[${word}](?:[${word}-]{0,61}[${word}])?\\.)+[${word}-]{2,63}(?<!-)$`, "i");
const addressLiteral = /^\[([a-f0-9:.]+)\]$/i;
const longestEmail = 320;

function isAddressLiteral(domain: string): boolean {
  const address = addressLiteral.exec(domain)?.[1];
  return address !== undefined && (isIPv4(address) || isIPv6(address));
}

function isEmailDomain(domain: string): boolean {
  if (emailDomain.test(domain) || isAddressLiteral(domain)) return true;
  // Only for letters beyond ASCII: domainToASCII also repairs what is plainly wrong, such as a line feed.
  return /[\u0080-\uffff]/.test(domain) && !/\s/.test(domain) && emailDomain.test(domainToASCII(domain));
}

/** Options of an {@link EmailValidator}. */
export interface EmailValidatorOptions extends ValidatorOptions {
  /** Domains that need no dot; `["localhost"]` by default. */
  allowlist?: readonly string[];
}

/** The text is an e-mail address. */
export class EmailValidator extends BaseValidator {
  readonly message: string;
  readonly code: string;
  readonly allowlist: readonly string[];

  constructor(given?: MessageOrOptions<EmailValidatorOptions>) {
    const options = optionsOf(given);
    super();
    this.message = options.message ?? "Enter a valid email address.";
    this.code = options.code ?? "invalid";
    this.allowlist = options.allowlist ?? ["localhost"];
  }

  validate(value: unknown): void {
    if (typeof value === "string" && value.length <= longestEmail && this.#isEmail(value)) return;
    throw new ValidationError(this.message, { code: this.code, params: { value } });
  }

  #isEmail(value: string): boolean {
    const at = value.lastIndexOf("@");
    if (at < 1) return false;
    const [user, domain] = [value.slice(0, at), value.slice(at + 1)];
    return (
      (emailUser.test(user) || quotedUser.test(user)) && (this.allowlist.includes(domain) || isEmailDomain(domain))
    );
  }
}

/** The text is an e-mail address. */
export const validateEmail = new EmailValidator();
