// What kind of value an expression gives: Django's `output_field`, where nobody has said it.
import { FieldError } from "../../exceptions.ts";
import { Duration } from "../../utils/datetime.ts";
import { Field, type FieldOptions } from "../fields/field.ts";
import type { FieldKind, Vendor } from "../fields/field_types.ts";

/** A field that belongs to no model, for what an expression gives. */
export function outputOf(kind: FieldKind, options: FieldOptions = {}): Field {
  const field = new Field(kind, { null: true, ...options });
  field.name = kind;
  return field;
}

/** Tells kinds of results apart. */
export function outputShape({ kind, options: { maxLength, maxDigits, decimalPlaces } }: Field): string {
  return [kind, maxLength ?? maxDigits, decimalPlaces].join(" ").trimEnd();
}

const known = new Map<FieldKind, Field>();

/** The field of that kind which needs no options. */
export function plainOutput(kind: FieldKind): Field {
  let field = known.get(kind);
  if (!field) {
    field = outputOf(kind);
    known.set(kind, field);
  }
  return field;
}

/** The kind of a value of ours; null where it is null. */
export function valueOutput(value: unknown): Field | null {
  const kind = valueKind(value);
  return kind && plainOutput(kind);
}

const limit = 2 ** 31;

function valueKind(value: unknown): FieldKind | null {
  if (value === null) return null;
  if (typeof value === "string") return "TextField";
  if (typeof value === "boolean") return "BooleanField";
  if (typeof value === "bigint") return "BigIntegerField";
  if (typeof value === "number") return numberKind(value);
  if (value instanceof Date) return "DateTimeField";
  if (value instanceof Duration) return "DurationField";
  return value instanceof Uint8Array ? "BinaryField" : "JSONField";
}

function numberKind(value: number): FieldKind {
  if (!Number.isInteger(value)) return "FloatField";
  return value < limit && value >= -limit ? "IntegerField" : "BigAutoField";
}

/** Whole numbers, the small ones first. */
const integers: readonly FieldKind[] = [
  "SmallAutoField",
  "PositiveSmallIntegerField",
  "SmallIntegerField",
  "AutoField",
  "PositiveIntegerField",
  "IntegerField",
  "BigAutoField",
];
const wide: readonly FieldKind[] = ["PositiveBigIntegerField", "BigIntegerField"];
const times: readonly FieldKind[] = ["DateField", "DateTimeField", "TimeField"];

export function isInteger({ kind }: Field): boolean {
  return integers.includes(kind) || wide.includes(kind);
}

/** A reference is of the kind of the key that it holds. */
function plain(field: Field): Field {
  return field.isForeignKey ? plain(field.targetField) : field;
}

/** The kind of `a + b`. Null where it cannot be told: Django asks for an output_field then. */
export function combinedOutput(connector: string, left: Field | null, right: Field | null): Field | null {
  if (!left || !right) return left ?? right;
  const [a, b] = [plain(left), plain(right)];
  if (isInteger(a) && isInteger(b)) return integerOutput(a, b);
  if (a.kind === "DecimalField" || b.kind === "DecimalField") return decimalOutput(connector, a, b);
  if (a.kind === "FloatField" || b.kind === "FloatField") return plainOutput("FloatField");
  return timeOutput(connector, a, b) ?? (a.kind === b.kind ? a : null);
}

/** Whole numbers that fit into 64 bits: numbers, unless one of them is a bigint. */
function integerOutput(a: Field, b: Field): Field {
  return plainOutput([a, b].some(({ kind }) => wide.includes(kind)) ? "BigIntegerField" : "BigAutoField");
}

/** Digits after the point as PostgreSQL counts them; what a division gives has as many as it needs. */
function decimalOutput(connector: string, a: Field, b: Field): Field {
  if (a.kind === "FloatField" || b.kind === "FloatField") return plainOutput("FloatField");
  const places = [a, b].map(({ options }) => options.decimalPlaces ?? 0);
  if (connector === "/" || connector === "^") return outputOf("DecimalField");
  const decimalPlaces = connector === "*" ? places[0] + places[1] : Math.max(...places);
  return [a, b].every(hasPlaces)
    ? outputOf("DecimalField", { maxDigits: 1000, decimalPlaces })
    : outputOf("DecimalField");
}

function hasPlaces(field: Field): boolean {
  return field.kind !== "DecimalField" || field.options.decimalPlaces !== undefined;
}

function timeOutput(connector: string, a: Field, b: Field): Field | null {
  if (times.includes(a.kind) && b.kind === "DurationField")
    return plainOutput(a.kind === "DateField" ? "DateTimeField" : a.kind);
  if (times.includes(b.kind) && a.kind === "DurationField")
    return plainOutput(b.kind === "DateField" ? "DateTimeField" : b.kind);
  if (times.includes(a.kind) && a.kind === b.kind && connector === "-") return plainOutput("DurationField");
  if (a.kind === "DurationField" && isNumeric(b)) return a;
  return b.kind === "DurationField" && isNumeric(a) ? b : null;
}

function isNumeric(field: Field): boolean {
  return isInteger(field) || field.kind === "FloatField" || field.kind === "DecimalField";
}

/** The kind that several expressions share: what `Coalesce` or `Case` gives. Throws a FieldError where they differ. */
export function commonOutput(outputs: readonly (Field | null)[], what: string): Field | null {
  const fields = outputs.filter((field) => field !== null).map(plain);
  if (fields.length === 0) return null;
  return fields.reduce((a, b) => {
    const common = shared(a, b);
    if (common) return common;
    throw new FieldError(`${what} contains mixed types: ${a.kind}, ${b.kind}. You must set outputField.`);
  });
}

const texts: readonly FieldKind[] = ["TextField", "CharField", "SlugField", "EmailField", "URLField"];

function shared(a: Field, b: Field): Field | null {
  if (a.kind === b.kind) return a.kind === "DecimalField" ? combinedOutput("+", a, b) : a;
  if (texts.includes(a.kind) && texts.includes(b.kind)) return plainOutput("TextField");
  return isNumeric(a) && isNumeric(b) ? combinedOutput("+", a, b) : null;
}

/** Decimals that were computed have no column that says how many digits they show. */
export function readDecimal(field: Field, raw: unknown, vendor: Vendor): unknown {
  if (raw === null || raw === undefined) return null;
  return field.options.decimalPlaces === undefined ? decimalText(raw) : field.fromDb(raw, vendor);
}

/** SQLite computes with doubles, of which Django trusts fifteen digits. */
export function decimalText(raw: unknown): string {
  const text = typeof raw === "number" ? raw.toPrecision(15) : String(raw);
  return text.includes(".") && !/e/i.test(text) ? text.replace(/\.?0+$/, "") : text;
}
