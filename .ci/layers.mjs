/**
 * The rules of core/'s shape: what may import what. `npm run check` runs it; on its own: `node .ci/layers.mjs`.
 *
 * Imports of types count like any other: the rule is about what one must read to understand a file. (Cycles are Biome's
 * `noImportCycles`; there, types are exempt, because they are erased and cannot make a module load half-defined.)
 */
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, posix, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/**
 * An import points to a lower number or stays in its folder. Layer 0 is common ground and counts as one folder.
 * A folder that is not listed is a violation: give it a layer first.
 *
 * @type {Record<string, number>}
 */
export const layers = {
  "exceptions.ts": 0,
  "dispatch.ts": 0,
  utils: 0,
  conf: 1,
  apps: 2,
  checks: 2,
  db: 3,
  cache: 3,
  http: 3,
  contenttypes: 3.5,
  middleware: 4,
  urls: 4,
  sessions: 4,
  auth: 4.5,
  rest: 5,
  jwt: 6,
  openapi: 6,
  admin: 6,
  tasks: 6,
  messaging: 6,
  channels: 6,
  controllers: 6,
  observability: 6,
  "setup.ts": 6.5,
  "app.ts": 7,
  testing: 7.5,
  management: 8,
  "index.ts": 9,
};

/** Stands alone: imports nothing of core/, and anything may import it. */
const alone = "register";

/** The optional layer: inside core/, only commands and the public entries reach it. */
const optional = 6;
const reachesOptional = ["management", "index.ts"];

/** Packages that one place alone may import, so that the rest never depends on their shape. */
const owners = {
  typeorm: "core/db/",
  express: "core/http/express.ts",
  ws: "core/channels/server.ts",
};

/** The one file that may turn text into code. */
const codeGenerator = "core/utils/codegen.ts";

/**
 * @typedef {{ file: string, line: number, specifier: string }} Import
 * @typedef {{ type: string, span?: { start: number }, [key: string]: unknown }} Node
 */

/**
 * @param {string} root the folder that holds core/
 * @returns {string[]} one sentence per violation, sorted by file
 */
export function findViolations(root) {
  const files = readdirSync(join(root, "core"), { recursive: true, encoding: "utf8" })
    .map((path) => `core/${path.split(sep).join("/")}`)
    .filter((path) => /\.m?ts$|\.mjs$/.test(path))
    .sort();
  return files.flatMap((file) => checkFile(file, readFileSync(join(root, file), "utf8")));
}

/**
 * @param {string} file
 * @param {string} source
 * @returns {string[]}
 */
export function checkFile(file, source) {
  const { imports, generated, statements } = read(file, source);
  return [
    ...(layerOf(file) === undefined ? [`${file}:1 has no layer: add "${part(file)}" to .ci/layers.mjs`] : []),
    ...imports.flatMap((found) => violationsOf(found).map((text) => `${file}:${found.line} ${text}`)),
    ...generated
      .filter(() => file !== codeGenerator)
      .map((line) => `${file}:${line} makes code from text: only ${codeGenerator} may`),
    ...(file === "core/index.ts" ? statements : []).map(
      (line) => `${file}:${line} defines something: it only re-exports`,
    ),
  ];
}

/** @param {Import} found */
function violationsOf({ file, specifier }) {
  if (!specifier.startsWith(".")) return packageViolations(file, specifier);
  const target = posix.join(dirname(file), specifier);
  if (!target.startsWith("core/")) return [];
  return [...layerViolations(file, target), ...entryViolations(file, target)];
}

/**
 * @param {string} file
 * @param {string} specifier
 */
function packageViolations(file, specifier) {
  const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
  if (name === "core-framework") return [`imports ${specifier}: inside core/, import the file by its path`];
  const owner = owners[/** @type {keyof typeof owners} */ (name)];
  return owner === undefined || file.startsWith(owner) ? [] : [`imports ${name}: only ${owner} may`];
}

