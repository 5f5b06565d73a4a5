/** The part of a stream that is written to; tests give one of their own. */
export interface TextStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

const STYLES = { success: "32;1", warning: "33;1", error: "31;1", notice: "36", heading: "1", dim: "2" } as const;
export type Style = keyof typeof STYLES;

/** When to use colours: `undefined` means on a terminal only. */
export function wantsColor(stream: TextStream, forced?: boolean): boolean {
  if (forced !== undefined) return forced;
  if (process.env.NO_COLOR) return false;
  return stream.isTTY === true && process.env.TERM !== "dumb";
}

/**
 * A command's `stdout` or `stderr`, `django.core.management.base.OutputWrapper`: lines, coloured where a person reads.
 *
 * @example
 * this.stdout.success(`${count} tokens deleted.`);
 */
export class OutputWrapper {
  readonly #stream: TextStream;
  readonly #color: boolean;

  constructor(stream: TextStream, { color }: { color?: boolean } = {}) {
    this.#stream = stream;
    this.#color = wantsColor(stream, color);
  }

  get isTTY(): boolean {
    return this.#stream.isTTY === true;
  }

  /** Writes a line. */
  write(line = "", ending = "\n"): void {
    this.#stream.write(line + ending);
  }

  success(line: string): void {
    this.write(this.style("success", line));
  }

  warning(line: string): void {
    this.write(this.style("warning", line));
  }

  notice(line: string): void {
    this.write(this.style("notice", line));
  }

  error(line: string): void {
    this.write(this.style("error", line));
  }

  /** The text in a style, where colours are used. */
  style(style: Style, text: string): string {
    return this.#color ? `\u001b[${STYLES[style]}m${text}\u001b[0m` : text;
  }
}
