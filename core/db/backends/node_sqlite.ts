import { NotSupportedError } from "../../exceptions.ts";
import type { SqliteDatabase, SqliteDriver, SqliteFunctionOptions, SqliteStatement } from "./sqlite_driver.ts";

/** The part of `node:sqlite` that is called here; its types are newer than the oldest Node that the framework runs on. */
interface NodeStatement {
  all(...params: readonly unknown[]): Record<string, unknown>[];
  iterate(...params: readonly unknown[]): Iterable<Record<string, unknown>>;
  run(...params: readonly unknown[]): { changes: number | bigint; lastInsertRowid: number | bigint };
  setReadBigInts(on: boolean): void;
  setReturnArrays?(on: boolean): void;
  columns?(): { name: string }[];
}

interface NodeDatabase {
  readonly isTransaction?: boolean;
  prepare(sql: string): NodeStatement;
  exec(sql: string): void;
  function(name: string, options: object, fn: (...args: never[]) => unknown): void;
  aggregate?(name: string, options: object): void;
  close(): void;
}

type NodeSqlite = { DatabaseSync: new (path: string, options?: object) => NodeDatabase };

/** Node's SQLite in the shape of better-sqlite3, or null on a Node that has none. */
export async function nodeSqliteDriver(): Promise<SqliteDriver | null> {
  const module = await withoutExperimentalWarning(() => import(MODULE).catch(() => null));
  return module && adapt(module as NodeSqlite);
}

/** Not a literal, since the types of the oldest Node do not have it. */
const MODULE: string = "node:sqlite";

/** Node 22 warns of it at every start; the framework's tests run on it, so the warning would tell a user nothing. */
async function withoutExperimentalWarning<T>(load: () => Promise<T>): Promise<T> {
  const { emitWarning } = process;
  process.emitWarning = ((warning: string | Error, ...rest: unknown[]) => {
    if (!String(warning).startsWith("SQLite is an experimental feature")) emitWarning(warning, ...(rest as []));
  }) as typeof emitWarning;
  try {
    return await load();
  } finally {
    process.emitWarning = emitWarning;
  }
}

function adapt({ DatabaseSync }: NodeSqlite): SqliteDriver {
  return class implements SqliteDatabase {
    readonly #database: NodeDatabase;

    constructor(path: string, options: { timeout?: number } = {}) {
      this.#database = new DatabaseSync(path);
      this.#database.exec(`PRAGMA busy_timeout = ${Number(options.timeout ?? 5000)}`);
    }

    /** Older versions cannot tell; `true` only costs a ROLLBACK that does nothing. */
    get inTransaction(): boolean {
      return this.#database.isTransaction ?? true;
    }

    prepare(sql: string): SqliteStatement {
      return new Statement(this.#database.prepare(sql), sql);
    }

    exec(sql: string): void {
      this.#database.exec(sql);
    }

    pragma(text: string): unknown {
      return this.#database.prepare(`PRAGMA ${text}`).all();
    }

    function(name: string, options: SqliteFunctionOptions, fn: (...args: never[]) => unknown): void {
      const { safeIntegers = false, ...shared } = options;
      this.#database.function(name, { ...shared, useBigIntArguments: safeIntegers }, fn);
    }

    aggregate(name: string, options: object): void {
      const { deterministic: _, ...known } = options as { deterministic: boolean };
      this.#database.aggregate?.(name, known);
    }

    close(): void {
      this.#database.close();
    }
  };
}

class Statement implements SqliteStatement {
  readonly reader: boolean;
  readonly #statement: NodeStatement;
  #raw = false;

  constructor(statement: NodeStatement, sql: string) {
    this.#statement = statement;
    this.reader = statement.columns ? statement.columns().length > 0 : givesRows(sql);
  }

  raw(on = true): this {
    this.#raw = on;
    this.#statement.setReturnArrays?.(on);
    return this;
  }

  columns(): { name: string }[] {
    if (this.#statement.columns) return this.#statement.columns();
    throw new NotSupportedError("Raw queries on node:sqlite need Node 22.16 or newer; or install better-sqlite3.");
  }

  safeIntegers(on = true): this {
    this.#statement.setReadBigInts(on);
    return this;
  }

  all(...params: readonly unknown[]): unknown[] {
    const rows = this.#statement.all(...params) as unknown[];
    return this.#raw && !this.#statement.setReturnArrays ? rows.map((row) => Object.values(row as object)) : rows;
  }

  *iterate(...params: readonly unknown[]): Generator<unknown> {
    const asObjects = this.#raw && !this.#statement.setReturnArrays;
    for (const row of this.#statement.iterate(...params)) yield asObjects ? Object.values(row) : row;
  }

  run(...params: readonly unknown[]): { changes: number; lastInsertRowid: number | bigint } {
    const { changes, lastInsertRowid } = this.#statement.run(...params);
    return { changes: Number(changes), lastInsertRowid };
  }
}

function givesRows(sql: string): boolean {
  return /^\s*(SELECT|WITH|VALUES|PRAGMA|EXPLAIN)\b/i.test(sql) || /\bRETURNING\b/i.test(sql);
}
