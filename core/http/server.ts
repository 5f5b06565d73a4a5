import http from "node:http";
import net, { type AddressInfo, type Socket } from "node:net";
import { CoreError } from "../exceptions.ts";
import type { ExpressApp } from "./express.ts";

/** How a server behaves towards slow and idle clients. Times are in milliseconds. */
export interface ServerOptions {
  /** Within which a request's headers must have arrived. Default 15,000. */
  headersTimeout?: number;
  /** Within which a whole request must have arrived. Default 30,000. */
  requestTimeout?: number;
  /** For which an idle connection is kept. Default 5,000. */
  keepAliveTimeout?: number;
  /** Connections at the same time; further ones are closed at once. Default 10,000. */
  maxConnections?: number;
}

/** For how many milliseconds a kept connection must have been silent before a stopping server closes it. */
const quietTime = 500;

/** The port is taken, or may not be used. */
export class ListenError extends CoreError {
  static override code = "cannot_listen";
}

/**
 * The HTTP server under an Express application.
 *
 * Up to Node 22, Express spends most of a small request in `Object.setPrototypeOf(request, app.request)`. A server whose
 * request and response classes already have those prototypes makes that call a no-op (161 → 28 µs a request, see
 * docs/decisions.md); Node 24 made it cheap by itself.
 */
export class HttpServer {
  readonly #server: http.Server;
  /** Open connections, and since when each has had no request: null while it has one. */
  readonly #idleSince = new Map<Socket, number | null>();
  #closing: Promise<void> | null = null;

  constructor(app: ExpressApp, options: ServerOptions = {}) {
    this.#server = http.createServer({ ...messageClasses(app) }, app);
    this.#server.headersTimeout = options.headersTimeout ?? 15_000;
    this.#server.requestTimeout = options.requestTimeout ?? 30_000;
    this.#server.keepAliveTimeout = options.keepAliveTimeout ?? 5_000;
    this.#server.maxConnections = options.maxConnections ?? 10_000;
    this.#server.on("connection", (socket) => this.#track(socket));
    this.#server.prependListener("request", (request, response) => this.#begin(request.socket, response));
  }

  /** Node's own server, for what stands beside HTTP: WebSocket upgrades, for one. */
  get node(): http.Server {
    return this.#server;
  }

  /** True once close() was called: no new work is to be begun. */
  get closing(): boolean {
    return this.#closing !== null;
  }

  /** The port that the server listens on. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Listens; port 0 takes a free one. Throws a ListenError where it cannot. */
  async listen(port: number, host: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", (error) => reject(explain(error, port, host)));
      this.#server.listen({ port, host }, resolve);
    });
  }

  /**
   * Stops without failing a request: no new connection is taken, every answer from now on says `Connection: close`, and a
   * kept connection is closed only when nothing has come for half a second, since closing it at once would cut off a
   * request that is on its way. What is still busy after `grace` milliseconds is cut off.
   */
  close(grace = 10_000): Promise<void> {
    this.#closing ??= this.#drain(grace);
    return this.#closing;
  }

  async #drain(grace: number): Promise<void> {
    // http.Server.close() would close idle connections on the spot.
    const closed = new Promise<void>((resolve) => net.Server.prototype.close.call(this.#server, () => resolve()));
    const begun = performance.now();
    const timer = setInterval(() => this.#closeQuiet(begun, begun + grace), 50);
    await closed;
    clearInterval(timer);
  }

  #closeQuiet(begun: number, deadline: number): void {
    const now = performance.now();
    for (const [socket, since] of this.#idleSince) {
      const quiet = since !== null && now - Math.max(since, begun) >= quietTime;
      if (quiet || now >= deadline) socket.destroySoon();
    }
    if (now >= deadline) this.#server.closeAllConnections();
  }

  #track(socket: Socket): void {
    this.#idleSince.set(socket, performance.now());
    socket.once("close", () => this.#idleSince.delete(socket));
  }

  #begin(socket: Socket, response: http.ServerResponse): void {
    this.#idleSince.set(socket, null);
    if (this.#closing) response.setHeader("Connection", "close");
    response.once("close", () => {
      if (this.#idleSince.has(socket)) this.#idleSince.set(socket, performance.now());
    });
  }
}

/** Node builds requests and responses with the classes given here; these have Express's prototypes from the start. */
function messageClasses(app: ExpressApp): http.ServerOptions {
  if (Number(process.versions.node.split(".")[0]) >= 24) return {};
  function IncomingMessage(this: http.IncomingMessage, socket: Socket) {
    (http.IncomingMessage as unknown as (this: unknown, socket: Socket) => void).call(this, socket);
  }
  function ServerResponse(this: http.ServerResponse, request: http.IncomingMessage, options: object) {
    (http.ServerResponse as unknown as (this: unknown, ...args: unknown[]) => void).call(this, request, options);
  }
  IncomingMessage.prototype = app.request;
  ServerResponse.prototype = app.response;
  return { IncomingMessage, ServerResponse } as unknown as http.ServerOptions;
}

function explain(error: NodeJS.ErrnoException, port: number, host: string): Error {
  if (error.code === "EADDRINUSE") {
    return new ListenError(`Port ${port} on ${host} is already in use.`, {
      hint: `Stop what listens there, or name another port: core run ${port + 1}`,
    });
  }
  if (error.code === "EACCES") {
    return new ListenError(`Port ${port} on ${host} may not be used by this user.`, {
      hint: "Ports below 1024 need special rights; use a higher one.",
    });
  }
  return new ListenError(`Cannot listen on ${host}:${port}: ${error.message}`, { cause: error });
}
