import { quoteName } from "../backends/base.ts";
import type { Connection } from "../connections.ts";
import { Expression } from "../expressions/base.ts";
import type { Field } from "../fields/field.ts";
import type { FieldKind, Vendor } from "../fields/field_types.ts";
import { sqliteCollation } from "../sql/collations.ts";
import { expressionSql } from "./literal_sql.ts";
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

/** `COLLATE "C"` of a text column that has a collation of its own, and of the columns that refer to it; else empty. */
export function collateClause(field: Field, vendor: Vendor): string {
  if (field.isForeignKey) return collateClause(field.targetField, vendor);
  const { dbCollation } = field.options;
  if (dbCollation === undefined) return "";
  const name = vendor === "sqlite" ? sqliteCollation(dbCollation, field.label) : dbCollation;
  return `COLLATE ${quoteName(name)}`;
}

/** True of a foreign key that the database checks. */
export function isConstrained(field: Field): boolean {
  return field.isForeignKey && field.options.dbConstraint !== false;
}

/** The column's own default, as SQL, or null. */
export function databaseDefault(field: Field, connection: Connection): string | null {
  const { dbDefault } = field.options;
  if (dbDefault === undefined) return null;
  if (dbDefault instanceof Expression) return `(${expressionSql(field.model, dbDefault, connection)})`;
  return literal(field.toDb(dbDefault, connection.vendor), connection.vendor);
}

/**
 * What the rows that are there get in a new column, or in one that becomes NOT NULL: the default, or for `autoNow` and
 * `autoNowAdd` the present moment; as SQL. Null where there is nothing.
 */
export function effectiveDefault(field: Field, connection: Connection): string | null {
  if (field.hasDbDefault) return databaseDefault(field, connection);
  const value = field.hasDefault ? field.getDefault() : (field.preSave(true) ?? null);
  const param = field.toDb(value, connection.vendor);
  return param === null ? null : literal(param, connection.vendor);
}
