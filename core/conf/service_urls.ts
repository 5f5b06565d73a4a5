// Databases and caches as one line each: the forms of DATABASE_URL and CACHE_URL.
import { resolve } from "node:path";
import { enumerate } from "../utils/text.ts";
import { withoutCredentials } from "./problems.ts";

/** Where a database is and how to sign in; one entry of `DATABASES`. */
export interface DatabaseConfig {
  readonly engine: "sqlite" | "postgresql";
  /** The database's name, a file's absolute path, or `:memory:`. */
  readonly name: string;
  /** Empty for the driver's default; a path means a Unix socket's folder. */
  readonly host: string;
  /** Null for the driver's default. */
  readonly port: number | null;
  readonly user: string;
  readonly password: string;
  /** What the driver is told besides, as in the URL's query: `{ sslmode: "require" }`. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** Where a cache is; one entry of `CACHES`. */
export interface CacheConfig {
  readonly backend: "memory" | "redis";
  /** The URL of the server; for memory, a name that keeps two caches apart. */
  readonly location: string;
  readonly options: Readonly<Record<string, unknown>>;
}

const DATABASE_FORMS = "sqlite:///file.sqlite3 or postgresql://user:password@host:5432/name";

/**
 * Reads `sqlite:///relative`, `sqlite:////absolute`, `sqlite://:memory:` or `postgresql://user:password@host:port/name?option=value`.
 *
 * @param root the folder that relative SQLite files are in.
 * @throws RangeError with a sentence that shows no password.
 */
export function parseDatabaseUrl(url: string, root: string): DatabaseConfig {
  const [, scheme = "", rest] = /^([a-z0-9+.-]+):\/\/(.*)$/is.exec(url) ?? [];
  if (scheme === "sqlite" || scheme === "sqlite3") return sqliteConfig(rest, root);
  if (scheme === "postgres" || scheme === "postgresql") return postgresConfig(url);
  const problem = scheme === "" ? "is not a URL" : `has the unknown scheme "${scheme}"`;
  throw new RangeError(`${problem}; a database is written as ${DATABASE_FORMS}`);
}

function sqliteConfig(rest: string, root: string): DatabaseConfig {
  const [location, query] = rest.split("?");
  const name = decode(location.replace(/^\//, ""));
  if (name === "") throw new RangeError("names no file; write sqlite:///file.sqlite3 or sqlite://:memory:");
  if (!location.startsWith("/") && name !== ":memory:") {
    throw new RangeError(`needs three slashes before a relative path: sqlite:///${name}`);
  }
  return { ...EMPTY, engine: "sqlite", name: sqliteName(name, root), options: queryOptions(query) };
}

/** A SQLite file's absolute path: relative ones are in the project's folder. */
export function sqliteName(name: string, root: string): string {
  return name === ":memory:" ? name : resolve(root, name);
}

const EMPTY = { host: "", port: null, user: "", password: "", options: {} } as const;

function postgresConfig(text: string): DatabaseConfig {
  const url = parseUrl(text);
  const name = decode(url.pathname.slice(1));
  if (name === "") throw new RangeError("names no database; write postgresql://user:password@host:5432/name");
  const { host: socket, ...options } = queryOptions(url.search.slice(1));
  return {
    engine: "postgresql",
    name,
    host: socket ?? decode(url.hostname).replace(/^\[|\]$/g, ""),
    port: url.port === "" ? null : Number(url.port),
    user: decode(url.username),
    password: decode(url.password),
    options,
  };
}

/** Reads `memory://name`, `redis://host:6379/0` or `rediss://…`. Throws RangeError with a sentence. */
export function parseCacheUrl(text: string): CacheConfig {
  const [, scheme = "", rest] = /^([a-z0-9+.-]+):\/\/(.*)$/is.exec(text) ?? [];
  if (scheme === "memory") return { backend: "memory", location: rest, options: {} };
  if (scheme === "redis" || scheme === "rediss")
    return { backend: "redis", location: parseUrl(text).href, options: {} };
  const problem = scheme === "" ? "is not a URL" : `has the unknown scheme "${scheme}"`;
  throw new RangeError(`${problem}; a cache is written as ${enumerate(["memory://", "redis://host:6379/0"])}`);
}

function parseUrl(text: string): URL {
  try {
    return new URL(text);
  } catch {
    throw new RangeError(
      `cannot be read as a URL (${withoutCredentials(text)}); percent-encode special characters of the password, as in %23 for #`,
    );
  }
}

function queryOptions(query = ""): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(query));
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new RangeError("holds a % that is not followed by two hexadecimal digits; write %25 for %");
  }
}
