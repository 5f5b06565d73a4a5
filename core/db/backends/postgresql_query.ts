import type { PoolClient } from "pg";
import type { QueryResult } from "./base.ts";
import { RowInterceptor, type RowSink } from "./postgresql_wire.ts";

/** The part of a connection of `pg` that a statement needs; `pg-cursor` uses the same. */
interface Wire {
  readonly stream: { cork(): void; uncork(): void };
  readonly parsedStatements: Record<string, string>;
  readonly submittedNamedStatements?: Record<string, string>;
  parse(message: { name: string; text: string; types: readonly number[] }): void;
  bind(message: { portal: string; statement: string; values: readonly unknown[]; valueMapper: Convert }): void;
  execute(message: { portal: string; rows: number }): void;
  sync(): void;
  sendCopyFail(reason: string): void;
}

type Convert = (value: unknown) => string | Buffer | null;

/** One statement with its parameters. */
export interface WireRequest {
  text: string;
  values: readonly unknown[];
  /** Under which name the connection remembers it; empty for one that is sent once. */
  name: string;
}

/** Whether every parameter is of a kind that `Field.toDb` gives; `pg` knows what to do with others. */
export function hasPlainValues(values: readonly unknown[]): boolean {
  for (const value of values) {
    if (typeof value === "object" ? value !== null && !(value instanceof Uint8Array) : value === undefined)
      return false;
  }
  return true;
}

/**
 * Sends a statement by the extended protocol and reads its rows as arrays of texts. Columns are not asked for.
 *
 * @throws what the server said, as `pg` gives it.
 */
export function sendQuery(client: PoolClient, request: WireRequest): Promise<QueryResult> {
  return new Promise((resolve, reject) => {
    const callback = (error: unknown, result: QueryResult) => (error ? reject(error) : resolve(result));
    client.query(new WireQuery(request, interceptorOf(client), callback) as never);
  });
}

const interceptors = new WeakMap<PoolClient, RowInterceptor | { sink: null }>();

/** Puts a reader of rows before the one of `pg`, once per connection. Where `pg` is built otherwise, its own reads them. */
function interceptorOf(client: PoolClient): { sink: RowSink | null } {
  let known: { sink: RowSink | null } | undefined = interceptors.get(client);
  if (!known) {
    known = intercept(client) ?? { sink: null };
    interceptors.set(client, known as RowInterceptor);
  }
  return known;
}

function intercept(client: PoolClient): RowInterceptor | null {
  const { stream } = (client as unknown as { connection?: { stream?: NodeJS.ReadableStream } }).connection ?? {};
  const listeners = stream?.listeners("data") ?? [];
  if (!stream || listeners.length !== 1) return null;
  const parse = listeners[0] as (bytes: Buffer) => void;
  const interceptor = new RowInterceptor(parse);
  stream.removeListener("data", parse);
  stream.on("data", (bytes: Buffer) => interceptor.read(bytes));
  return interceptor;
}

/** What `pg` calls a Submittable: it is sent when its turn comes, and told of what the server answers. */
class WireQuery implements RowSink {
  readonly text: string;
  readonly name: string;
  /** `pg` may put its own around it, for a time limit. */
  callback: (error: unknown, result: QueryResult) => void;
  readonly #values: readonly unknown[];
  readonly #rows: (string | null)[][] = [];
  readonly #reader: { sink: RowSink | null };
  #rowCount = 0;

  constructor({ text, values, name }: WireRequest, reader: { sink: RowSink | null }, callback: WireQuery["callback"]) {
    this.text = text;
    this.name = name;
    this.callback = callback;
    this.#values = values;
    this.#reader = reader;
  }

  /** All messages leave together. */
  submit(wire: Wire): void {
    this.#reader.sink = this;
    wire.stream.cork();
    try {
      this.#send(wire);
    } finally {
      wire.stream.uncork();
    }
  }

  #send(wire: Wire): void {
    const { name, text } = this;
    if (name === "" || wire.parsedStatements[name] === undefined) {
      wire.parse({ name, text, types: [] });
      if (name !== "" && wire.submittedNamedStatements) wire.submittedNamedStatements[name] = text;
    }
    wire.bind({ portal: "", statement: name, values: this.#values, valueMapper: parameter });
    wire.execute({ portal: "", rows: 0 });
    wire.sync();
  }

  takeRow(row: (string | null)[]): void {
    this.#rows.push(row);
  }

  /** Where no interceptor stands before `pg`. */
  handleDataRow({ fields }: { fields: (string | null)[] }): void {
    this.#rows.push(fields);
  }

  /** `INSERT 0 5`, `SELECT 100`: the number of rows comes last. */
  handleCommandComplete({ text }: { text: string }): void {
    this.#rowCount = Number(text.slice(text.lastIndexOf(" ") + 1)) || 0;
  }

  handleReadyForQuery(): void {
    this.#reader.sink = null;
    this.callback(null, { rows: this.#rows, rowCount: this.#rowCount });
  }

  handleError(error: unknown): void {
    this.#reader.sink = null;
    this.callback(error, { rows: [], rowCount: 0 });
  }

  handleCopyInResponse(wire: Wire): void {
    wire.sendCopyFail("No source stream defined");
  }

  handleRowDescription(): void {}
  handleEmptyQuery(): void {}
  handlePortalSuspended(): void {}
  handleCopyData(): void {}
}

/** Texts as they are; bytes in binary form. */
function parameter(value: unknown): string | Buffer | null {
  if (typeof value === "string" || value === null) return value;
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  return String(value);
}
