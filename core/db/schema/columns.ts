import type { Field } from "../field.ts";
import type { FieldKind, Vendor } from "../field_types.ts";
import { literal } from "./literals.ts";

/** What a column that refers to such a key is: not counting by itself, and not checked to be positive a second time. */
const referring: { readonly [kind in FieldKind]?: string } = {
  AutoField: "integer",
  BigAutoField: "bigint",
  SmallAutoField: "smallint",
  PositiveIntegerField: "integer",
  PositiveSmallIntegerField: "smallint",
  PositiveBigIntegerField: "bigint",
};

/** The type of a field's column; a foreign key's is that of the key it refers to (Django's `rel_db_type`). */
export function columnType(field: Field, vendor: Vendor): string {
  return field.isForeignKey ? referringType(field.targetField, vendor) : field.dbType(vendor);
}

/** The type of the columns that refer to a key. */
export function referringType(key: Field, vendor: Vendor): string {
  return key.isForeignKey ? referringType(key.targetField, vendor) : (referring[key.kind] ?? key.dbType(vendor));
}

/** True of a foreign key that the database checks. */
export function isConstrained(field: Field): boolean {
  return field.isForeignKey && field.options.dbConstraint !== false;
}

/** The column's own default, as SQL, or null. */
export function databaseDefault(field: Field, vendor: Vendor): string | null {
  return field.hasDbDefault ? literal(field.toDb(field.options.dbDefault, vendor), vendor) : null;
}

/**
 * What the rows that are there get in a new column, or in one that becomes NOT NULL: the default, or for `autoNow` and
 * `autoNowAdd` the present moment. Null where there is nothing.
 */
export function effectiveDefault(field: Field, vendor: Vendor): unknown {
  if (field.hasDbDefault) return field.toDb(field.options.dbDefault, vendor);
  const value = field.hasDefault ? field.getDefault() : (field.preSave(true) ?? null);
  return field.toDb(value, vendor);
}
