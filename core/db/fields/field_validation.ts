// `Field.validate()`, `Field.run_validators()` and `Field.clean()` of django.db.models.fields.
import { ValidationError } from "../../exceptions.ts";
import { checkItems, checkLengths } from "../postgres/to_python.ts";
import type { Field, Validator } from "./field.ts";
import { fail } from "./to_python.ts";

/** Whether a value counts as nothing: Django's `empty_values`. */
export function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === "") return true;
  if (Array.isArray(value)) return value.length === 0;
  if (typeof value !== "object") return false;
  return Object.getPrototypeOf(value) === Object.prototype && Object.keys(value).length === 0;
}

/** What `Field.validate()` does: choices, null and blank. A field that nobody edits is not looked at. */
export function validateValue(field: Field, value: unknown): void {
  if (!field.editable || field.isAuto) return;
  if (field.choices && !isEmpty(value)) {
    if (!field.flatchoices.some(([choice]) => isSame(choice, value))) fail(field, "invalid_choice", { value });
    return;
  }
  if ((value === null || value === undefined) && !field.null) fail(field, "null", {});
  if (!field.blank && isEmpty(value)) fail(field, "blank", {});
  if (field.kind === "ArrayField" && !isEmpty(value)) {
    checkItems(field, value, (base, item) => base.validate(item));
    checkLengths(fail, field, value);
  }
}

/** A choice may be a number where the field holds a bigint. */
function isSame(choice: unknown, value: unknown): boolean {
  if (typeof choice === typeof value) return choice === value || String(choice) === String(value);
  return [choice, value].every(isNumeric) && String(choice) === String(value);
}

function isNumeric(value: unknown): boolean {
  return typeof value === "number" || typeof value === "bigint";
}

/** What `Field.runValidators()` does: every validator, and all that they find together. */
export function runValidators(field: Field, value: unknown): void {
  if (isEmpty(value)) return;
  const errors = field.validators.flatMap((validator) => findings(field, validator, value));
  if (errors.length > 0) throw new ValidationError(errors);
  if (field.kind === "ArrayField") checkItems(field, value, (base, item) => base.runValidators(item));
}

function findings(field: Field, validator: Validator, value: unknown): readonly ValidationError[] {
  try {
    if (typeof validator === "function") validator(value);
    else validator.validate(value);
    return [];
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    return error.errorList.map((found) => inWordsOf(field, found));
  }
}

/** A field's own text for a code counts more than the validator's. */
function inWordsOf(field: Field, error: ValidationError): ValidationError {
  const own = field.options.errorMessages?.[error.code];
  return own === undefined ? error : new ValidationError(own, { code: error.code, params: error.params });
}
