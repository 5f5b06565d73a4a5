// Django's URLValidator.

import { domainToASCII } from "node:url";
import { ValidationError } from "../../exceptions.ts";
import { isIPv6 } from "../ipv6.ts";
import { codePointLength } from "../unicode.ts";
import { BaseValidator, type MessageOrOptions, optionsOf, type ValidatorOptions } from "./base.ts";

const letter = "a-z\u00a1-\uffff\u212a\u017f";
const hostname = `[${letter}0-9](?:[${letter}0-9-]{0,61}[${letter}0-9])?`;
const labels = `(?:\\.(?!-)[${letter}0-9-]{1,63}(?<!-))*`;
const topLevel = `\\.(?!-)(?:[${letter}-]{2,63}|xn--[a-z0-9]{1,59})(?<!-)\\.?`;
const urlOctet = "(?:0|25[0-5]|2[0-4][0-9]|1[0-9]?[0-9]?|[1-9][0-9]?)";
const urlHost = `(?:${urlOctet}(?:\\.${urlOctet}){3}|\\[[0-9a-f:.]+\\]|${hostname}${labels}${topLevel}|localhost)`;
const url = new RegExp(
  `^[a-z0-9.+-]*://(?:[^\\s:@/]+(?::[^\\s:@/]*)?@)?(${urlHost})(?::[0-9]{1,5})?(?:[/?#]\\S*)?$`,
  "i",
);
const authority = /^([^:/?#]*:\/\/)((?:[^/?#@]*@)?)([^/?#:]*)/;
const longestUrl = 2048;
const longestHost = 253;

/** Options of a {@link URLValidator}. */
export interface URLValidatorOptions extends ValidatorOptions {
  /** In lower case; `http`, `https`, `ftp` and `ftps` by default. */
  schemes?: readonly string[];
}

/** The text is an absolute URL with a host, of at most 2048 characters. */
export class URLValidator extends BaseValidator {
  readonly message: string;
  readonly code: string;
  readonly schemes: readonly string[];

  constructor(given?: MessageOrOptions<URLValidatorOptions>) {
    const options = optionsOf(given);
    super();
    this.message = options.message ?? "Enter a valid URL.";
    this.code = options.code ?? "invalid";
    this.schemes = options.schemes ?? ["http", "https", "ftp", "ftps"];
  }

  validate(value: unknown): void {
    if (typeof value === "string" && codePointLength(value) <= longestUrl && this.#isUrl(value)) return;
    throw new ValidationError(this.message, { code: this.code, params: { value } });
  }

  #isUrl(value: string): boolean {
    if (/[\t\r\n]/.test(value) || !this.schemes.includes((value.split("://", 1)[0] as string).toLowerCase()))
      return false;
    const host = url.exec(value)?.[1] ?? url.exec(withAsciiHost(value))?.[1];
    if (host === undefined || host.length > longestHost) return false;
    return !host.startsWith("[") || isIPv6(host.slice(1, -1));
  }
}

/** An internationalized host outside the basic plane is looked at in its ASCII form. */
function withAsciiHost(value: string): string {
  return value.replace(authority, (whole, scheme, user, host) =>
    // An ASCII host is as it should be; domainToASCII would make "10.1.1" an address of four numbers.
    /[\u0080-\uffff]/.test(host) ? scheme + user + domainToASCII(host) : whole,
  );
}
