import { ImproperlyConfigured } from "../exceptions.ts";
import { closestMatch } from "../utils/text.ts";
import { fillPath } from "./resolvers.ts";

/** One mounted path, for printing and for `reverse()`. */
export interface NamedPath {
  name: string;
  path: string;
}

const names = new Map<string, string>();

/** Makes a path known under its name; a later one of the same name wins, as in Django. */
export function nameUrl({ name, path }: NamedPath): void {
  names.set(name, path);
}

/** Forgets every name: used where a new application is put together. */
export function clearUrlNames(): void {
  names.clear();
}

/**
 * The path of a named route: `reverse("book-detail", { pk: 3 })` is `/api/books/3/`.
 * Throws ImproperlyConfigured for a name that no route has, or a parameter that does not fit.
 */
export function reverse(name: string, params: Readonly<Record<string, unknown>> = {}): string {
  const path = names.get(name);
  if (path !== undefined) return fillPath(path, params);
  const near = closestMatch(name, [...names.keys()]);
  throw new ImproperlyConfigured(`No route is named "${name}".`, {
    hint: near ? `Did you mean "${near}"?` : "core showurls lists the names.",
  });
}
