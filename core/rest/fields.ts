// rest_framework.fields: every kind of field, each with the coercion, the limits and the texts of DRF's.

export * from "./fields/base.ts";
export * from "./fields/choices.ts";
export * from "./fields/composite.ts";
export * from "./fields/dates.ts";
export * from "./fields/files.ts";
export * from "./fields/misc.ts";
export * from "./fields/numbers.ts";
export * from "./fields/text.ts";
