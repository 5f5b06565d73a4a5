import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { Client } from "pg";
import { describeUnless, POSTGRES_URL, requirePostgres } from "./services.ts";

export type DatabaseName = "sqlite" | "postgresql";

/** Gives the URL of a new, empty database, as it stands in DATABASE_URL. */
export type MakeUrl = () => Promise<string>;

/** An empty database and the way to get rid of it. */
export interface TestDatabase {
  url: string;
  drop(): Promise<void>;
}

/**
 * Runs the same tests on SQLite and on PostgreSQL, each in its own `describe` block.
 *
 * Databases are dropped when the block ends, after its own `after` hooks; a connection that is still open then is closed
 * by the server. Without PostgreSQL its block is skipped, with CI=true it fails.
 *
 * @param define defines the tests of one database; every call of `makeUrl` makes another empty database
 * @example
 * forEachDatabase((name, makeUrl) => {
 *   test("a saved row is found again", async () => {
 *     connections.configure({ default: databaseFromUrl(await makeUrl()) });
 *     …
 *   });
 * });
 */
export function forEachDatabase(define: (name: DatabaseName, makeUrl: MakeUrl) => void): void {
  for (const [name, create] of Object.entries(creators) as [DatabaseName, () => Promise<TestDatabase>][]) {
    describeUnless(name, name === "postgresql" && postgres.skip, () => {
      const made: TestDatabase[] = [];
      define(name, async () => {
        const database = await create();
        made.push(database);
        return database.url;
      });
      // Registered last, so that the block's own hooks have closed their connections before the databases go.
      after(async () => {
        for (const database of made) await database.drop();
      });
    });
  }
}

/** A SQLite file in a temporary folder of its own. */
export async function createSqliteDatabase(): Promise<TestDatabase> {
  const folder = await mkdtemp(join(tmpdir(), "core-test-"));
  return { url: `sqlite:///${join(folder, "db.sqlite3")}`, drop: () => rm(folder, { recursive: true, force: true }) };
}

/** A PostgreSQL database with a random name on the server of TEST_POSTGRES_URL. */
export async function createPostgresDatabase(): Promise<TestDatabase> {
  const name = `core_test_${randomBytes(6).toString("hex")}`;
  // template0, because template1 cannot be copied while anybody is connected to it.
  await administer(`CREATE DATABASE "${name}" TEMPLATE template0`);
  const url = new URL(POSTGRES_URL);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => administer(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`) };
}

const creators = { sqlite: createSqliteDatabase, postgresql: createPostgresDatabase };
const postgres = await requirePostgres();

async function administer(sql: string): Promise<void> {
  const client = new Client({ connectionString: POSTGRES_URL });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
