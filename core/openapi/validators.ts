import {
  MaxLengthValidator,
  MaxValueValidator,
  MinLengthValidator,
  MinValueValidator,
  RegexValidator,
} from "../utils/validators.ts";
import type { JsonSchema } from "./types.ts";

type Describe = (limit: number, schema: JsonSchema) => JsonSchema;

/** What each validator of a limit says in JSON Schema; where a type cannot say it, nothing. */
const limits: readonly [validator: abstract new (...args: never[]) => { limitValue: unknown }, describe: Describe][] = [
  [
    MinValueValidator,
    (minimum, schema) => (isNumeric(schema) ? { minimum: Math.max(minimum, schema.minimum ?? minimum) } : {}),
  ],
  [
    MaxValueValidator,
    (maximum, schema) => (isNumeric(schema) ? { maximum: Math.min(maximum, schema.maximum ?? maximum) } : {}),
  ],
  [MinLengthValidator, (length, schema) => sized(schema, "min", length)],
  [MaxLengthValidator, (length, schema) => sized(schema, "max", length)],
];

function isNumeric({ type }: JsonSchema): boolean {
  return type === "integer" || type === "number";
}

function sized({ type }: JsonSchema, bound: "min" | "max", length: number): JsonSchema {
  if (type === "string") return bound === "min" ? { minLength: length } : { maxLength: length };
  if (type === "array") return bound === "min" ? { minItems: length } : { maxItems: length };
  return {};
}

/** A schema with what the field's validators demand. */
export function withValidators(schema: JsonSchema, validators: readonly unknown[]): JsonSchema {
  const demanded = { ...schema };
  for (const validator of validators) Object.assign(demanded, demandOf(validator, demanded));
  return demanded;
}

function demandOf(validator: unknown, schema: JsonSchema): JsonSchema {
  if (validator instanceof RegexValidator) return schema.type === "string" ? patternOf(validator, schema) : {};
  for (const [Validator, describe] of limits) {
    if (!(validator instanceof Validator)) continue;
    const limit = readLimit(validator.limitValue);
    return limit === null ? {} : describe(limit, schema);
  }
  return {};
}

/** A limit as JSON can hold it exactly; null for a function, a date, or a number that is too large. */
function readLimit(value: unknown): number | null {
  const isNumber =
    typeof value === "number" || typeof value === "bigint" || (typeof value === "string" && value.trim() !== "");
  const limit = isNumber ? Number(value) : Number.NaN;
  return Number.isFinite(limit) && Math.abs(limit) <= Number.MAX_SAFE_INTEGER ? limit : null;
}

/** JSON Schema has no flags, and one `pattern` to a schema. */
function patternOf({ regex, inverseMatch }: RegexValidator, schema: JsonSchema): JsonSchema {
  if (inverseMatch || /[ims]/.test(regex.flags)) return {};
  if (schema.pattern === undefined) return { pattern: regex.source };
  return { allOf: [...(schema.allOf ?? []), { pattern: regex.source }] };
}
