// Validators of the names of files.

import { ValidationError } from "../../exceptions.ts";
import { BaseValidator, type MessageOrOptions, optionsOf } from "./base.ts";

/** The name of a file, of a path, or of anything that has a `name`. */
function nameOf(value: unknown): string {
  if (typeof value === "string") return value;
  const name = (value as { name?: unknown } | null | undefined)?.name;
  return typeof name === "string" ? name : "";
}

/** `"jpg"` of `"photos/Me.JPG"`; empty where there is none, and of `".profile"`. */
function extensionOf(value: unknown): string {
  const name = nameOf(value).split(/[/\\]/).at(-1) as string;
  const dot = name.lastIndexOf(".");
  return dot > 0 && dot < name.length - 1 ? name.slice(dot + 1).toLowerCase() : "";
}

/** The file's name ends in one of these. It says nothing of what is in the file. */
export class FileExtensionValidator extends BaseValidator {
  readonly allowedExtensions: readonly string[] | null;
  readonly message: string;
  readonly code: string;

  /** @param allowedExtensions without the dot; null allows every one. */
  constructor(allowedExtensions: readonly string[] | null = null, given?: MessageOrOptions) {
    super();
    const options = optionsOf(given);
    this.allowedExtensions = allowedExtensions?.map((extension) => extension.toLowerCase()) ?? null;
    this.message =
      options.message ?? "File extension “{extension}” is not allowed. Allowed extensions are: {allowed_extensions}.";
    this.code = options.code ?? "invalid_extension";
  }

  validate(value: unknown): void {
    const extension = extensionOf(value);
    if (this.allowedExtensions === null || this.allowedExtensions.includes(extension)) return;
    const params = { extension, allowed_extensions: this.allowedExtensions.join(", "), value: nameOf(value) };
    throw new ValidationError(this.message, { code: this.code, params });
  }

  protected override args(): unknown[] {
    return [this.allowedExtensions];
  }
}

/** The extensions of the pictures that browsers show, and of those that Pillow is most often used for. */
export const imageExtensions: readonly string[] = [
  "apng",
  "avif",
  "bmp",
  "gif",
  "heic",
  "heif",
  "ico",
  "jfif",
  "jpe",
  "jpeg",
  "jpg",
  "jp2",
  "png",
  "svg",
  "tif",
  "tiff",
  "webp",
];

/** The file's name is that of a picture. */
export const validateImageFileExtension = new FileExtensionValidator(imageExtensions);
