// django.core.validators: checks that a value must pass, for model fields and for schema fields.

export * from "./validators/base.ts";
export * from "./validators/email.ts";
export * from "./validators/files.ts";
export * from "./validators/limits.ts";
export * from "./validators/numbers.ts";
export * from "./validators/text.ts";
export * from "./validators/url.ts";
