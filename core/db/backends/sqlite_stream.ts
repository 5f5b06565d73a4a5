import type { StreamOptions } from "./base.ts";
import type { Handle } from "./sqlite_handle.ts";

let storedCount = 0;

/**
 * The rows of a statement inside a transaction, put aside in a temporary table: a handle with a statement that is read
 * halfway can do nothing else, and would show what the transaction writes meanwhile.
 */
export class StoredRows {
  readonly #handle: Handle;
  readonly #table = `core_rows_${++storedCount}`;

  constructor(handle: Handle, sql: string, params: readonly unknown[]) {
    this.#handle = handle;
    handle.runPrivately(`CREATE TEMP TABLE ${this.#table} AS ${sql}`, params);
  }

  *chunks({ chunkSize, bigints }: StreamOptions): Generator<unknown[][]> {
    const rowid = this.#rowid();
    const page = `SELECT * FROM temp.${this.#table} WHERE ${rowid} > ? AND ${rowid} <= ? ORDER BY ${rowid}`;
    for (let start = 0; ; start += chunkSize) {
      const { rows } = this.#handle.run(page, [start, start + chunkSize], { bigints, prepare: false });
      if (rows.length > 0) yield rows;
      if (rows.length < chunkSize) return;
    }
  }

  drop(): void {
    this.#handle.runPrivately(`DROP TABLE IF EXISTS temp.${this.#table}`);
  }

  /** A column of the statement may hide one of the three names that SQLite has for the position of a row. */
  #rowid(): string {
    const { rows } = this.#handle.run("SELECT name FROM pragma_table_info(?)", [this.#table], {});
    const taken = rows.map(([name]) => String(name).toLowerCase());
    return ["_rowid_", "rowid", "oid"].find((name) => !taken.includes(name)) as string;
  }
}

/** Rows in arrays of so many. */
export function* chunked(rows: Iterable<unknown[]>, size: number): Generator<unknown[][]> {
  let chunk: unknown[][] = [];
  for (const row of rows) {
    chunk.push(row);
    if (chunk.length < size) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
