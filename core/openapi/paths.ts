import type { Endpoint } from "../rest/plan.ts";

/** A parameter of a path, and the expression that its text must match if a view gave one. */
export interface PathParameter {
  name: string;
  pattern: string | null;
}

/** A path as its parts: fixed texts and parameters. */
export type Segments = readonly (string | PathParameter)[];

/** Reads `/api/books/{isbn:[0-9]{13}}`: braces may stand within an expression, and so may slashes. */
export function parsePath(path: string): Segments {
  const segments: (string | PathParameter)[] = [];
  let rest = path.replace(/^\/+|\/+$/g, "");
  while (rest !== "") {
    const end = endOfSegment(rest);
    segments.push(readSegment(rest.slice(0, end)));
    rest = rest.slice(end + 1);
  }
  return segments;
}

function endOfSegment(text: string): number {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === "{") depth += 1;
    else if (text[at] === "}") depth -= 1;
    else if (text[at] === "/" && depth === 0) return at;
  }
  return text.length;
}

function readSegment(text: string): string | PathParameter {
  const [, name, pattern] = /^\{(\w+)(?::(.+))?\}$/s.exec(text) ?? [];
  return name === undefined ? text : { name, pattern: pattern === undefined || pattern === "[^/.]+" ? null : pattern };
}

/** `/api/books/{id}/`: with the slash at the end that links have, too. */
export function formatPath(segments: Segments): string {
  const parts = segments.map((segment) => (typeof segment === "string" ? segment : `{${segment.name}}`));
  return parts.length === 0 ? "/" : `/${parts.join("/")}/`;
}

/**
 * The segments that say nothing because every path begins with them: `["api", "v1"]`. What stands right before the first
 * parameter, or at the end, is never among them: it is the name of what is served.
 */
export function commonPrefix(endpoints: readonly Endpoint[]): readonly string[] {
  const [first = [], ...others] = endpoints.map(({ path }) => beforeName(parsePath(path)));
  return others.reduce((common, own) => common.slice(0, sharedLength(common, own)), first);
}

function beforeName(segments: Segments): string[] {
  const end = segments.findIndex((segment) => typeof segment !== "string");
  return segments.slice(0, end === -1 ? undefined : end).slice(0, -1) as string[];
}

function sharedLength(left: readonly string[], right: readonly string[]): number {
  const difference = left.findIndex((segment, at) => segment !== right[at]);
  return difference === -1 ? left.length : difference;
}
