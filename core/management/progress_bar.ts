import type { OutputWrapper } from "./output.ts";

const WIDTH = 75;

/** A line of dots that grows, as Django's dumpdata shows at a terminal. */
export class ProgressBar {
  readonly #output: OutputWrapper;
  readonly #total: number;
  #shown = 0;

  /** @param total how many steps there are. */
  constructor(output: OutputWrapper, total: number) {
    this.#output = output;
    this.#total = total;
  }

  /** Shows how far it has come, where that makes another dot. */
  update(count: number): void {
    const done = Math.floor((Math.floor((count * 100) / this.#total) * WIDTH) / 100);
    if (done <= this.#shown) return;
    this.#shown = done;
    const start = this.#total === 1 ? "" : "\r";
    this.#output.write(`${start}[${".".repeat(done)}${" ".repeat(WIDTH - done)}]`, done === WIDTH ? "\n" : "");
  }
}
