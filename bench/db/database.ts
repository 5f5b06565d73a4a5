// A fresh database with 10 authors and 1,000 books, opened three times: by the framework, by its driver alone and by TypeORM.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import SqliteDatabase from "better-sqlite3";
import { connections } from "core-framework/db";
import pg from "pg";
import type { DataSource } from "typeorm";
import { parseDatabaseUrl } from "../../core/conf/service_urls.ts";
import { createTables } from "../../test/db/schema.ts";
import { Author, Book, bookValues } from "./models.ts";
import { openTypeorm } from "./typeorm.ts";

export const databaseNames = ["postgresql", "sqlite"] as const;
export type DatabaseName = (typeof databaseNames)[number];

const BOOKS = 1000;
const server = process.env.TEST_POSTGRES_URL ?? "postgresql://root@127.0.0.1:5432/test";

/** Where a database is, and how to get rid of it. */
export interface Database {
  name: DatabaseName;
  url: string;
  /** The file of a SQLite database. */
  path: string;
  drop(): Promise<void>;
}

/** The driver as one calls it by hand: `?` or `$1` for parameters, rows as the driver makes them. */
export interface Driver {
  all(sql: string, params?: readonly unknown[]): Promise<unknown[]>;
  /** Rows as arrays, of values that nobody has converted. */
  raw(sql: string): Promise<unknown[]>;
  close(): Promise<void>;
}

/** What a case measures with. */
export interface Bench {
  database: Database;
  driver: Driver;
  typeorm: DataSource;
  close(): Promise<void>;
}

/** Makes the database and opens it. */
export async function openBench(name: DatabaseName): Promise<Bench> {
  const database = await (name === "sqlite" ? createSqlite() : createPostgres());
  await connections.closeAll();
  connections.configure({ default: parseDatabaseUrl(database.url, "/") });
  await fill();
  const driver = name === "sqlite" ? openSqlite(database.path) : openPostgres(database.url);
  const typeorm = await openTypeorm(database);
  const close = async () => {
    await Promise.all([driver.close(), typeorm.destroy(), connections.closeAll()]);
    await database.drop();
  };
  return { database, driver, typeorm, close };
}

async function fill(): Promise<void> {
  await createTables(connections.get(), [Author, Book]);
  await Author.objects.bulkCreate(Array.from({ length: 10 }, (_, n) => new Author({ name: `Author ${n}` })));
  await Book.objects.bulkCreate(Array.from({ length: BOOKS }, (_, n) => new Book(bookValues(n))));
}

async function createSqlite(): Promise<Database> {
  const folder = mkdtempSync(join(tmpdir(), "core-bench-"));
  const path = join(folder, "bench.sqlite3");
  return { name: "sqlite", url: `sqlite:///${path}`, path, drop: async () => rmSync(folder, { recursive: true }) };
}

async function createPostgres(): Promise<Database> {
  const name = `core_bench_${process.pid}`;
  await administer(`CREATE DATABASE "${name}" TEMPLATE template0`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const drop = () => administer(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
  return { name: "postgresql", url: url.href, path: "", drop };
}

async function administer(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  await client.query(sql);
  await client.end();
}

const asText = { getTypeParser: () => (value: string) => value } as unknown as pg.CustomTypesConfig;

function openPostgres(url: string): Driver {
  const pool = new pg.Pool({ connectionString: url });
  return {
    all: async (sql, params) => (await pool.query(sql, params as unknown[])).rows,
    raw: async (sql) => (await pool.query({ text: sql, rowMode: "array", types: asText })).rows,
    close: () => pool.end(),
  };
}

/** Statements are prepared once, as everybody does who uses the driver by hand. */
function openSqlite(path: string): Driver {
  const database = new SqliteDatabase(path);
  const statements = new Map<string, SqliteDatabase.Statement>();
  const statement = (sql: string, kind = "") => {
    const known = statements.get(kind + sql) ?? database.prepare(sql);
    statements.set(kind + sql, known);
    return known;
  };
  return {
    all: async (sql, params = []) => {
      const prepared = statement(sql);
      return prepared.reader ? prepared.all(...params) : [prepared.run(...params)];
    },
    raw: async (sql) => statement(sql, "raw").raw().all(),
    close: async () => void database.close(),
  };
}
