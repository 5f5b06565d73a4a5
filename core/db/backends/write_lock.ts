import { OperationalError } from "../../exceptions.ts";

interface Waiter {
  resolve: () => void;
  reject: (error: Error) => void;
  timer: NodeJS.Timeout;
}

/**
 * The turn to write to a SQLite database: one holder at a time, first come, first served.
 *
 * Nobody waits longer than `timeout` for the same holder, so that a transaction that waits for something else does not
 * hold up the whole server; a long queue of short transactions is no reason to give up.
 */
export class WriteLock {
  readonly #timeout: number;
  readonly #waiting: Waiter[] = [];
  #held = false;
  #since = 0;

  constructor(timeout: number) {
    this.#timeout = timeout;
  }

  get isFree(): boolean {
    return !this.#held;
  }

  /** Waits for the turn. Throws an OperationalError where its holder does not give it back. */
  acquire(): Promise<void> | void {
    if (this.#held) return new Promise((resolve, reject) => this.#enqueue(resolve, reject));
    this.#take();
  }

  /** Gives the turn to whoever waits longest. */
  release(): void {
    const next = this.#waiting.shift();
    if (!next) {
      this.#held = false;
      return;
    }
    clearTimeout(next.timer);
    this.#take();
    next.resolve();
  }

  #take(): void {
    this.#held = true;
    this.#since = performance.now();
  }

  #enqueue(resolve: () => void, reject: (error: Error) => void): void {
    const waiter: Waiter = { resolve, reject, timer: setTimeout(() => this.#expire(waiter), this.#timeout) };
    this.#waiting.push(waiter);
  }

  #expire(waiter: Waiter): void {
    const rest = this.#timeout - (performance.now() - this.#since);
    if (rest > 1) {
      waiter.timer = setTimeout(() => this.#expire(waiter), rest);
      return;
    }
    this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
    waiter.reject(
      new OperationalError(`database is locked: another transaction has been open for ${this.#timeout / 1000} s`, {
        hint: "SQLite has one writer at a time; keep what waits for other services out of atomic().",
      }),
    );
  }
}
