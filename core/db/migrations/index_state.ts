import { type Constraint, Index, UniqueConstraint } from "../indexes.ts";

/** A field's name in an index may have a `-` before it. */
function renamedColumn(name: string, rename: (name: string) => string): string {
  return name.startsWith("-") ? `-${rename(name.slice(1))}` : rename(name);
}

/** The same index over fields under their new names. */
export function renamedInIndex(index: Index, rename: (name: string) => string): Index {
  return new Index({ ...index, fields: index.fields.map((name) => renamedColumn(name, rename)) });
}

/** The same constraint over fields under their new names. */
export function renamedInConstraint(constraint: Constraint, rename: (name: string) => string): Constraint {
  return new UniqueConstraint({ ...constraint, fields: constraint.fields.map(rename) });
}

/** Equal for two indexes that are the same in the database. */
export function indexFingerprint({ name, fields }: Index): string {
  return JSON.stringify([name, fields]);
}

/** Equal for two constraints that are the same in the database; the message of a violation is code. */
export function constraintFingerprint({ name, fields }: Constraint): string {
  return JSON.stringify([name, fields]);
}
