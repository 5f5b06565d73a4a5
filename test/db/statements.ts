import type { Connection } from "core-framework/db";

/** A statement that was sent, with its parameters beside it. */
export interface Statement {
  sql: string;
  params: readonly unknown[];
}

/** Gives what is sent to a database while something runs. */
export async function statementsOf(connection: Connection, run: () => unknown): Promise<Statement[]> {
  const sent: Statement[] = [];
  const stop = connection.onQuery(({ sql, params }) => sent.push({ sql, params }));
  try {
    await run();
  } finally {
    stop();
  }
  return sent;
}
