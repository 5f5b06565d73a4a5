import { AsyncLocalStorage } from "node:async_hooks";
import { OperationalError } from "../exceptions.ts";

const ambient = new AsyncLocalStorage<AbortSignal>();

/**
 * Runs a function whose queries are given up when a signal is aborted: as for a request whose client has left. PostgreSQL
 * stops the statement that runs; none is begun after that, on either database.
 *
 * @example
 * await runWithSignal(AbortSignal.timeout(2000), () => Book.objects.filter({ title__iregex: pattern }));
 */
export function runWithSignal<T>(signal: AbortSignal, fn: () => T): T {
  return ambient.run(signal, fn);
}

/** The signal that the running code stands under, if any. */
export function currentSignal(): AbortSignal | undefined {
  return ambient.getStore();
}

/** Throws where the signal is aborted already. */
export function checkSignal(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw cancelled(signal);
}

/** What a statement that was given up throws. */
export function cancelled(signal: AbortSignal): OperationalError {
  return new OperationalError("The statement was cancelled: its signal was aborted.", { cause: signal.reason });
}
