import { type Connection, connections } from "./connections.ts";
import type { ModelClass } from "./models.ts";

/**
 * The statements that let automatic keys go on behind the largest one in use; none on SQLite, which does so by itself.
 * (django.db.backends.postgresql.operations.sequence_reset_sql)
 */
export function sequenceResetSql(connection: Connection, models: Iterable<ModelClass>): string[] {
  if (connection.vendor !== "postgresql") return [];
  const automatic = [...models].filter(({ _meta }) => _meta.pk.isAuto && !_meta.proxy);
  return automatic.map(({ _meta }) => {
    const [table, column] = [_meta.dbTable, _meta.pk.column].map((name) => connection.quoteName(name));
    const sequence = `pg_get_serial_sequence(${literal(table)},${literal(_meta.pk.column)})`;
    // The third argument says whether the number is taken, so that an empty table begins with 1.
    return `SELECT setval(${sequence}, coalesce(max(${column}), 1), max(${column}) IS NOT null) FROM ${table};`;
  });
}

function literal(name: string): string {
  return `'${name.replaceAll("'", "''")}'`;
}

/**
 * Lets the automatic keys of some models go on behind the largest one in use: needed on PostgreSQL after rows were stored
 * with keys of their own, as a fixture's are. SQLite does so by itself, and never gives a key out twice.
 *
 * @example
 * await resetSequences([Author, Book]);
 */
export async function resetSequences(models: Iterable<ModelClass>, using?: string): Promise<void> {
  const connection = connections.get(using);
  for (const statement of sequenceResetSql(connection, models)) await connection.execute(statement);
}
