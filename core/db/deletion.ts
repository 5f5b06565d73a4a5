/**
 * What happens to a row when the row that it refers to is deleted. Done by the ORM, as in Django: the database's own
 * constraint only refuses what the ORM did not see.
 */
export type OnDelete = "CASCADE" | "PROTECT" | "RESTRICT" | "SET_NULL" | "SET_DEFAULT" | "DO_NOTHING";

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
