import { ImproperlyConfigured } from "../exceptions.ts";

/** A dynamic part of a path: `{id}`, or `{isbn:[0-9]{13}}` with the expression that its text must match as a whole. */
interface Parameter {
  name: string;
  pattern: string;
  matches: RegExp;
}

type Segment = string | Parameter;

/** What a path leads to. */
export interface Match<T> {
  target: T;
  params: Record<string, string>;
  /** `json` where the path ended in `.json` and the route takes suffixes. */
  format: string | null;
  /** Whether the path ended in a slash. */
  slash: boolean;
}

interface Leaf<T> {
  target: T;
  names: string[];
  suffixes: boolean;
}

class Node<T> {
  readonly fixed = new Map<string, Node<T>>();
  readonly dynamic: { parameter: Parameter; node: Node<T> }[] = [];
  leaf: Leaf<T> | null = null;
}

/** What stands for a key in a path unless a view says otherwise; a dot would begin a format suffix. */
export const DEFAULT_PATTERN = "[^/.]+";

/**
 * Paths to targets, by their segments: a look-up costs as many steps as the path has segments, however many routes there
 * are. Fixed segments go before dynamic ones, those in the order in which they were added.
 *
 * A path is written without its final slash: whether one was there is told with the match, and what that means is the
 * caller's affair (`APPEND_SLASH`).
 */
export class RouteTable<T> {
  readonly #root = new Node<T>();

  /** Throws ImproperlyConfigured if the path is taken. */
  add(path: string, target: T, options: { suffixes?: boolean } = {}): void {
    const segments = parsePath(path);
    let node = this.#root;
    for (const segment of segments) node = child(node, segment);
    if (node.leaf)
      throw new ImproperlyConfigured(`Two routes lead to ${path}.`, {
        hint: "Register one of them under another prefix.",
      });
    const names = segments.flatMap((segment) => (typeof segment === "string" ? [] : [segment.name]));
    node.leaf = { target, names, suffixes: options.suffixes ?? false };
  }

  /** The target of a path (without query), or null. Throws a URIError where a percent code is broken. */
  match(path: string): Match<T> | null {
    const slash = path.length > 1 && path.endsWith("/");
    const segments = split(slash ? path.slice(0, -1) : path);
    return this.#walk(segments, slash) ?? this.#withSuffix(segments, slash);
  }

  #walk(segments: string[], slash: boolean, format: string | null = null): Match<T> | null {
    const values: string[] = [];
    const leaf = descend(this.#root, segments, 0, values);
    if (!leaf || (format !== null && !leaf.suffixes)) return null;
    return { target: leaf.target, params: named(leaf.names, values), format, slash };
  }

  #withSuffix(segments: string[], slash: boolean): Match<T> | null {
    const last = segments.at(-1) ?? "";
    const dot = last.lastIndexOf(".");
    if (dot < 0 || dot === last.length - 1) return null;
    const stem = last.slice(0, dot);
    const rest = stem === "" ? segments.slice(0, -1) : [...segments.slice(0, -1), stem];
    return this.#walk(rest, slash, last.slice(dot + 1));
  }
}

function split(path: string): string[] {
  const trimmed = path.startsWith("/") ? path.slice(1) : path;
  return trimmed === "" ? [] : trimmed.split("/");
}

function descend<T>(node: Node<T>, segments: string[], at: number, values: string[]): Leaf<T> | null {
  if (at === segments.length) return node.leaf;
  const segment = segments[at] as string;
  const fixed = node.fixed.get(segment);
  const found = fixed && descend(fixed, segments, at + 1, values);
  if (found) return found;
  for (const { parameter, node: next } of node.dynamic) {
    const value = decodeURIComponent(segment);
    if (!parameter.matches.test(value)) continue;
    values.push(value);
    const leaf = descend(next, segments, at + 1, values);
    if (leaf) return leaf;
    values.pop();
  }
  return null;
}

function named(names: string[], values: string[]): Record<string, string> {
  const params: Record<string, string> = {};
  for (let i = 0; i < names.length; i += 1) params[names[i] as string] = values[i] as string;
  return params;
}

function child<T>(node: Node<T>, segment: Segment): Node<T> {
  if (typeof segment === "string") {
    let next = node.fixed.get(segment);
    if (!next) {
      next = new Node<T>();
      node.fixed.set(segment, next);
    }
    return next;
  }
  const known = node.dynamic.find((entry) => entry.parameter.pattern === segment.pattern);
  if (known) return known.node;
  const next = new Node<T>();
  node.dynamic.push({ parameter: segment, node: next });
  return next;
}

/** A segment of a written path: a parameter, whose pattern may itself hold slashes and braces, or plain text. */
const writtenSegment = /\{(?:[^{}]|\{[^{}]*\})*\}|[^/]+/g;

function parsePath(path: string): Segment[] {
  return [...path.matchAll(writtenSegment)].map(([segment]) => {
    if (!segment.startsWith("{")) return segment;
    const inner = /^\{([A-Za-z_]\w*)(?::(.+))?\}$/.exec(segment);
    if (!inner) {
      throw new ImproperlyConfigured(`"${segment}" in the path ${path} is not a parameter.`, {
        hint: "Write {name} or {name:pattern}.",
      });
    }
    return parameter(inner[1] as string, inner[2] ?? DEFAULT_PATTERN, path);
  });
}

function parameter(name: string, pattern: string, path: string): Parameter {
  try {
    return { name, pattern, matches: new RegExp(`^(?:${pattern})$`, "u") };
  } catch {
    throw new ImproperlyConfigured(`"${pattern}" in the path ${path} is not a regular expression.`);
  }
}

/** A path with its parameters filled in, each percent-encoded. Throws where one is missing or does not fit. */
export function fillPath(path: string, params: Readonly<Record<string, unknown>>): string {
  const parts = parsePath(path).map((segment) => {
    if (typeof segment === "string") return segment;
    const value = params[segment.name];
    const text = value === undefined || value === null ? "" : String(value);
    if (segment.matches.test(text)) return encodeURIComponent(text);
    throw new ImproperlyConfigured(
      `${path} needs "${segment.name}" to match ${segment.pattern}, and got ${JSON.stringify(value) ?? "nothing"}.`,
    );
  });
  return `/${parts.join("/")}${path.endsWith("/") && parts.length > 0 ? "/" : ""}`;
}
