import type { ExpressHandler } from "../http/express.ts";

const local = ["localhost", ".localhost", "127.0.0.1", "[::1]"];

/** `Host` without its port, or null where it is not the name of a host. As django.http.request.split_domain_port. */
export function hostName(header: string): string | null {
  const found = /^([a-z0-9.-]+|\[[a-f0-9]*:[a-f0-9.:]+\])(?::\d+)?$/.exec(header.toLowerCase());
  return found ? (found[1] as string).replace(/\.$/, "") : null;
}

/** Whether one of the patterns covers the host: `example.com`, `.example.com` with its subdomains, `*`. */
export function isAllowedHost(host: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => {
    const lower = pattern.toLowerCase();
    return (
      lower === "*" || lower === host || (lower.startsWith(".") && (host.endsWith(lower) || host === lower.slice(1)))
    );
  });
}

/**
 * Answers 400 to a request for a host that is not this site's, as Django does: links are made from the `Host` header, so a
 * forged one would end up in them. With `debug` and no hosts named, local names are allowed.
 */
export function allowedHosts(hosts: readonly string[], debug: boolean): ExpressHandler {
  const patterns = hosts.length === 0 && debug ? local : hosts;
  return (request, response, next) => {
    const host = hostName(request.headers.host ?? "");
    if (host !== null && isAllowedHost(host, patterns)) return next();
    const detail = debug
      ? `Invalid host ${JSON.stringify(request.headers.host ?? "")}. Add it to ALLOWED_HOSTS in settings.ts.`
      : "Bad request.";
    response.status(400).setHeader("Content-Type", "application/json");
    response.end(JSON.stringify({ detail }));
  };
}
