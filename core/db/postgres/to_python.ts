// `to_python()` and the checks of items of django.contrib.postgres.fields.
import { ValidationError } from "../../exceptions.ts";
import { isPlainObject } from "../../utils/python_text.ts";
import { compareValues } from "../../utils/validators/limits.ts";
import type { Field } from "../fields/field.ts";
import { baseField } from "./arrays.ts";
import { Range } from "./ranges.ts";

type ToPython = (value: unknown, field: Field) => unknown;
type Fail = (field: Field, code: string, params: Readonly<Record<string, unknown>>) => never;

function parsed(value: unknown): unknown {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** An array, or its JSON, with each item in the type of the base field. */
export function arrayToPython(fail: Fail): ToPython {
  return (value, field) => {
    const items = parsed(value);
    if (!Array.isArray(items)) return fail(field, "invalid", { value });
    return items.map((item) => baseField(field).toPython(item));
  };
}

/** An object of texts, or its JSON. */
export function hstoreToPython(fail: Fail): ToPython {
  return (value, field) => {
    const pairs = parsed(value);
    if (!isPlainObject(pairs)) return fail(field, "invalid", { value });
    for (const [key, item] of Object.entries(pairs)) {
      if (item !== null && typeof item !== "string") fail(field, "not_a_string", { key });
    }
    return pairs;
  };
}

/** A range with both ends in their type, the lower one first. */
export function rangeToPython(fail: Fail, end: ToPython): ToPython {
  return (value, field) => {
    if (!(value instanceof Range)) return fail(field, "invalid_range", { value });
    if (value.isEmpty) return value;
    const [lower, upper] = [value.lower, value.upper].map((each) => (each === null ? null : end(each, field)));
    if (lower !== null && upper !== null && (compareValues(lower, upper) ?? 0) > 0) fail(field, "bound_ordering", {});
    return new Range(lower, upper, value.bounds);
  };
}

/** Has the base field check each item; what it says is about an item of that number. */
export function checkItems(field: Field, value: unknown, check: (base: Field, item: unknown) => void): void {
  const base = baseField(field);
  for (const [index, item] of (value as readonly unknown[]).entries()) {
    try {
      check(base, item);
    } catch (error) {
      throw error instanceof ValidationError ? aboutItem(field, index + 1, error) : error;
    }
  }
}

function aboutItem(field: Field, nth: number, error: ValidationError): ValidationError {
  const params = { nth };
  const prefix = new ValidationError(field.errorMessages.item_invalid as string, { code: "item_invalid", params });
  return new ValidationError(
    error.errorList.map((found) => new ValidationError(`${prefix.message} ${found.message}`, { code: "item_invalid" })),
  );
}

/** Arrays in an array must be of one length. */
export function checkLengths(fail: Fail, field: Field, value: unknown): void {
  if (baseField(field).kind !== "ArrayField") return;
  const lengths = new Set((value as readonly unknown[]).map((item) => (Array.isArray(item) ? item.length : 0)));
  if (lengths.size > 1) fail(field, "nested_array_mismatch", {});
}
