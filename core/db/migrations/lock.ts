import { setTimeout as sleep } from "node:timers/promises";
import { OperationalError } from "../../exceptions.ts";
import type { Connection } from "../connections.ts";

/** "core" in ASCII: the advisory lock that a migrating process holds. */
const LOCK = 0x63_6f_72_65;
const PATIENCE = 600_000;

/**
 * Runs `fn` while no other process migrates the database; others wait. The lock goes with the process that holds it.
 *
 * PostgreSQL has a lock for the whole run. SQLite has one for each transaction, so there every migration looks inside
 * its own whether it is still to be applied.
 *
 * @param onWait called once, where another process was first
 */
export async function withMigrationLock<T>(
  connection: Connection,
  onWait: () => void,
  fn: () => Promise<T>,
): Promise<T> {
  if (connection.vendor === "sqlite") {
    await whileLocked(() => connection.connect());
    return fn();
  }
  const session = await connection.begin();
  try {
    for (const name of ["lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"]) {
      await session.execute(`SET LOCAL ${name} = 0`);
    }
    const { rows } = await session.execute(`SELECT pg_try_advisory_xact_lock(${LOCK})::int`);
    if (String(rows[0][0]) !== "1") {
      onWait();
      await session.execute(`SELECT pg_advisory_xact_lock(${LOCK})`);
    }
    return await fn();
  } finally {
    await session.rollback();
  }
}

/**
 * Called first in a migration's own transaction. A process that was killed may leave a statement running on PostgreSQL,
 * in a session that is not the one that held the lock: it is told to look whether its client is still there, and the
 * next process waits until it has.
 */
export async function waitForOrphans(connection: Connection): Promise<void> {
  if (connection.vendor === "sqlite" || !connection.inTransaction) return;
  const interval = "client_connection_check_interval";
  await connection.execute(`SELECT set_config(name, '1000', true) FROM pg_settings WHERE name = '${interval}'`);
  await connection.execute("SET LOCAL lock_timeout = 0");
  await connection.execute(`SELECT pg_advisory_xact_lock(${LOCK + 1})`);
  await connection.execute("SET LOCAL lock_timeout TO DEFAULT");
}

/** Tries again while another process writes to the SQLite file. */
export async function whileLocked<T>(attempt: () => Promise<T>, isDone: () => boolean = () => false): Promise<T> {
  const end = performance.now() + PATIENCE;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!isLocked(error) || isDone() || performance.now() > end) throw error;
      // At random, so that processes that wait do not meet again.
      await sleep(20 + Math.random() * 80);
    }
  }
}

function isLocked(error: unknown): boolean {
  return error instanceof OperationalError && /database is locked/.test(error.message);
}
