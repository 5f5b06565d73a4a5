import { setTimeout as sleep } from "node:timers/promises";

/** In milliseconds. */
const LONGEST_PAUSE = 5;

/**
 * Runs a write again for as long as another process's transaction stands in its way, at most `timeout` milliseconds. SQLite
 * itself would wait in the thread that answers every request of this process.
 */
export async function whileBusy<T>(timeout: number, write: () => T | Promise<T>): Promise<T> {
  const since = performance.now();
  for (let pause = 1; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    try {
      return await write();
    } catch (error) {
      if (!isBusy(error) || performance.now() - since > timeout) throw error;
    }
    await sleep(pause);
  }
}

interface DriverError {
  code?: string;
  errcode?: number;
  cause?: unknown;
  driverError?: unknown;
}

/** better-sqlite3 says SQLITE_BUSY, Node's SQLite 5; our errors and TypeORM's have the driver's inside. */
function isBusy(error: unknown): boolean {
  if (typeof error !== "object" || error === null) return false;
  const { code, errcode, cause, driverError } = error as DriverError;
  return code === "SQLITE_BUSY" || errcode === 5 || isBusy(cause ?? driverError);
}
