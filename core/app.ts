import { apps } from "./apps/registry.ts";
import { settings } from "./conf/settings.ts";
import { connections } from "./db/connections.ts";
import { createExpress, type ExpressApp, type ExpressHandler, type ExpressResponse } from "./http/express.ts";
import { sendJson, sendNotFound } from "./http/pages.ts";
import { HttpServer, type ServerOptions } from "./http/server.ts";
import { allowedHosts } from "./middleware/common.ts";
import { security } from "./middleware/security.ts";
import type { Endpoint } from "./rest/plan.ts";
import { endpointsOf, type RoutesModule, serve } from "./rest/urls.ts";
import { setup } from "./setup.ts";
import { clearUrlNames } from "./urls/conf.ts";
import { importString } from "./utils/module_loading.ts";

/** Where to listen. Default 127.0.0.1, port 8000. */
export interface ListenOptions extends ServerOptions {
  port?: number;
  host?: string;
}

/**
 * A project as an application: settings → apps → middleware → urls → Express.
 *
 * `express` is a plain Express application, so that it can stand in any host; `listen()` serves it with what makes it
 * fast and stops it without failing a request.
 *
 * @example
 * ```ts
 * const app = await CoreApp.create();
 * await app.listen({ port: 8000 });
 * ```
 */
export class CoreApp {
  readonly express: ExpressApp;
  /** Every URL that is answered, in the order of INSTALLED_APPS. */
  readonly endpoints: readonly Endpoint[];
  #server: HttpServer | null = null;

  private constructor(express: ExpressApp, endpoints: readonly Endpoint[]) {
    this.express = express;
    this.endpoints = endpoints;
  }

  /** Sets the project up, if that was not done, and puts its routes together. Throws ImproperlyConfigured. */
  static async create(): Promise<CoreApp> {
    await setup();
    const endpoints = await collectEndpoints();
    const app = new CoreApp(createExpress(), endpoints);
    for (const handler of await app.#handlers()) app.express.use(handler);
    app.express.use(answerError);
    return app;
  }

  /** The server, while there is one. */
  get server(): HttpServer | null {
    return this.#server;
  }

  /** Listens. Throws a ListenError where the port is taken. */
  async listen({ port = 8000, host = "127.0.0.1", ...options }: ListenOptions = {}): Promise<HttpServer> {
    const server = new HttpServer(this.express, options);
    await server.listen(port, host);
    this.#server = server;
    return server;
  }

  /** Answers what was begun, stops listening, closes the databases. */
  async close(grace?: number): Promise<void> {
    await this.#server?.close(grace);
    await connections.closeAll();
  }

  async #handlers(): Promise<ExpressHandler[]> {
    return [
      security,
      this.#health,
      allowedHosts(settings.ALLOWED_HOSTS, settings.DEBUG),
      ...(await projectMiddleware()),
      ...(await documentation(this.endpoints)),
      serve(this.endpoints, settings.APPEND_SLASH),
      (_request, response) => sendNotFound(response, settings.REST_FRAMEWORK.COMPATIBILITY === "3.14" ? null : "utf-8"),
    ];
  }

  /** `/health/live`: the process answers. `/health/ready`: it may be sent requests. Asked by hosts under any name. */
  #health: ExpressHandler = (request, response, next) => {
    if (request.path === "/health/live") return sendJson(response, 200, { status: "ok" });
    if (request.path === "/health/ready") return void this.#ready(response);
    next();
  };

  async #ready(response: ExpressResponse): Promise<void> {
    const failing = this.#server?.closing ? ["server"] : await unreachableDatabases();
    sendJson(response, failing.length === 0 ? 200 : 503, {
      status: failing.length === 0 ? "ok" : "unavailable",
      failing,
    });
  }
}

async function collectEndpoints(): Promise<Endpoint[]> {
  clearUrlNames();
  const endpoints: Endpoint[] = [];
  for (const app of apps.getAppConfigs()) {
    const module = (await app.module("routes")) as RoutesModule | undefined;
    if (module) endpoints.push(...endpointsOf(module, `${app.name}/routes`));
  }
  return endpoints;
}

/** The documentation is optional: a setting says what serves it, and only then it is loaded. */
async function documentation(endpoints: readonly Endpoint[]): Promise<ExpressHandler[]> {
  const { DOCUMENTATION: given } = settings.OPENAPI;
  if (given === null) return [];
  const serves = given ?? (await importString("core-framework/openapi#documentation"));
  return (serves as (endpoints: readonly Endpoint[]) => ExpressHandler[])(endpoints);
}

async function projectMiddleware(): Promise<ExpressHandler[]> {
  return Promise.all(
    settings.MIDDLEWARE.map((entry) =>
      typeof entry === "string" ? importString<ExpressHandler>(entry) : (entry as ExpressHandler),
    ),
  );
}

async function unreachableDatabases(): Promise<string[]> {
  const aliases = Object.keys(settings.DATABASES);
  const results = await Promise.allSettled(aliases.map((alias) => connections.get(alias).execute("SELECT 1")));
  return aliases.filter((_alias, i) => results[i]?.status === "rejected");
}

/** What escaped every view: told to the log, and to the client only that it happened. */
function answerError(
  error: unknown,
  request: { method: string; path: string },
  response: ExpressResponse,
  _next: unknown,
): void {
  console.error(`${request.method} ${request.path} failed:`, error);
  if (response.headersSent) response.destroy();
  else sendJson(response, 500, { detail: "A server error occurred." });
}
