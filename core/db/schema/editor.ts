import { type Connection, connections } from "../connections.ts";
import { atomic } from "../transaction.ts";
import type { SchemaEditor, SchemaEditorOptions } from "./base.ts";
import { PostgresqlSchemaEditor } from "./postgresql.ts";
import { pragma, SqliteSchemaEditor } from "./sqlite.ts";

/** How {@link withSchemaEditor} runs. */
export interface SchemaBlockOptions extends SchemaEditorOptions {
  /** The database; default `"default"`. */
  using?: string;
  /** Everything in one transaction; default true. */
  atomic?: boolean;
}

function createEditor(connection: Connection, options: SchemaEditorOptions): SchemaEditor {
  return connection.vendor === "sqlite"
    ? new SqliteSchemaEditor(connection, options)
    : new PostgresqlSchemaEditor(connection, options);
}

/**
 * Changes the schema of a database: in one transaction, with the indexes and references made at the end.
 *
 * @example
 * await withSchemaEditor((editor) => editor.createModel(Book));
 */
export async function withSchemaEditor<T>(
  change: (editor: SchemaEditor) => Promise<T> | T,
  { using = "default", atomic: inTransaction = true, ...options }: SchemaBlockOptions = {},
): Promise<T> {
  const connection = connections.get(using);
  const editor = createEditor(connection, options);
  const run = async () => {
    if (connection.vendor === "postgresql" && inTransaction) await allowTime(connection);
    const result = await change(editor);
    await editor.finish();
    return result;
  };
  if (editor.collected) return run();
  return withoutForeignKeys(connection, () => (inTransaction ? atomic(run, { using }) : run()));
}

/** A long step is no accident here. Waiting for locks stays limited, so that nobody queues up behind a migration. */
async function allowTime(connection: Connection): Promise<void> {
  await connection.execute("SET LOCAL statement_timeout = 0");
}

/**
 * SQLite can only be told before a transaction begins, not in it, to let references be: while a table is rebuilt, what
 * refers to it refers to nothing.
 */
async function withoutForeignKeys<T>(connection: Connection, run: () => Promise<T>): Promise<T> {
  if (connection.vendor !== "sqlite" || connection.inTransaction) return run();
  await connection.execute(pragma("foreign_keys = OFF"));
  try {
    return await run();
  } finally {
    await connection.execute(pragma("foreign_keys = ON"));
  }
}
