import { createHash } from "node:crypto";

/** PostgreSQL cuts longer names; SQLite has no limit, and Django allows itself 200. */
const maxLength = { postgresql: 63, sqlite: 200 };

/** The first characters of the MD5 over all parts. (django.db.backends.utils.names_digest) */
export function digest(parts: readonly string[], length: number): string {
  const hash = createHash("md5");
  for (const part of parts) hash.update(part);
  return hash.digest("hex").slice(0, length);
}

/**
 * The name of an index or constraint over columns of a table, such as `library_book_author_id_8b6d7e5f`. The same one
 * that Django makes, so that a database which Django made can go on being migrated.
 *
 * @param suffix `_uniq`, `_like`, `_fk_library_author_id`, …
 */
export function indexName(
  vendor: keyof typeof maxLength,
  table: string,
  columns: readonly string[],
  suffix = "",
): string {
  const limit = maxLength[vendor];
  const tail = `${digest([table, ...columns], 8)}${suffix}`;
  const name = `${table}_${columns.join("_")}_${tail}`;
  return name.length <= limit ? name : shortened(table, columns, tail, limit);
}

function shortened(table: string, columns: readonly string[], tail: string, limit: number): string {
  const end = tail.length > limit / 3 ? tail.slice(0, Math.floor(limit / 3)) : tail;
  const other = Math.floor((limit - end.length) / 2) - 1;
  const name = `${table.slice(0, other)}_${columns.join("_").slice(0, other)}_${end}`;
  return /^[_\d]/.test(name) ? `D${name.slice(0, -1)}` : name;
}
