/** What {@link SET} gives. */
export class SetValue {
  readonly value: unknown;

  constructor(value: unknown) {
    this.value = value;
  }

  /** What the foreign key is set to: the value itself, or what the function gives now. */
  resolve(): unknown {
    return typeof this.value === "function" ? this.value() : this.value;
  }
}

/** Rules that the database carries out, as part of the column: `ON DELETE CASCADE`. */
export type DatabaseOnDelete = "DB_CASCADE" | "DB_SET_NULL" | "DB_SET_DEFAULT";

/**
 * What happens to a row when the row that it refers to is deleted. Done by the ORM, as in Django: the database's own
 * constraint only refuses what the ORM did not see. With the rules that begin with `DB_` it is the other way round.
 */
export type OnDelete =
  | "CASCADE"
  | "PROTECT"
  | "RESTRICT"
  | "SET_NULL"
  | "SET_DEFAULT"
  | "DO_NOTHING"
  | DatabaseOnDelete
  | SetValue;

/** Delete the referring rows as well. */
export const CASCADE = "CASCADE" satisfies OnDelete;
/** Refuse the deletion with a ProtectedError. */
export const PROTECT = "PROTECT" satisfies OnDelete;
/** Refuse the deletion, unless the referring row is deleted by the same one. */
export const RESTRICT = "RESTRICT" satisfies OnDelete;
/** Let the referring rows refer to nothing; the field must be `null: true`. */
export const SET_NULL = "SET_NULL" satisfies OnDelete;
/** Let the referring rows refer to their field's default. */
export const SET_DEFAULT = "SET_DEFAULT" satisfies OnDelete;
/** Leave it to the database. */
export const DO_NOTHING = "DO_NOTHING" satisfies OnDelete;

/**
 * Let the referring rows refer to this key, or to what the function gives when a row is deleted. The function may be
 * async and may give an object.
 *
 * @example `@ForeignKey(() => User, { onDelete: SET(() => User.objects.get({ username: "deleted" })) })`
 */
export function SET(value: unknown): SetValue {
  return new SetValue(value);
}

/** Let the database delete the referring rows. No signal tells of them. */
export const DB_CASCADE = "DB_CASCADE" satisfies OnDelete;
/** Let the database empty the reference; the field must be `null: true`. */
export const DB_SET_NULL = "DB_SET_NULL" satisfies OnDelete;
/** Let the database put its own default, `dbDefault`, into the reference. */
export const DB_SET_DEFAULT = "DB_SET_DEFAULT" satisfies OnDelete;

const clauses: Readonly<Record<DatabaseOnDelete, string>> = {
  DB_CASCADE: "CASCADE",
  DB_SET_NULL: "SET NULL",
  DB_SET_DEFAULT: "SET DEFAULT",
};

/** True of the rules that the database carries out. */
export function isDatabaseOnDelete(rule: OnDelete | undefined): rule is DatabaseOnDelete {
  return typeof rule === "string" && rule in clauses;
}

/** ` ON DELETE CASCADE` for a rule that the database carries out, else nothing. */
export function onDeleteSql(rule: OnDelete | undefined): string {
  return isDatabaseOnDelete(rule) ? ` ON DELETE ${clauses[rule]}` : "";
}
