import { enumerate } from "../utils/text.ts";
import { loadEnvFiles } from "./dotenv.ts";
import { describeValue, InvalidSettings, type SettingProblem } from "./problems.ts";
import { projectRoot } from "./project.ts";
import { type CacheConfig, type DatabaseConfig, parseCacheUrl, parseDatabaseUrl } from "./service_urls.ts";

let collected: SettingProblem[] | undefined = [];

/** What `env` found wrong so far; taking it empties the list. */
export function takeEnvProblems(): SettingProblem[] {
  const problems = collected ?? [];
  if (collected) collected = [];
  return problems;
}

/** While settings are read, problems wait for `defineSettings()`, which reports all at once; afterwards each one throws. */
export function collectEnvProblems(collecting: boolean): void {
  collected = collecting ? [] : undefined;
}

function report(problem: SettingProblem): void {
  if (collected === undefined) throw new InvalidSettings([problem]);
  if (!collected.some(({ message }) => message === problem.message)) collected.push(problem);
}

/** The variable's text; an empty one counts as not set, as Compose files and CI systems leave it. */
function read(name: string): string | undefined {
  loadEnvFiles(projectRoot());
  return process.env[name] || undefined;
}

function missing(name: string): void {
  report({
    id: "settings.E003",
    setting: name,
    message: `The environment variable ${name} is not set.`,
    hint: `Set ${name} in the environment or in .env.`,
  });
}

function invalid(name: string, problem: string): void {
  report({ id: "settings.E004", setting: name, message: `The environment variable ${name} ${problem}.` });
}

function variable<T>(name: string, fallback: T | undefined, placeholder: T, parse: (text: string) => T): T {
  const text = read(name);
  return text === undefined && fallback !== undefined ? fallback : parsed(name, text, placeholder, parse);
}

/** The value of a text; where it is missing or malformed, that is reported and the reading goes on with `placeholder`. */
function parsed<T>(name: string, text: string | undefined, placeholder: T, parse: (text: string) => T): T {
  if (text === undefined) {
    missing(name);
    return placeholder;
  }
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    invalid(name, error.message);
    return placeholder;
  }
}

const TRUE = ["true", "yes", "on", "1"];
const FALSE = ["false", "no", "off", "0"];

function parseBoolean(name: string, text: string): boolean {
  const word = text.trim().toLowerCase();
  if (TRUE.includes(word)) return true;
  if (FALSE.includes(word)) return false;
  throw new RangeError(`must be true or false, not ${describeValue(text, name)}`);
}

function parseNumber(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) {
    throw new RangeError(`must be a number, not ${describeValue(text, name)}`);
  }
  return value;
}

function parseInteger(name: string, text: string): number {
  const value = parseNumber(name, text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`must be an integer, not ${describeValue(text, name)}`);
  return value;
}

function parseChoice<T extends string>(name: string, text: string, choices: readonly T[]): T {
  if (choices.includes(text as T)) return text as T;
  throw new RangeError(`must be ${enumerate(choices)}, not ${describeValue(text, name)}`);
}

/** Comma-separated items; spaces around them and empty ones go. */
function parseList(text: string): string[] {
  const items = text.split(",").map((item) => item.trim());
  return items.filter((item) => item !== "");
}

/**
 * Typed values from the environment and the project's `.env` files. A variable without a default must be set. Missing
 * and malformed variables are reported together, with everything else that is wrong in the settings.
 *
 * @example
 * export default defineSettings({
 *   SECRET_KEY: env.string("SECRET_KEY"),
 *   DEBUG: env.boolean("DEBUG", false),
 *   ALLOWED_HOSTS: env.list("ALLOWED_HOSTS", []),
 *   DATABASES: { default: env.database("DATABASE_URL", "sqlite:///db.sqlite3") },
 * });
 */
export const env = {
  string: (name: string, fallback?: string): string => variable(name, fallback, "", (text) => text),

  /** `true`, `yes`, `on`, `1` and their opposites, in any case. */
  boolean: (name: string, fallback?: boolean): boolean =>
    variable(name, fallback, false, (text) => parseBoolean(name, text)),

  number: (name: string, fallback?: number): number => variable(name, fallback, 1, (text) => parseNumber(name, text)),

  integer: (name: string, fallback?: number): number => variable(name, fallback, 1, (text) => parseInteger(name, text)),

  /** Comma-separated: `a.example.com, b.example.com`. */
  list: (name: string, fallback?: readonly string[]): readonly string[] => variable(name, fallback, [], parseList),

  /** One of the given words. */
  choice: <const T extends string>(name: string, choices: readonly T[], fallback?: NoInfer<T>): T =>
    variable<T>(name, fallback, choices[0], (text) => parseChoice(name, text, choices)),

  /** `sqlite:///file`, `sqlite:////absolute/file`, `sqlite://:memory:`, `postgresql://user:password@host:port/name?option=value`. */
  database: (name: string, fallback?: string): DatabaseConfig =>
    service(name, fallback, parseDatabaseUrl("sqlite://:memory:", ""), (url) => parseDatabaseUrl(url, projectRoot())),

  /** `memory://`, `redis://host:6379/0`, `rediss://…`. */
  cache: (name: string, fallback?: string): CacheConfig =>
    service(name, fallback, parseCacheUrl("memory://"), parseCacheUrl),
} as const;

/** The default of a database or a cache is a URL too, so it goes through the same parser. */
function service<T>(name: string, fallback: string | undefined, placeholder: T, parse: (url: string) => T): T {
  return parsed(name, read(name) ?? fallback, placeholder, parse);
}
