// Values of django.contrib.postgres' ArrayField.
import { DataError } from "../../exceptions.ts";
import type { Field } from "../fields/field.ts";
import { wrongValue } from "../fields/field_values.ts";
import { type Element, parseArray, quoteElement } from "./array_text.ts";

const bases = new WeakMap<Field, Field>();

/** The field of the elements, which answers to the array's name. */
export function baseField(field: Field): Field {
  let base = bases.get(field);
  if (!base) {
    base = (field.options.baseField as Field).clone();
    base.name = field.name;
    if (field.model) base.model = field.model;
    bases.set(field, base);
  }
  return base;
}

/** `varchar(9)[3]` */
export function arrayColumn(field: Field): string {
  return `${baseField(field).dbType("postgresql")}[${field.options.size ?? ""}]`;
}

export function toArray(value: unknown, _vendor: unknown, field: Field): string {
  if (!Array.isArray(value)) throw wrongValue(field, "an array", value);
  const base = baseField(field);
  checkNesting(value, base, field);
  return `{${value.map((item) => element(item, base)).join(",")}}`;
}

/** Arrays in an array are all of one length, and PostgreSQL forgets those that are empty. */
function checkNesting(items: readonly unknown[], base: Field, field: Field): void {
  if (base.kind !== "ArrayField" || items.length === 0) return;
  const lengths = new Set(items.map((item) => (Array.isArray(item) ? item.length : -1)));
  if (lengths.size === 1 && !lengths.has(-1) && !lengths.has(0)) return;
  throw new DataError(`Field "${field.label}" can only hold nested arrays of the same length, which is not 0.`, {
    columns: [field.column],
  });
}

function element(item: unknown, base: Field): string {
  const value = base.toDb(item, "postgresql");
  if (value === null) return "NULL";
  if (base.kind === "ArrayField") return value as string;
  if (value instanceof Uint8Array) return quoteElement(`\\x${Buffer.from(value).toString("hex")}`);
  return quoteElement(String(value));
}

/** TypeORM's repositories give an array of what the driver makes of the elements. */
export function fromArray(raw: unknown, _vendor: unknown, field: Field): unknown[] {
  return read(Array.isArray(raw) ? (raw as Element[]) : parseArray(String(raw)), baseField(field));
}

function read(elements: readonly Element[], base: Field): unknown[] {
  return elements.map((item) => base.fromDb(item, "postgresql"));
}
