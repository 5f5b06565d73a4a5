import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { settings } from "../conf/settings.ts";
import type { ExpressHandler, ExpressRequest, ExpressResponse } from "../http/express.ts";
import type { Endpoint } from "../rest/plan.ts";
import { stringifyJson } from "../utils/json.ts";
import { importDriver } from "../utils/module_loading.ts";
import { type DocumentInfo, generateSchema } from "./generator.ts";

/** What the page loads, and nothing else of the package that has it. */
const assets = new Set(["swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png"]);

/**
 * Serves the document at `/openapi.json` and Swagger UI at `/docs`: with DEBUG, otherwise as if they were not there.
 *
 * The document is made at the first request and kept. The page loads everything from this server, and its
 * Content-Security-Policy lets nothing else run.
 *
 * @param endpoints what is documented.
 * @example
 * for (const handler of documentation(app.endpoints)) express.use(handler);
 */
export function documentation(endpoints: readonly Endpoint[]): ExpressHandler[] {
  const document = once(() => stringifyJson(generateSchema(endpoints, documentInfo())));
  const files = once(loadFiles);
  return [
    (request, response, next) => {
      if (!isVisible(request)) return next();
      const { path } = request;
      if (path === "/openapi.json") return send(response, "application/json", document());
      if (path === "/docs" || path === "/docs/") return sendPage(request, response);
      if (!path.startsWith("/docs/") || !assets.has(path.slice("/docs/".length))) return next();
      request.url = request.url.slice("/docs".length);
      files().then((serveFile) => serveFile(request, response, next), next);
    },
  ];
}

/** What the settings say about the API. */
export function documentInfo(): DocumentInfo {
  const { TITLE, VERSION, DESCRIPTION, SERVERS } = settings.OPENAPI;
  return { title: TITLE, version: VERSION, description: DESCRIPTION, servers: SERVERS };
}

function isVisible({ method }: ExpressRequest): boolean {
  return settings.DEBUG && (method === "GET" || method === "HEAD");
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** swagger-ui-express brings the files; its own page has inline styles that a strict policy refuses. */
async function loadFiles(): Promise<ExpressHandler> {
  type SwaggerUi = { default: { serveWithOptions(options: object): [ExpressHandler, ExpressHandler] } };
  const module = await importDriver<SwaggerUi>("swagger-ui-express", "npm install swagger-ui-express");
  return module.default.serveWithOptions({ redirect: false })[1];
}

const page = once(() => readFileSync(new URL("./docs.html", import.meta.url), "utf8"));

function sendPage({ baseUrl }: ExpressRequest, response: ExpressResponse): void {
  const nonce = randomBytes(16).toString("base64");
  const values: Record<string, string> = {
    title: settings.OPENAPI.TITLE,
    assets: `${baseUrl}/docs`,
    document: `${baseUrl}/openapi.json`,
    nonce,
  };
  response.setHeader("Content-Security-Policy", contentSecurityPolicy(nonce));
  response.setHeader("Cache-Control", "no-store");
  send(
    response,
    "text/html; charset=utf-8",
    page().replace(/{{(\w+)}}/g, (_, name) => escapeHtml(values[name] ?? "")),
  );
}

/** Requests may also go to the servers that the document names, or the page could not try them out. */
function contentSecurityPolicy(nonce: string): string {
  const servers = settings.OPENAPI.SERVERS.flatMap((url) => (URL.canParse(url) ? [new URL(url).origin] : []));
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    `connect-src ${["'self'", ...new Set(servers)].join(" ")}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function send(response: ExpressResponse, type: string, text: string): void {
  response.setHeader("Content-Type", type);
  response.setHeader("Content-Length", Buffer.byteLength(text));
  response.end(text);
}
