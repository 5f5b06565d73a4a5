// How rows are read from PostgreSQL's messages. `pg` makes a text of each value by a call into Node and tells of each row
// by an event, which is most of what a page of rows costs; here a row is one such call.

const DATA_ROW = 68;
/** A message's type, one byte, and its length, four, which counts itself but not the type. */
const HEADER = 5;

/** A row up to this many bytes is made a text at once, of which its short values are parts. */
const SMALL_ROW = 2048;
const SMALL_VALUE = 64;

/** Takes the rows of the statement that runs. */
export interface RowSink {
  takeRow(row: (string | null)[]): void;
}

/**
 * Stands before the parser of `pg`: rows of statements of ours are read here, everything else is passed on as it is.
 *
 * @example
 * const reader = new RowInterceptor((bytes) => parser.parse(bytes));
 * stream.on("data", (bytes) => reader.read(bytes));
 */
export class RowInterceptor {
  /** Who wants the rows; null while a statement of somebody else runs. */
  sink: RowSink | null = null;
  readonly #pass: (bytes: Buffer) => void;
  /** Bytes to come of a message that is passed on. */
  #skip = 0;
  /** The beginning of a message that is not whole yet, and how many bytes it takes to go on. */
  #parts: Buffer[] = [];
  #have = 0;
  #need = 0;

  constructor(pass: (bytes: Buffer) => void) {
    this.#pass = pass;
  }

  read(chunk: Buffer): void {
    const bytes = this.#have === 0 ? chunk : this.#joined(chunk);
    if (bytes === null) return;
    let at = Math.min(this.#skip, bytes.length);
    this.#skip -= at;
    let passed = 0;
    while (bytes.length - at >= HEADER) {
      const end = at + 1 + bytes.readUInt32BE(at + 1);
      if (bytes[at] === DATA_ROW && this.sink !== null) {
        if (passed < at) this.#pass(bytes.subarray(passed, at));
        passed = at;
        if (end > bytes.length) {
          this.#keep(bytes.subarray(at), end - at);
          return;
        }
        this.sink?.takeRow(readRow(bytes, at + HEADER, end));
        passed = end;
      } else if (end > bytes.length) {
        this.#skip = end - bytes.length;
        this.#pass(bytes.subarray(passed));
        return;
      }
      at = end;
    }
    if (passed < at) this.#pass(passed === 0 && at === bytes.length ? bytes : bytes.subarray(passed, at));
    if (at < bytes.length) this.#keep(bytes.subarray(at), HEADER);
  }

  #keep(rest: Buffer, need: number): void {
    this.#parts = [rest];
    this.#have = rest.length;
    this.#need = need;
  }

  /** What was kept with what has come, or null where that is still too little. */
  #joined(chunk: Buffer): Buffer | null {
    this.#parts.push(chunk);
    this.#have += chunk.length;
    if (this.#have < this.#need) return null;
    const joined = Buffer.concat(this.#parts, this.#have);
    this.#parts = [];
    this.#have = 0;
    return joined;
  }
}

/** The values of a row: a number of columns, then for each its length, or -1 for NULL, and its text. */
function readRow(bytes: Buffer, from: number, to: number): (string | null)[] {
  const count = (bytes[from] << 8) | bytes[from + 1];
  const row: (string | null)[] = new Array(count);
  // Latin-1 has one character for each byte, so that positions are the same.
  const text = to - from <= SMALL_ROW ? bytes.toString("latin1", from, to) : "";
  let at = from + 2;
  for (let index = 0; index < count; index++) {
    const length = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
    at += 4;
    if (length < 0) {
      row[index] = null;
      continue;
    }
    const end = at + length;
    const isPart = text !== "" && length <= SMALL_VALUE && isAscii(bytes, at, end);
    row[index] = isPart ? text.slice(at - from, end - from) : bytes.toString("utf8", at, end);
    at = end;
  }
  return row;
}

function isAscii(bytes: Buffer, from: number, to: number): boolean {
  let all = 0;
  for (let at = from; at < to; at++) all |= bytes[at];
  return all < 128;
}
