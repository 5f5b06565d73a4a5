// Where fixtures are found by their names, and how their files are read.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { apps } from "../apps/registry.ts";
import { settings } from "../conf/settings.ts";
import { FIXTURE_FORMATS, type FixtureFormat } from "../db/serialization/serialize.ts";
import { ImproperlyConfigured } from "../exceptions.ts";
import { CommandError } from "./base.ts";
import { readStandardInput } from "./standard_input.ts";

/** The name that means standard input. */
export const STANDARD_INPUT = "-";

/** A file of rows. */
export interface FixtureFile {
  /** Its path from the project's folder, for messages. */
  source: string;
  format: FixtureFormat;
  read(): Promise<string>;
}

/** Where fixtures are looked for. */
export interface FixtureSearch {
  /** The project's folder. */
  root: string;
  /** Only the fixtures of this app. */
  app?: string;
  /** Files may be meant for one database: `books.replica.json`. */
  database: string;
  /** The format of standard input. */
  format?: string;
}

/**
 * The files that a fixture's name means, such as `books`, `books.json`, `books.jsonl.gz` or a path: one of each app that
 * has it.
 *
 * @throws CommandError where there is none, or a folder has two.
 */
export function findFixtures(name: string, search: FixtureSearch): FixtureFile[] {
  if (name === STANDARD_INPUT) return [standardInput(search.format)];
  const { stem, format, compression } = parseName(name);
  const endings = [`.${search.database}`, ""].flatMap((database) =>
    (format ? [format] : FIXTURE_FORMATS).flatMap((kind) =>
      (compression ? [compression] : ["", ".gz"]).map((packed) => `${database}.${kind}${packed}`),
    ),
  );
  const found = places(search).flatMap((folder) => oneOf(folder, stem, endings));
  if (found.length === 0) throw notFound(name, search);
  return [...new Set(found)].map((path) => toFile(path, search.root));
}

function parseName(name: string): { stem: string; format?: string; compression?: string } {
  const [, packed, compression] = /^(.*?)(\.gz)?$/.exec(name) as RegExpExecArray;
  const [, stem, extension] = /^(.*[^/.][^/]*)\.([^./]+)$/.exec(packed) ?? [];
  if (extension === undefined) return { stem: packed, compression };
  if ((FIXTURE_FORMATS as readonly string[]).includes(extension)) return { stem, format: extension, compression };
  throw new CommandError(
    `Problem installing fixture '${basename(stem)}': ${extension} is not a known serialization format.`,
    { hint: `The formats are ${FIXTURE_FORMATS.join(" and ")}, each also with .gz behind it.` },
  );
}

function places({ root, app }: FixtureSearch): string[] {
  if (app !== undefined) return [join(apps.getAppConfig(app).path, "fixtures")];
  const folders = apps.getAppConfigs().map(({ path }) => join(path, "fixtures"));
  return [...new Set([...folders, ...extraFolders(root), root, process.cwd()])];
}

/** The folders of `FIXTURE_DIRS`; one that is named twice, or is an app's own, would load its fixtures twice. */
function extraFolders(root: string): string[] {
  const own = new Set(apps.getAppConfigs().map(({ path }) => join(path, "fixtures")));
  const folders = settings.FIXTURE_DIRS.map((folder) => resolve(root, folder));
  if (new Set(folders).size < folders.length)
    throw new ImproperlyConfigured("settings.FIXTURE_DIRS contains duplicates.");
  const twice = folders.find((folder) => own.has(folder));
  if (twice === undefined) return folders;
  throw new ImproperlyConfigured(`settings.FIXTURE_DIRS names "${twice}", which is looked into anyway.`, {
    hint: "It is the fixtures/ folder of an installed app: leave it out.",
  });
}

/** Django loads one fixture of a name from a folder, and refuses to choose between two. */
function oneOf(folder: string, stem: string, endings: readonly string[]): string[] {
  const found = endings.map((ending) => resolve(folder, stem + ending)).filter((path) => existsSync(path));
  if (found.length < 2) return found;
  throw new CommandError(
    `Multiple fixtures named '${basename(stem)}' in '${dirname(resolve(folder, stem))}'. Aborting.`,
    { hint: `They are ${found.map((path) => basename(path)).join(", ")}: name the one that is meant.` },
  );
}

function toFile(path: string, root: string): FixtureFile {
  const packed = path.endsWith(".gz");
  const format = path.replace(/\.gz$/, "").split(".").at(-1) as FixtureFormat;
  const read = async () => (packed ? await promisify(gunzip)(await readFile(path)) : await readFile(path)).toString();
  return { source: relative(root, path), format, read };
}

function standardInput(format: string | undefined): FixtureFile {
  if (format === undefined) throw new CommandError("--format must be specified when reading from stdin.");
  if ((FIXTURE_FORMATS as readonly string[]).includes(format)) {
    return { source: STANDARD_INPUT, format: format as FixtureFormat, read: readStandardInput };
  }
  throw new CommandError(`Unknown serialization format: ${format}`, { hint: `Use ${FIXTURE_FORMATS.join(" or ")}.` });
}

function notFound(name: string, { app }: FixtureSearch): CommandError {
  const where = app === undefined ? "every installed app, and in the project's folder" : `the app ${app}`;
  const file = /\.jsonl?(\.gz)?$/.test(name) ? name : `${name}.json`;
  return new CommandError(`No fixture named '${name}' found.`, {
    hint: `It was looked for as ${file} in the fixtures/ folder of ${where}.`,
  });
}
