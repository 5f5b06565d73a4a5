import type { Field } from "../db/fields/field.ts";
import type { FieldKind } from "../db/fields/field_types.ts";
import { parseInteger } from "../utils/python_numbers.ts";
import { parseUuid } from "../utils/uuid.ts";

/** The bits that a column of integers has; a value outside of them is in no row. */
const bits: Partial<Record<FieldKind, number>> = {
  AutoField: 32,
  IntegerField: 32,
  PositiveIntegerField: 32,
  SmallAutoField: 16,
  SmallIntegerField: 16,
  PositiveSmallIntegerField: 16,
  BigAutoField: 64,
  BigIntegerField: 64,
  PositiveBigIntegerField: 64,
};

/**
 * The text of a path as a value of the column that it is looked up in, or undefined where no row can have it: a word for
 * a number, an integer beyond the column's range, a text with a NUL. A look-up with such a value is a 404, and PostgreSQL
 * would refuse the query.
 */
export function lookupValue(field: Field, text: string): unknown {
  const target = field.isForeignKey ? field.targetField : field;
  if (bits[target.kind] !== undefined) return integerValue(target.kind, text);
  if (target.kind === "UUIDField") return parseUuid(text) ?? undefined;
  return text.includes("\0") || /[\ud800-\udfff]/u.test(text) ? undefined : text;
}

function integerValue(kind: FieldKind, text: string): number | bigint | undefined {
  const value = parseInteger(text);
  if (value === null || BigInt.asIntN(bits[kind] as number, value) !== value) return undefined;
  if (kind === "BigIntegerField" || kind === "PositiveBigIntegerField") return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : undefined;
}
