// Reads what tables a database has and what they are made of, whoever made them.
import type { Connection } from "../connections.ts";
import { describePostgresqlTable, listPostgresqlTables } from "./postgresql.ts";
import { describeSqliteTable, listSqliteTables } from "./sqlite.ts";
import type { TableDescription, TableInfo } from "./table.ts";

/** The tables, views and partitions of a database, by name; the database's own are not told. */
export function listTables(connection: Connection): Promise<TableInfo[]> {
  return connection.vendor === "sqlite" ? listSqliteTables(connection) : listPostgresqlTables(connection);
}

/** The columns, keys, relations, constraints and indexes of a table or view. */
export function describeTable(connection: Connection, table: TableInfo): Promise<TableDescription> {
  return connection.vendor === "sqlite"
    ? describeSqliteTable(connection, table)
    : describePostgresqlTable(connection, table);
}
