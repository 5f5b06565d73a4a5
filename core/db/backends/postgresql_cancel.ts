import type { EventEmitter } from "node:events";
import type { Pool, PoolClient } from "pg";

/** The part of `pg`'s connection that sends a cancel request. */
interface WireConnection extends EventEmitter {
  connect(port: number | string, host?: string): void;
  cancel(processID: number, secretKey: number): void;
}

interface WireClient {
  connection: WireConnection;
  host: string;
  port: number;
  processID: number;
  secretKey: number;
}

/** Clients that a cancel request was sent for: it may arrive late, and must not hit somebody else's statement. */
const tainted = new WeakSet<PoolClient>();

/** Whether a client must not go back to the pool. */
export function isTainted(client: PoolClient): boolean {
  return tainted.has(client);
}

/** Runs a statement, and asks the server to stop it when the signal is aborted. */
export async function cancelOnAbort<T>(
  pool: Pool,
  client: PoolClient,
  signal: AbortSignal,
  send: () => Promise<T>,
): Promise<T> {
  const abort = () => {
    tainted.add(client);
    cancel(pool, client as unknown as WireClient);
  };
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await send();
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** A cancel request comes on a connection of its own, which the server closes without an answer. */
function cancel(pool: Pool, { processID, secretKey }: WireClient): void {
  const { Client, options } = pool as unknown as { Client: new (options: object) => WireClient; options: object };
  const { connection, host, port } = new Client(options);
  const request = () => connection.cancel(processID, secretKey);
  connection.once("connect", request);
  connection.once("sslconnect", request);
  // Where it cannot be sent, the statement's timeout ends it.
  connection.on("error", () => undefined);
  if (host.startsWith("/")) connection.connect(`${host}/.s.PGSQL.${port}`);
  else connection.connect(port, host);
}
