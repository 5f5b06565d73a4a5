import type { Connection } from "../connections.ts";

const tables = {
  sqlite: "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
  postgresql:
    "SELECT c.relname FROM pg_class c WHERE c.relkind IN ('r', 'p', 'f') AND pg_table_is_visible(c.oid) " +
    "AND c.relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace) ORDER BY c.relname",
};

const columns = {
  sqlite: "SELECT name FROM pragma_table_info(?)",
  postgresql:
    "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(quote_ident($1)) AND attnum > 0 AND NOT attisdropped",
};

/** The tables of a database that are visible without naming their schema. */
export async function tableNames(connection: Connection): Promise<Set<string>> {
  const { rows } = await connection.execute(tables[connection.vendor]);
  return new Set(rows.map(([name]) => name as string));
}

/** The columns of a table; none where there is no such table. */
export async function columnNames(connection: Connection, table: string): Promise<Set<string>> {
  const { rows } = await connection.execute(columns[connection.vendor], [table]);
  return new Set(rows.map(([name]) => name as string));
}
