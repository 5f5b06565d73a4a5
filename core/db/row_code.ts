import { literal } from "../utils/codegen.ts";
import { Field } from "./field.ts";
import { type FieldKind, fieldTypes, type Vendor } from "./field_types.ts";

/** Kinds whose raw value is the value, so that no function is called for it. */
const asRead: ReadonlySet<FieldKind> = new Set(["CharField", "TextField", "SlugField", "EmailField", "URLField"]);

/**
 * Writes the expressions of a generated function that reads rows. They take the row from `row`, need a variable `raw`,
 * and find what they call in {@link constants}.
 *
 * @example
 * const code = new RowCode("postgresql");
 * code.column("row[0]", Book._meta.pk); // '(raw = row[0]) === null ? null : convert0(raw, vendor, field0)'
 */
export class RowCode {
  readonly constants: Record<string, unknown>;
  #count = 0;

  constructor(vendor: Vendor) {
    this.constants = { vendor };
  }

  /** The value of a field's column, as `Field.fromDb` gives it. */
  column(raw: string, field: Field): string {
    const source = sourceOf(field);
    if (isOwn(source)) return this.#converted(raw, (value, vendor) => source.fromDb(value, vendor as Vendor), source);
    return asRead.has(source.kind) ? raw : this.#converted(raw, fieldTypes[source.kind].fromDb, source);
  }

  /** What a function makes of a column that no field describes; it is called with null as well. */
  computed(raw: string, read: (raw: unknown) => unknown): string {
    return `${this.#constant("read", read)}(${raw})`;
  }

  #converted(raw: string, convert: (raw: unknown, vendor: Vendor, field: Field) => unknown, field: Field): string {
    const [call, about] = [this.#constant("convert", convert), this.#constant("field", field)];
    return `(raw = ${raw}) === null ? null : ${call}(raw, vendor, ${about})`;
  }

  #constant(kind: string, value: unknown): string {
    const name = `${kind}${this.#count++}`;
    this.constants[name] = value;
    return name;
  }
}

/** The field that decides how a column is read: what a foreign key refers to. */
function sourceOf(field: Field): Field {
  return field.isForeignKey && !isOwn(field) ? sourceOf(field.targetField) : field;
}

/** A field that reads its column by a method of its own. */
function isOwn(field: Field): boolean {
  return field.fromDb !== Field.prototype.fromDb;
}

/** `target["name"] = value;` for each, in this order, so that all objects have the same shape. */
export function assignments(target: string, values: ReadonlyMap<string, string>): string {
  return [...values].map(([name, value]) => `${target}[${literal(name)}] = ${value};`).join("\n");
}