/**
 * @param {string} file
 * @param {string} target
 */
function layerViolations(file, target) {
  const [from, to] = [layerOf(file), layerOf(target)];
  if (part(file) === part(target) || part(target) === alone) return [];
  if (part(file) === alone) return [`(${alone} stands alone) imports ${target}`];
  if (from === undefined || to === undefined) return [];
  if (to === optional && !reachesOptional.includes(part(file))) {
    return [`(layer ${from}) imports ${target} (layer ${to}, optional): only ${reachesOptional.join(" and ")} may`];
  }
  return to < from || (to === 0 && from === 0) ? [] : [`(layer ${from}) imports ${target} (layer ${to})`];
}

/**
 * @param {string} file
 * @param {string} target
 */
function entryViolations(file, target) {
  // Migrations are written by makemigrations, as a project's are: they use the public entry.
  if (/\/migrations\/\d{4}_/.test(file) && target === "core/db/migrations/index.ts") return [];
  const isEntry = target.endsWith("/index.ts");
  return isEntry && file !== "core/index.ts" ? [`imports ${target}: inside core/, import the file that is needed`] : [];
}

/** The folder under core/ that a file belongs to, or its name if it lies there itself. @param {string} file */
function part(file) {
  return file.split("/")[1] ?? "";
}

/** @param {string} file */
function layerOf(file) {
  return part(file) === alone ? -1 : layers[part(file)];
}

/**
 * Reads a file's syntax tree, since a search for "import" would also find the examples in comments.
 *
 * @param {string} file
 * @param {string} source
 */
function read(file, source) {
  const { parseSync } = /** @type {typeof import("@swc/core")} */ (createRequire(import.meta.url)("@swc/core"));
  const tree = parseSync(source, { syntax: "typescript", decorators: true, target: "es2022" });
  const bytes = Buffer.from(source);
  /** @param {Node} node swc counts bytes, from 1 */
  const lineOf = (node) =>
    bytes
      .subarray(0, (node.span?.start ?? 1) - 1)
      .toString()
      .split("\n").length;
  /** @type {Import[]} */
  const imports = [];
  /** @type {number[]} */
  const generated = [];
  for (const node of walk(tree)) {
    const specifier = specifierOf(node);
    if (specifier !== undefined) imports.push({ file, specifier, line: lineOf(node) });
    if (makesCode(node)) generated.push(lineOf(node));
  }
  const items = /** @type {Node[]} */ (/** @type {unknown} */ (tree.body));
  return { imports, generated, statements: items.filter((item) => specifierOf(item) === undefined).map(lineOf) };
}

/**
 * Every node of a tree. @param {unknown} value
 * @returns {Generator<Node>}
 */
function* walk(value) {
  if (typeof value !== "object" || value === null) return;
  if ("type" in value && typeof value.type === "string") yield/** @type {Node} */ (value);
  for (const child of Object.values(value)) yield* walk(child);
}

/** @param {Node} node @returns {string | undefined} what the node imports, if it does */
function specifierOf(node) {
  const {
    source,
    callee,
    arguments: args,
    argument,
  } = /** @type {Record<string, any>} the tree is plain JSON */ (node);
  if (["ImportDeclaration", "ExportAllDeclaration", "ExportNamedDeclaration"].includes(node.type)) return source?.value;
  if (node.type === "TsImportType") return argument?.value;
  if (node.type === "CallExpression" && callee.type === "Import") return args[0]?.expression.value;
  return undefined;
}

/** @param {Node} node */
function makesCode(node) {
  const callee = /** @type {{ type?: string, value?: string } | undefined} */ (node.callee);
  if (callee?.type !== "Identifier") return false;
  return callee.value === "Function" || callee.value === "eval";
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const violations = findViolations(fileURLToPath(new URL("..", import.meta.url)));
  for (const violation of violations) console.error(violation);
  process.exitCode = violations.length > 0 ? 1 : 0;
}
