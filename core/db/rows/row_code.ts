import { literal } from "../../utils/codegen.ts";
import { Field } from "../fields/field.ts";
import { type FieldKind, fieldTypes, type Vendor } from "../fields/field_types.ts";

/** Kinds whose raw value is the value, so that no function is called for it. */
const asRead: ReadonlySet<FieldKind> = new Set([
  "CharField",
  "TextField",
  "SlugField",
  "EmailField",
  "URLField",
  "FileField",
]);

type Convert = (value: unknown, vendor: Vendor, field: Field) => unknown;

/**
 * Writes the expressions of a generated function that reads rows or makes parameters. They need a variable `raw`, and
 * find what they call in {@link constants}.
 *
 * @example
 * const code = new RowCode("postgresql");
 * code.column("row[0]", Book._meta.pk); // '(raw = row[0]) == null ? null : convert0(raw, vendor, field0)'
 */
export class RowCode {
  readonly constants: Record<string, unknown>;
  #count = 0;

  constructor(vendor: Vendor) {
    this.constants = { vendor };
  }

  /** The value of a field's column, as `Field.fromDb` gives it. */
  column(raw: string, field: Field): string {
    const source = sourceOf(field, "fromDb");
    if (isOwn(source, "fromDb")) return this.#converted(raw, (value, vendor) => source.fromDb(value, vendor), source);
    return asRead.has(source.kind) ? raw : this.#converted(raw, fieldTypes[source.kind].fromDb, source);
  }

  /** The parameter that an attribute is sent as, as `Field.toDb` gives it. */
  param(value: string, field: Field): string {
    const target = sourceOf(field, "toDb");
    if (isOwn(target, "toDb")) return this.#converted(value, (own, vendor) => target.toDb(own, vendor), target);
    return this.#converted(value, fieldTypes[target.kind].toDb, target);
  }

  /** What a function makes of a column that no field describes; it is called with null as well. */
  computed(raw: string, read: (raw: unknown) => unknown): string {
    return `${this.#constant("read", read)}(${raw})`;
  }

  #converted(raw: string, convert: Convert, field: Field): string {
    const [call, about] = [this.#constant("convert", convert), this.#constant("field", field)];
    return `(raw = ${raw}) == null ? null : ${call}(raw, vendor, ${about})`;
  }

  #constant(kind: string, value: unknown): string {
    const name = `${kind}${this.#count++}`;
    this.constants[name] = value;
    return name;
  }
}

/** The field that decides how a column is read or written: what a foreign key refers to. */
function sourceOf(field: Field, method: "fromDb" | "toDb"): Field {
  return field.isForeignKey && !isOwn(field, method) ? sourceOf(field.targetField, method) : field;
}

/** A field that converts its values by a method of its own. */
function isOwn(field: Field, method: "fromDb" | "toDb"): boolean {
  return field[method] !== Field.prototype[method];
}

/** `target["name"] = value;` for each, in this order, so that all objects have the same shape. */
export function assignments(target: string, values: ReadonlyMap<string, string>): string {
  return [...values].map(([name, value]) => `${target}[${literal(name)}] = ${value};`).join("\n");
}
