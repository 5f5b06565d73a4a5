// Fields whose value is an uploaded file.

import { codePointLength } from "../../utils/unicode.ts";
import { Field, type FieldContext, type FieldOptions } from "./base.ts";

/** A file as the multipart parser hands it over, or as a storage keeps it. */
export interface UploadedFile {
  /** The last part of the name that the client gave. */
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  /** `""` if the client gave none. */
  readonly contentType?: string;
  /** Where a stored file is served. */
  readonly url?: string;
}

export interface FileFieldOptions extends FieldOptions<UploadedFile> {
  /** Of the name, in code points. */
  maxLength?: number;
  allowEmptyFile?: boolean;
  /** Shown as its URL, the default, or as its name. */
  useUrl?: boolean;
}

function isFile(data: unknown): data is UploadedFile {
  return (
    typeof data === "object" &&
    data !== null &&
    "name" in data &&
    "size" in data &&
    !Array.isArray(data) &&
    Object.getPrototypeOf(data) !== Object.prototype
  );
}

/** An uploaded file. */
export class FileField extends Field<UploadedFile> {
  static override defaultErrorMessages = {
    required: "No file was submitted.",
    invalid: "The submitted data was not a file. Check the encoding type on the form.",
    no_name: "No filename could be determined.",
    empty: "The submitted file is empty.",
    max_length: "Ensure this filename has at most {max_length} characters (it has {length}).",
  };
  readonly maxLength: number | undefined;
  readonly allowEmptyFile: boolean;
  readonly useUrl: boolean;

  constructor(options: FileFieldOptions = {}) {
    super(options);
    this.maxLength = options.maxLength;
    this.allowEmptyFile = options.allowEmptyFile ?? false;
    this.useUrl = options.useUrl ?? true;
  }

  toInternalValue(data: unknown, _context: FieldContext): UploadedFile {
    // An object that came as JSON may have a name and a size, but no content.
    if (!isFile(data)) return this.fail("invalid");
    const length = codePointLength(data.name);
    if (length === 0) this.fail("no_name");
    if (!this.allowEmptyFile && data.size === 0) this.fail("empty");
    if (this.maxLength && length > this.maxLength) this.fail("max_length", { max_length: this.maxLength, length });
    return data;
  }

  toRepresentation(value: UploadedFile, context: FieldContext): string | null {
    if (!value) return null;
    if (!this.useUrl) return value.name;
    if (value.url === undefined) return null;
    const request = context.request as { buildAbsoluteUri?(url: string): string } | undefined;
    return request?.buildAbsoluteUri?.(value.url) ?? value.url;
  }
}
