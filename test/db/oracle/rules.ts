// Where SQLite and PostgreSQL differ. Everything else that the oracle says holds for both.
import type { DatabaseName } from "../../support/databases.ts";

export interface Rules {
  /** NULL is the lowest value on SQLite, so that it comes first in ascending order; the highest on PostgreSQL. */
  nullsFirst: boolean;
  /** SQLite's LIKE, which `contains`, `startswith` and `endswith` use as well, does not tell cases apart. */
  likeFoldsCase: boolean;
  /** What equal texts become where case does not matter. */
  fold(text: string): string;
  lower(text: string): string;
  /** Greatest and Least leave NULL out on PostgreSQL; on SQLite their result is NULL then. */
  ignoresNull: boolean;
}

/** SQLite folds ASCII letters only. */
function foldAscii(text: string): string {
  return text.replace(/[a-z]/g, (letter) => letter.toUpperCase());
}

/** PostgreSQL's UPPER in a UTF-8 locale: one character for one, so that "ß" stays as it is. */
function oneByOne(text: string, turn: (letter: string) => string): string {
  return Array.from(text, (letter) => {
    const turned = turn(letter);
    return [...turned].length === 1 ? turned : letter;
  }).join("");
}

export const rules: Readonly<Record<DatabaseName, Rules>> = {
  sqlite: {
    nullsFirst: true,
    likeFoldsCase: true,
    fold: foldAscii,
    lower: (text) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase()),
    ignoresNull: false,
  },
  postgresql: {
    nullsFirst: false,
    likeFoldsCase: false,
    fold: (text) => oneByOne(text, (letter) => letter.toUpperCase()),
    lower: (text) => oneByOne(text, (letter) => letter.toLowerCase()),
    ignoresNull: true,
  },
};

/**
 * The order of texts: by code point on both. It is SQLite's BINARY; PostgreSQL is told to use the collation "C", since the
 * order of a locale is a matter of the server. UTF-8 has the order of code points, JavaScript's own order is another.
 */
export function compareText(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}
