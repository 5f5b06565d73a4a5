/**
 * Compiled files on disk, one per source file: `<project>/node_modules/.cache/core-framework/<path in the project>.mjs`.
 *
 * The first line is the key under which the rest was compiled and a digest of the rest. A file that does not match, be
 * it older, of another compiler or damaged, is a miss and is overwritten; so the cache neither grows nor needs clearing.
 */
import { createHash } from "node:crypto";
import { existsSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, parse, relative } from "node:path";

/**
 * Where the compiled form of `file` is kept, or undefined when there is no safe place for it.
 *
 * @param {string} file absolute path
 */
export function cacheFile(file) {
  const project = projectOf(dirname(file));
  if (project !== undefined) {
    return `${join(project, "node_modules", ".cache", "core-framework", relative(project, file))}.mjs`;
  }
  const shared = temporaryFolder();
  return shared && `${join(shared, relative(parse(file).root, file))}.mjs`;
}

/** @param {string[]} parts */
export function digest(...parts) {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part).update("\0");
  return hash.digest("base64url");
}

/**
 * @param {string | undefined} path
 * @param {string} key
 * @returns {string | undefined} what was written under this key
 */
export function readCache(path, key) {
  if (!path) return undefined;
  try {
    const text = readFileSync(path, "utf8");
    const start = text.indexOf("\n") + 1;
    const code = text.slice(start);
    return text.slice(0, start) === header(key, code) ? code : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Written beside its place and renamed, so that a process starting at the same moment never reads half a file.
 *
 * @param {string | undefined} path
 * @param {string} key
 * @param {string} code
 */
export function writeCache(path, key, code) {
  if (!path) return;
  const unfinished = `${path}.${process.pid}.tmp`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(unfinished, header(key, code) + code);
    renameSync(unfinished, path);
  } catch {
    // A read-only or full disk costs speed at the next start, nothing else.
    if (existsSync(unfinished)) rmSync(unfinished, { force: true });
  }
}

/**
 * @param {string} key
 * @param {string} code
 */
function header(key, code) {
  return `// ${key} ${digest(code)}\n`;
}

/** @type {Map<string, string | undefined>} */
const projects = new Map();

/**
 * The nearest folder with node_modules.
 *
 * @param {string} folder
 * @returns {string | undefined}
 */
function projectOf(folder) {
  if (projects.has(folder)) return projects.get(folder);
  const parent = dirname(folder);
  const project = existsSync(join(folder, "node_modules")) ? folder : parent === folder ? undefined : projectOf(parent);
  projects.set(folder, project);
  return project;
}

/** Others can write to the temporary folder, and what we find here is executed: so it must be ours alone. */
function temporaryFolder() {
  const folder = join(tmpdir(), `core-framework-${process.getuid?.() ?? "cache"}`);
  try {
    mkdirSync(folder, { mode: 0o700, recursive: true });
    const { uid, mode } = lstatSync(folder);
    const ours = process.getuid === undefined || (uid === process.getuid() && (mode & 0o022) === 0);
    return ours && !lstatSync(folder).isSymbolicLink() ? folder : undefined;
  } catch {
    return undefined;
  }
}
