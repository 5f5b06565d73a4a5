// Empty tables, as they were when they were made.
import { type Connection, connections } from "./connections.ts";
import type { ModelClass } from "./models.ts";
import { router } from "./routers.ts";
import { throughModels } from "./schema/base.ts";
import { tableNames } from "./schema/introspection.ts";
import { atomic } from "./transaction.ts";

/** How tables are emptied. */
export interface FlushOptions {
  /** Keys begin with 1 again; default true. */
  resetSequences?: boolean;
  /** Also empty the tables that refer to these. */
  allowCascade?: boolean;
}

/**
 * The tables of models that are in the database. Those of unmanaged models belong to somebody else, and those that
 * `DATABASE_ROUTERS` keep from this database to another one.
 */
export async function existingTables(connection: Connection, models: readonly ModelClass[]): Promise<string[]> {
  const existing = await tableNames(connection);
  const isOurs = (model: ModelClass) => model._meta.managed && router.allowMigrateModel(connection.alias, model);
  const managed = models.filter((model) => !model._meta.swapped && isOurs(model));
  const tables = managed.flatMap((model) => [model, ...throughModels(model)]).map(({ _meta }) => _meta.dbTable);
  return [...new Set(tables)].filter((table) => existing.has(table));
}

/** The statements that empty tables. (sql_flush of django.db.backends) */
export async function flushSql(
  connection: Connection,
  tables: readonly string[],
  { resetSequences = true, allowCascade = false }: FlushOptions = {},
): Promise<string[]> {
  if (tables.length === 0) return [];
  if (connection.vendor === "postgresql") {
    const list = tables.map((table) => connection.quoteName(table)).join(", ");
    return [`TRUNCATE ${list}${resetSequences ? " RESTART IDENTITY" : ""}${allowCascade ? " CASCADE" : ""};`];
  }
  const all = allowCascade ? await withReferring(connection, tables) : tables;
  const deletions = all.map((table) => `DELETE FROM ${connection.quoteName(table)};`);
  return resetSequences && (await hasSequences(connection)) ? [...deletions, sequenceSql(all)] : deletions;
}

function sequenceSql(tables: readonly string[]): string {
  const names = tables.map((table) => `'${table.replaceAll("'", "''")}'`).join(", ");
  return `UPDATE "sqlite_sequence" SET "seq" = 0 WHERE "name" IN (${names});`;
}

/** SQLite makes the table with the first automatic key. */
async function hasSequences(connection: Connection): Promise<boolean> {
  const { rows } = await connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'");
  return rows.length > 0;
}

/** These tables, and those that refer to them, directly or through others. */
async function withReferring(connection: Connection, tables: readonly string[]): Promise<string[]> {
  const sql =
    "SELECT DISTINCT m.name FROM sqlite_master m, pragma_foreign_key_list(m.name) k " +
    "WHERE m.type = 'table' AND lower(k.\"table\") = lower(?) ORDER BY m.name";
  const all = new Set(tables);
  for (const table of all) {
    const { rows } = await connection.execute(sql, [table]);
    for (const [name] of rows) all.add(name as string);
  }
  return [...all];
}

/** Runs what {@link flushSql} gives: all of it, or nothing. */
export async function executeFlush(alias: string, statements: readonly string[]): Promise<void> {
  const connection = connections.get(alias);
  await atomic(
    async () => {
      // Tables are emptied one after the other, while others still refer to them.
      if (connection.vendor === "sqlite") await connection.execute("PRAGMA defer_foreign_keys = ON");
      for (const statement of statements) await connection.execute(statement);
    },
    { using: alias },
  );
}
