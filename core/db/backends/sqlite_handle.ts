import { fromSqlite } from "../errors.ts";
import type { ExecuteOptions, QueryResult } from "./base.ts";
import { LruMap } from "./lru.ts";
import type { SqliteDatabase, SqliteStatement } from "./sqlite_driver.ts";

const STATEMENTS = 500;

/** Counts the changes of a database's tables, for all of its handles. */
export interface Schema {
  version: number;
}

/** A handle and its prepared statements, which are forgotten when tables change: some drivers keep the old columns. */
export class Handle {
  readonly #database: SqliteDatabase;
  readonly #schema: Schema;
  #version = 0;
  readonly #statements = new LruMap<string, SqliteStatement>(STATEMENTS);
  readonly #bigintStatements = new LruMap<string, SqliteStatement>(STATEMENTS);

  constructor(database: SqliteDatabase, schema: Schema) {
    this.#database = database;
    this.#schema = schema;
  }

  run(sql: string, params: readonly unknown[], options: ExecuteOptions): QueryResult {
    const { bigints = false, prepare = true, columns = false } = options;
    try {
      const statement = this.#prepare(sql, bigints, prepare);
      if (statement.reader) {
        const rows = statement.all(...params) as unknown[][];
        const names = columns ? { columns: statement.columns().map(({ name }) => name) } : {};
        return { rows, rowCount: rows.length, ...names };
      }
      const { changes, lastInsertRowid } = statement.run(...params);
      return { rows: [], rowCount: changes, lastInsertId: lastInsertRowid };
    } catch (error) {
      throw fromSqlite(error);
    }
  }

  /** The rows one by one. Until the last one the handle can do nothing else. */
  *iterate(sql: string, params: readonly unknown[], { bigints = false }: ExecuteOptions): Generator<unknown[]> {
    try {
      const statement = asArrays(this.#database.prepare(sql), bigints);
      yield* statement.iterate(...params) as Iterable<unknown[]>;
    } catch (error) {
      throw fromSqlite(error);
    }
  }

  /** Runs a statement that concerns nothing but this handle, such as one on a temporary table. */
  runPrivately(sql: string, params: readonly unknown[] = []): void {
    try {
      this.#database.prepare(sql).run(...params);
    } catch (error) {
      throw fromSqlite(error);
    }
  }

  /** A statement that gives its rows as objects, and is not remembered here. */
  prepareForOthers(sql: string): SqliteStatement {
    const statement = this.#database.prepare(sql);
    if (changesSchema(sql)) this.#schema.version++;
    return statement;
  }

  rollback(): void {
    if (this.#database.inTransaction) this.#database.exec("ROLLBACK");
  }

  close(): void {
    this.#database.close();
  }

  #prepare(sql: string, bigints: boolean, keep: boolean): SqliteStatement {
    if (this.#version !== this.#schema.version) this.#forget();
    const cache = bigints ? this.#bigintStatements : this.#statements;
    const known = cache.get(sql);
    if (known) return known;
    const statement = asArrays(this.#database.prepare(sql), bigints);
    if (changesSchema(sql)) this.#schema.version++;
    else if (keep) cache.set(sql, statement);
    return statement;
  }

  #forget(): void {
    this.#statements.clear();
    this.#bigintStatements.clear();
    this.#version = this.#schema.version;
    // Reading anything makes SQLite notice that its tables are others than it remembers.
    this.#database.prepare("SELECT COUNT(*) FROM sqlite_master").all();
  }
}

function changesSchema(sql: string): boolean {
  return /^\s*(ALTER|DROP|CREATE)\b/i.test(sql);
}

function asArrays(statement: SqliteStatement, bigints: boolean): SqliteStatement {
  if (statement.reader) statement.raw(true);
  if (bigints) statement.safeIntegers(true);
  return statement;
}
