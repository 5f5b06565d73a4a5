// What an answer says about an error: a text with a code, or lists and objects of such.

import { ValidationError as ModelValidationError, NON_FIELD_ERRORS } from "../exceptions.ts";
import { isPlainObject, pythonStr } from "../utils/python_text.ts";

/** The key of validation errors that belong to no single field, DRF's `NON_FIELD_ERRORS_KEY`. */
export const nonFieldErrorsKey = "non_field_errors";

/** One sentence for the client, and a code that programs may compare. On the wire it is the sentence alone. */
export class ErrorDetail {
  readonly message: string;
  readonly code: string;

  constructor(message: string, code = "error") {
    this.message = message;
    this.code = code;
  }

  toString(): string {
    return this.message;
  }

  toJSON(): string {
    return this.message;
  }
}

/** The detail of an error, as deep as the data it is about. */
export type Detail = ErrorDetail | Detail[] | { [key: string]: Detail };

/** The codes of a detail, in its shape. */
export type DetailCodes = string | DetailCodes[] | { [key: string]: DetailCodes };

/** Texts and codes of a detail, in its shape. */
export type FullDetails = { message: string; code: string } | FullDetails[] | { [key: string]: FullDetails };

/** Errors by the name of a field. */
export type DetailByField = { [key: string]: Detail };

/** Whether the detail is keyed: by field, by index, or by whatever a view chose. */
export function isKeyed(detail: Detail): detail is DetailByField {
  return !Array.isArray(detail) && !(detail instanceof ErrorDetail);
}

function keyed<T>(entries: Iterable<[string, T]>): { [key: string]: T } {
  // Null keeps a field called "__proto__" or "constructor" from meaning anything.
  const result: { [key: string]: T } = {};
  for (const [key, value] of entries) {
    Object.defineProperty(result, key, { value, enumerable: true, writable: true, configurable: true });
  }
  return result;
}

/**
 * Makes details of anything: lists and objects stay such, every value inside becomes text as Python writes it (`None`,
 * `True`, `7`).
 */
export function toDetail(data: unknown, code: string): Detail {
  if (data instanceof ErrorDetail) return data;
  if (Array.isArray(data)) return data.map((item) => toDetail(item, code));
  if (data instanceof ModelValidationError) return modelErrorDetail(data);
  if (data instanceof Map || isPlainObject(data)) {
    const entries: [string, unknown][] = data instanceof Map ? [...data] : Object.entries(data);
    return keyed(entries.map(([key, value]) => [key, toDetail(value, code)]));
  }
  return new ErrorDetail(pythonStr(data), code);
}

function mapDetail<T>(detail: Detail, leaf: (detail: ErrorDetail) => T): unknown {
  if (detail instanceof ErrorDetail) return leaf(detail);
  if (Array.isArray(detail)) return detail.map((item) => mapDetail(item, leaf));
  return keyed(Object.entries(detail).map(([key, value]) => [key, mapDetail(value, leaf)]));
}

/** DRF's `get_codes()`: `{ name: ["required"] }`. */
export function detailCodes(detail: Detail): DetailCodes {
  return mapDetail(detail, ({ code }) => code) as DetailCodes;
}

/** DRF's `get_full_details()`: `{ name: [{ message, code }] }`. */
export function fullDetails(detail: Detail): FullDetails {
  return mapDetail(detail, ({ message, code }) => ({ message, code })) as FullDetails;
}

/** The details of the model side's error: by field, or a list where it names none. */
export function modelErrorDetail(error: ModelValidationError): DetailByField | ErrorDetail[] {
  const toDetails = (errors: readonly ModelValidationError[]) =>
    errors.map(({ message, code }) => new ErrorDetail(message, code));
  if (!error.errorDict) return toDetails(error.errorList);
  const { [NON_FIELD_ERRORS]: general = [], ...byField } = error.errorDict;
  const named = keyed(Object.entries(byField).map(([name, errors]) => [name, toDetails(errors)]));
  if (Object.keys(byField).length === 0) return toDetails(general);
  return general.length > 0 ? { ...named, [nonFieldErrorsKey]: toDetails(general) } : named;
}
