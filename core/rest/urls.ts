import { ImproperlyConfigured } from "../exceptions.ts";
import type { ExpressHandler, ExpressRequest } from "../http/express.ts";
import { nameUrl } from "../urls/conf.ts";
import { RouteTable } from "../urls/resolvers.ts";
import type { Endpoint } from "./plan.ts";
import { type APIView, compileView, dispatch } from "./views.ts";

/** One view at one path, as an app's `urlpatterns` lists them. */
export interface UrlPattern {
  path: string;
  View: new () => APIView;
  name: string;
}

/**
 * A view that no router mounts. Parameters stand in braces: `path("/authors/{id:[0-9]+}/titles/", TitleList)`.
 *
 * @param options.name For `reverse()`. Default: the class's name.
 */
export function path(pattern: string, View: new () => APIView, options: { name?: string } = {}): UrlPattern {
  return { path: pattern, View, name: options.name ?? View.name };
}

/** Compiles the views of an app's `urlpatterns`. */
export function compilePatterns(patterns: readonly UrlPattern[]): Endpoint[] {
  return patterns.map(({ path: pattern, View, name }) => {
    nameUrl({ name, path: pattern });
    return compileView(View, pattern, name);
  });
}

/** What a path without its final slash is: as good as with it, sent to it, or unknown. `APPEND_SLASH`. */
export type AppendSlash = "accept" | "redirect" | false;

/** Express middleware that answers every endpoint; other paths go on to what stands behind it. */
export function serve(endpoints: readonly Endpoint[], appendSlash: AppendSlash): ExpressHandler {
  const table = new RouteTable<Endpoint>();
  for (const endpoint of endpoints) table.add(endpoint.path, endpoint, { suffixes: true });
  return (request, response, next) => {
    const match = find(table, request);
    if (!match) return next();
    if (!match.slash && match.format === null && appendSlash !== "accept" && request.path !== "/") {
      return appendSlash === "redirect" ? response.redirect(301, withSlash(request)) : next();
    }
    const plan = match.target.plans.get(request.method) ?? match.target.otherwise;
    dispatch(plan, request, response, match.params, match.format).catch(next);
  };
}

function find(table: RouteTable<Endpoint>, request: ExpressRequest) {
  try {
    return table.match(request.path);
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}

function withSlash(request: ExpressRequest): string {
  const mark = request.url.indexOf("?");
  return mark < 0 ? `${request.url}/` : `${request.url.slice(0, mark)}/${request.url.slice(mark)}`;
}

/** What an app's routes module may export. */
export interface RoutesModule {
  router?: { endpoints(): Endpoint[] };
  urlpatterns?: readonly UrlPattern[];
}

/** The endpoints of one app. Throws ImproperlyConfigured where the module exports neither a router nor urlpatterns. */
export function endpointsOf(module: RoutesModule, where: string): Endpoint[] {
  if (!module.router && !module.urlpatterns) {
    throw new ImproperlyConfigured(`${where} exports neither "router" nor "urlpatterns".`, {
      hint: "Write: export const router = new AutoRouter();",
    });
  }
  return [...(module.router?.endpoints() ?? []), ...compilePatterns(module.urlpatterns ?? [])];
}
