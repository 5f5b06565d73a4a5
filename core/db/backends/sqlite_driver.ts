import { ImproperlyConfigured } from "../../exceptions.ts";
import { importDriver } from "../../utils/module_loading.ts";

/** The part of better-sqlite3's statement that the framework calls. */
export interface SqliteStatement {
  /** True where it gives rows. */
  readonly reader: boolean;
  raw(on?: boolean): this;
  columns(): { name: string }[];
  safeIntegers(on?: boolean): this;
  all(...params: readonly unknown[]): unknown[];
  iterate(...params: readonly unknown[]): Iterable<unknown>;
  run(...params: readonly unknown[]): { changes: number; lastInsertRowid: number | bigint };
}

/** How a function is registered. */
export interface SqliteFunctionOptions {
  /** The same arguments give the same result. */
  deterministic: boolean;
  /** It takes any number of arguments. */
  varargs?: boolean;
  /** Integers are given as bigints. */
  safeIntegers?: boolean;
}

/** The part of better-sqlite3's database that the framework calls. */
export interface SqliteDatabase {
  readonly inTransaction: boolean;
  prepare(sql: string): SqliteStatement;
  exec(sql: string): unknown;
  pragma(text: string): unknown;
  function(name: string, options: SqliteFunctionOptions, fn: (...args: never[]) => unknown): unknown;
  /** Node's own SQLite has none before Node 22.16. */
  aggregate?(name: string, options: object): unknown;
  close(): unknown;
}

/** A constructor as better-sqlite3 exports it, which is also what TypeORM takes as `driver`. */
export type SqliteDriver = new (path: string, options?: object) => SqliteDatabase;

/**
 * better-sqlite3 where it is installed and was compiled for this Node, else Node's own SQLite, which Node 20 lacks.
 *
 * @throws ImproperlyConfigured where there is neither.
 */
export async function loadSqliteDriver(): Promise<SqliteDriver> {
  try {
    return await loadBetterSqlite();
  } catch (error) {
    const { nodeSqliteDriver } = await import("./node_sqlite.ts");
    const driver = await nodeSqliteDriver();
    if (driver) return driver;
    throw noDriver(error);
  }
}

async function loadBetterSqlite(): Promise<SqliteDriver> {
  const driver = (await importDriver<{ default: SqliteDriver }>("better-sqlite3", INSTALL)).default;
  // Its compiled part is loaded with the first database.
  new driver(":memory:").close();
  return driver;
}

const INSTALL = "npm install better-sqlite3@12";

function noDriver(error: unknown): ImproperlyConfigured {
  const isMissing = error instanceof ImproperlyConfigured;
  const what = isMissing ? "is not installed" : "was not compiled for it";
  const command = isMissing ? INSTALL : "npm rebuild better-sqlite3";
  return new ImproperlyConfigured(`SQLite needs the package better-sqlite3 on this version of Node, and it ${what}.`, {
    hint: `Run: ${command} (it compiles, which takes a minute), or use Node 22.13 or newer.`,
    cause: error,
  });
}
