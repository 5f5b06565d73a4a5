import type { DataSource, DataSourceOptions } from "typeorm";
import { OperationalError } from "../../exceptions.ts";
import { entitySchemas, initializeEntities } from "../entities.ts";
import { fromSqlite } from "../errors.ts";
import { Connection, type ExecuteOptions, type QueryResult, type Session } from "./base.ts";
import { LruMap } from "./lru.ts";
import { loadSqliteDriver, type SqliteDatabase, type SqliteDriver, type SqliteStatement } from "./sqlite_driver.ts";
import { registerFunctions } from "./sqlite_functions.ts";
import { WriteLock } from "./write_lock.ts";

const MEMORY = ":memory:";
const BUSY_TIMEOUT = 5000;
const STATEMENTS = 500;

/**
 * A SQLite database. It has one writer, so transactions and single writes take turns; reads outside of a transaction go
 * through a second handle, see what is committed, and wait for nobody. `:memory:` has one handle only.
 */
export class SqliteConnection extends Connection {
  readonly vendor = "sqlite";
  readonly #lock = new WriteLock(BUSY_TIMEOUT);
  readonly #schema: Schema = { version: 0 };
  #writer: Handle | null = null;
  #reader: Handle | null = null;

  placeholder(): string {
    return "?";
  }

  protected async open(): Promise<DataSource> {
    const [{ DataSource }, driver] = await Promise.all([import("typeorm"), loadSqliteDriver()]);
    const database = this.config.name;
    const options = { type: "better-sqlite3", database, driver, timeout: BUSY_TIMEOUT, prepareDatabase: prepare };
    const entities = await entitySchemas(this.vendor);
    const dataSource = new DataSource({ ...options, entities } as DataSourceOptions);
    try {
      await initializeEntities(dataSource);
    } catch (error) {
      throw this.#cannotOpen(error);
    }
    this.#writer = new Handle(
      (dataSource.driver as unknown as { databaseConnection: SqliteDatabase }).databaseConnection,
      this.#schema,
    );
    this.#reader = database === MEMORY ? this.#writer : new Handle(openReader(driver, database), this.#schema);
    return dataSource;
  }

  protected async shut(dataSource: DataSource): Promise<void> {
    if (this.#reader !== this.#writer) this.#reader?.close();
    this.#reader = null;
    this.#writer = null;
    await dataSource.destroy();
  }

  protected async executeDirectly(
    sql: string,
    params: readonly unknown[],
    options: ExecuteOptions,
  ): Promise<QueryResult> {
    if (this.#reader !== this.#writer && isRead(sql)) return this.#handle(this.#reader).run(sql, params, options);
    await this.#lock.acquire();
    try {
      return this.#handle(this.#writer).run(sql, params, options);
    } finally {
      this.#lock.release();
    }
  }

  protected async openSession(): Promise<Session> {
    await this.#lock.acquire();
    try {
      const handle = this.#handle(this.#writer);
      handle.run("BEGIN IMMEDIATE", [], {});
      return new SqliteSession(handle, this.#lock, this.#schema);
    } catch (error) {
      this.#lock.release();
      throw error;
    }
  }

  /** The connection may have been closed while the statement waited for its turn. */
  #handle(handle: Handle | null): Handle {
    if (handle) return handle;
    throw new OperationalError(`The database "${this.alias}" was closed while a query waited for it.`);
  }

  #cannotOpen(error: unknown): OperationalError {
    const reason = error instanceof Error ? error.message : String(error);
    return new OperationalError(`The SQLite database ${this.config.name} cannot be opened: ${reason}.`, {
      hint: "Check that the folder exists and may be written to.",
      cause: error,
    });
  }
}

class SqliteSession implements Session {
  readonly #handle: Handle;
  readonly #lock: WriteLock;
  readonly #schema: Schema;
  readonly #version: number;

  constructor(handle: Handle, lock: WriteLock, schema: Schema) {
    this.#handle = handle;
    this.#lock = lock;
    this.#schema = schema;
    this.#version = schema.version;
  }

  async execute(sql: string, params: readonly unknown[] = [], options: ExecuteOptions = {}): Promise<QueryResult> {
    return this.#handle.run(sql, params, options);
  }

  async commit(): Promise<void> {
    try {
      this.#handle.run("COMMIT", [], {});
      // Until now the reading handle has seen the tables as they were.
      if (this.#schema.version !== this.#version) this.#schema.version++;
    } finally {
      this.#end();
    }
  }

  async rollback(): Promise<void> {
    this.#end();
  }

  /** A COMMIT that was refused, as for a missing reference, leaves the transaction open; some errors have closed it. */
  #end(): void {
    try {
      this.#handle.rollback();
    } finally {
      this.#lock.release();
    }
  }
}

/** Counts the changes of a database's tables, for all of its handles. */
interface Schema {
  version: number;
}

/** A handle and its prepared statements, which are forgotten when tables change: some drivers keep the old columns. */
class Handle {
  readonly #database: SqliteDatabase;
  readonly #schema: Schema;
  #version = 0;
  readonly #statements = new LruMap<string, SqliteStatement>(STATEMENTS);
  readonly #bigintStatements = new LruMap<string, SqliteStatement>(STATEMENTS);

  constructor(database: SqliteDatabase, schema: Schema) {
    this.#database = database;
    this.#schema = schema;
  }

  run(sql: string, params: readonly unknown[], { bigints = false, prepare = true }: ExecuteOptions): QueryResult {
    try {
      const statement = this.#prepare(sql, bigints, prepare);
      if (statement.reader) {
        const rows = statement.all(...params) as unknown[][];
        return { rows, rowCount: rows.length };
      }
      const { changes, lastInsertRowid } = statement.run(...params);
      return { rows: [], rowCount: changes, lastInsertId: lastInsertRowid };
    } catch (error) {
      throw fromSqlite(error);
    }
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
    const statement = this.#database.prepare(sql);
    if (statement.reader) statement.raw(true);
    if (bigints) statement.safeIntegers(true);
    if (/^\s*(ALTER|DROP|CREATE)\b/i.test(sql)) this.#schema.version++;
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

/** Reading statements begin so; what changes data may begin with WITH, so that one goes to the writer. */
function isRead(sql: string): boolean {
  return /^\s*(SELECT|EXPLAIN|VALUES)\b/i.test(sql);
}

function prepare(database: SqliteDatabase): void {
  database.pragma("journal_mode = WAL");
  database.pragma("synchronous = NORMAL");
  registerFunctions(database);
}

/** Not opened as read-only: such a handle cannot recover a journal that a crash left behind. */
function openReader(driver: SqliteDriver, path: string): SqliteDatabase {
  const database = new driver(path, { timeout: BUSY_TIMEOUT });
  database.pragma("query_only = ON");
  registerFunctions(database);
  return database;
}
