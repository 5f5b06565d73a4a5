// Fields whose value is a text.

import { cleanIPv6 } from "../../utils/ipv6.ts";
import { JsonFloat, stringifyString } from "../../utils/json.ts";
import { pythonStr } from "../../utils/python_text.ts";
import { strip } from "../../utils/unicode.ts";
import { parseUuid, uuidHex, uuidInteger } from "../../utils/uuid.ts";
import {
  EmailValidator,
  MaxLengthValidator,
  MinLengthValidator,
  ProhibitNullCharactersValidator,
  ProhibitSurrogateCharactersValidator,
  RegexValidator,
  URLValidator,
  validateIpv4Address,
  validateIpv6Address,
  validateIpv46Address,
} from "../../utils/validators.ts";
import { type Empty, emptyContext, Field, type FieldContext, type FieldOptions } from "./base.ts";

const prohibitNull = new ProhibitNullCharactersValidator();
const prohibitSurrogates = new ProhibitSurrogateCharactersValidator();

export interface CharFieldOptions extends FieldOptions<string> {
  /** Whether `""` is a value. */
  allowBlank?: boolean;
  /** Whether white space at both ends is dropped; true by default. */
  trimWhitespace?: boolean;
  /** In code points. */
  maxLength?: number;
  minLength?: number;
}

/** A text. Numbers become text; booleans, lists and objects do not. */
export class CharField extends Field<string> {
  static override defaultErrorMessages: Readonly<Record<string, string>> = {
    invalid: "Not a valid string.",
    blank: "This field may not be blank.",
    max_length: "Ensure this field has no more than {max_length} characters.",
    min_length: "Ensure this field has at least {min_length} characters.",
  };

  readonly allowBlank: boolean;
  readonly trimWhitespace: boolean;
  readonly maxLength: number | undefined;
  readonly minLength: number | undefined;

  constructor(options: CharFieldOptions = {}) {
    super(options);
    const { maxLength, minLength } = options;
    this.allowBlank = options.allowBlank ?? false;
    this.trimWhitespace = options.trimWhitespace ?? true;
    this.maxLength = maxLength;
    this.minLength = minLength;
    if (maxLength !== undefined) {
      const message = this.message("max_length", { max_length: maxLength });
      this.validators.push(new MaxLengthValidator(maxLength, { message }));
    }
    if (minLength !== undefined) {
      const message = this.message("min_length", { min_length: minLength });
      this.validators.push(new MinLengthValidator(minLength, { message }));
    }
    this.validators.push(prohibitNull, prohibitSurrogates);
  }

  override runValidation(data: unknown, context: FieldContext = emptyContext): string | null | Empty {
    // Before anything else, so that no validator and no subclass has to think of the blank text.
    if (!this.#isBlank(data)) return super.runValidation(data, context);
    return this.allowBlank ? "" : this.fail("blank");
  }

  #isBlank(data: unknown): boolean {
    return data === "" || (this.trimWhitespace && typeof data === "string" && strip(data) === "");
  }

  toInternalValue(data: unknown, _context: FieldContext): string {
    if (typeof data === "string") return this.trimWhitespace ? strip(data) : data;
    if (typeof data === "number" || typeof data === "bigint" || data instanceof JsonFloat) return pythonStr(data);
    return this.fail("invalid");
  }

  toRepresentation(value: string, _context: FieldContext): string {
    return typeof value === "string" ? value : pythonStr(value);
  }

  override toJson(value: string, context: FieldContext): string {
    return stringifyString(this.toRepresentation(value, context));
  }
}

/** An e-mail address. */
export class EmailField extends CharField {
  static override defaultErrorMessages = { invalid: "Enter a valid email address." };

  constructor(options: CharFieldOptions = {}) {
    super(options);
    this.validators.push(new EmailValidator({ message: this.message("invalid") }));
  }
}

export interface RegexFieldOptions extends CharFieldOptions {
  /** Anchor it: it is searched for, not matched as a whole. It runs on what clients send, so it must not backtrack without end. */
  regex: RegExp | string;
}

/** A text that holds a pattern. */
export class RegexField extends CharField {
  static override defaultErrorMessages = { invalid: "This value does not match the required pattern." };
  readonly regex: RegExp;

  constructor(options: RegexFieldOptions) {
    super(options);
    const validator = new RegexValidator(options.regex, { message: this.message("invalid") });
    this.regex = validator.regex;
    this.validators.push(validator);
  }
}

