import { connections } from "./connections.ts";
import type { ModelClass } from "./models.ts";

/**
 * Lets the automatic keys of some models go on behind the largest one in use: needed on PostgreSQL after rows were stored
 * with keys of their own, as a fixture's are. SQLite does so by itself, and never gives a key out twice.
 *
 * @example
 * await resetSequences([Author, Book]);
 */
export async function resetSequences(models: Iterable<ModelClass>, using?: string): Promise<void> {
  const connection = connections.get(using);
  if (connection.vendor !== "postgresql") return;
  for (const { _meta: meta } of models) {
    if (!meta.pk.isAuto) continue;
    const [table, column] = [meta.dbTable, meta.pk.column].map((name) => connection.quoteName(name));
    const sequence = "pg_get_serial_sequence($1, $2)";
    // The third argument says whether the number is taken, so that an empty table begins with 1.
    await connection.execute(
      `SELECT setval(${sequence}, coalesce(max(${column}), 1), max(${column}) IS NOT NULL) FROM ${table}`,
      [table, meta.pk.column],
    );
  }
}
