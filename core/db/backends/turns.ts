interface Waiter {
  take: () => void;
  timer: NodeJS.Timeout;
}

/** So many turns at a time; who comes first is served first, and nobody waits longer than `timeout` milliseconds. */
export class Turns {
  readonly #timeout: number;
  readonly #waiting: Waiter[] = [];
  #free: number;

  constructor(count: number, timeout: number) {
    this.#free = count;
    this.#timeout = timeout;
  }

  /** Waits for a turn. Throws an Error where none was given back in time. */
  take(): Promise<void> | void {
    if (this.#free === 0) return new Promise((resolve, reject) => this.#wait(resolve, reject));
    this.#free--;
  }

  give(): void {
    const next = this.#waiting.shift();
    if (!next) {
      this.#free++;
      return;
    }
    clearTimeout(next.timer);
    next.take();
  }

  #wait(take: () => void, reject: (error: Error) => void): void {
    const expire = () => {
      this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
      reject(new Error("timeout exceeded when waiting for other transactions"));
    };
    const waiter: Waiter = { take, timer: setTimeout(expire, this.#timeout) };
    this.#waiting.push(waiter);
  }
}