export interface SlugFieldOptions extends CharFieldOptions {
  /** Letters and digits of any script. */
  allowUnicode?: boolean;
}

/** Letters, digits, hyphens and underscores. */
export class SlugField extends CharField {
  static override defaultErrorMessages = {
    invalid: 'Enter a valid "slug" consisting of letters, numbers, underscores or hyphens.',
    invalid_unicode: 'Enter a valid "slug" consisting of Unicode letters, numbers, underscores, or hyphens.',
  };
  readonly allowUnicode: boolean;

  constructor(options: SlugFieldOptions = {}) {
    super(options);
    this.allowUnicode = options.allowUnicode ?? false;
    const [regex, code] = this.allowUnicode
      ? [/^[-_\p{L}\p{N}]+$/u, "invalid_unicode"]
      : [/^[-a-zA-Z0-9_]+$/, "invalid"];
    this.validators.push(new RegexValidator(regex as RegExp, { message: this.message(code as string) }));
  }
}

export interface URLFieldOptions extends CharFieldOptions {
  /** Default: `http`, `https`, `ftp` and `ftps`. */
  schemes?: readonly string[];
}

/** An absolute URL. */
export class URLField extends CharField {
  static override defaultErrorMessages = { invalid: "Enter a valid URL." };

  constructor(options: URLFieldOptions = {}) {
    super(options);
    const schemes = options.schemes === undefined ? {} : { schemes: options.schemes };
    this.validators.push(new URLValidator({ message: this.message("invalid"), ...schemes }));
  }
}

/** How a UUID is shown: with hyphens, as 32 digits, as one number, as a URN. */
export type UUIDFormat = "hex_verbose" | "hex" | "int" | "urn";

export interface UUIDFieldOptions extends FieldOptions<string> {
  format?: UUIDFormat;
}

/** A UUID, in any form on the way in; code sees it in lower case with hyphens. */
export class UUIDField extends Field<string> {
  static override defaultErrorMessages = { invalid: "Must be a valid UUID." };
  readonly format: UUIDFormat;

  constructor(options: UUIDFieldOptions = {}) {
    super(options);
    this.format = options.format ?? "hex_verbose";
  }

  toInternalValue(data: unknown, _context: FieldContext): string {
    // A boolean is an integer to Python, and so makes a UUID.
    const value = typeof data === "boolean" ? Number(data) : data;
    const readable = typeof value === "string" || typeof value === "number" || typeof value === "bigint";
    return (readable ? parseUuid(value) : null) ?? this.fail("invalid", { value: data });
  }

  toRepresentation(value: string, _context: FieldContext): string | bigint {
    if (this.format === "hex_verbose") return String(value);
    if (this.format === "hex") return uuidHex(value);
    return this.format === "urn" ? `urn:uuid:${value}` : uuidInteger(value);
  }

  override toJson(value: string, context: FieldContext): string {
    const shown = this.toRepresentation(value, context);
    return typeof shown === "string" ? stringifyString(shown) : String(shown);
  }
}

/** Which addresses an {@link IPAddressField} takes. */
export type IPProtocol = "both" | "IPv4" | "IPv6" | "ipv4" | "ipv6";

export interface IPAddressFieldOptions extends CharFieldOptions {
  /** With `"both"` (the default) an IPv4 address mapped into IPv6 becomes plain IPv4. */
  protocol?: IPProtocol;
}

const addressValidators = { both: validateIpv46Address, ipv4: validateIpv4Address, ipv6: validateIpv6Address };

/** An IP address; IPv6 in its short form. */
export class IPAddressField extends CharField {
  static override defaultErrorMessages = { invalid: "Enter a valid IPv4 or IPv6 address." };
  readonly protocol: "both" | "ipv4" | "ipv6";

  constructor(options: IPAddressFieldOptions = {}) {
    super(options);
    this.protocol = (options.protocol ?? "both").toLowerCase() as "both" | "ipv4" | "ipv6";
    this.validators.push(addressValidators[this.protocol]);
  }

  override toInternalValue(data: unknown, context: FieldContext): string {
    if (typeof data !== "string") return this.fail("invalid", { value: data });
    if (!data.includes(":") || this.protocol === "ipv4") return super.toInternalValue(data, context);
    return cleanIPv6(data, this.protocol === "both") ?? this.fail("invalid", { value: data });
  }
}
