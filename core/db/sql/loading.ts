// Which columns objects are loaded with: only() and defer().
import { FieldError } from "../../exceptions.ts";
import type { Field } from "../fields/field.ts";
import type { ModelClass } from "../models.ts";
import { walkPath } from "./lookup_path.ts";
import type { QueryState } from "./query_state.ts";

/** What `only()` and `defer()` have said, by paths such as `title` and `author__name`. */
export interface Loading {
  /** The columns that are loaded; null for all. */
  readonly only: ReadonlySet<string> | null;
  readonly deferred: ReadonlySet<string>;
}

export const loadEverything: Loading = { only: null, deferred: new Set() };

/** Throws a FieldError for a path that is no column, and for the key, which every object has. */
export function checkLoading(model: ModelClass, names: readonly string[], method: string): readonly string[] {
  return names.map((name) => {
    const { path, rest } = walkPath(model, name);
    if (rest.length > 0 || path.toMany) throw new FieldError(`${method}() takes columns, which "${name}" is not.`);
    return name;
  });
}

/** `only()` says anew what is loaded; what was deferred stays so, as in Django. */
export function withOnly({ deferred }: Loading, names: readonly string[]): Loading {
  return { only: new Set(names.filter((name) => !deferred.has(name))), deferred: new Set() };
}

export function withDeferred({ only, deferred }: Loading, names: readonly string[]): Loading {
  if (!only) return { only, deferred: new Set([...deferred, ...names]) };
  return { only: new Set([...only].filter((name) => !names.includes(name))), deferred };
}

export function loadingShape({ only, deferred }: Loading): string {
  return `${only ? [...only].join() : "-"}/${[...deferred].join()}`;
}

/** The columns of the model at the end of a path of relations that objects are loaded with, `""` for the query's own. */
export function loadedFields({ loading }: QueryState, { _meta: meta }: ModelClass, path: string): readonly Field[] {
  const { only, deferred } = loading;
  if (!only && deferred.size === 0) return meta.fields;
  const named = only && firstNames(only, path);
  const left = firstNames(
    [...deferred].filter((name) => isColumn(name, path)),
    path,
  );
  return meta.fields.filter((field) => {
    if (field.primaryKey) return true;
    const isNamed = (names: ReadonlySet<string>) => names.has(field.name) || names.has(field.attname);
    return !isNamed(left) && (!named || (path !== "" && named.size === 0) || isNamed(named));
  });
}

function isColumn(name: string, path: string): boolean {
  return !name.slice(path === "" ? 0 : path.length + 2).includes("__");
}

/** Of `author__name`, seen from the query's own model, `author` is what must be there. */
function firstNames(names: Iterable<string>, path: string): ReadonlySet<string> {
  const prefix = path === "" ? "" : `${path}__`;
  const inside = [...names].filter((name) => name.startsWith(prefix));
  return new Set(inside.map((name) => name.slice(prefix.length).split("__")[0]));
}
