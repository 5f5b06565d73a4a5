/**
 * `npm run prepare`: compiles core/ to dist/, which is what the published package holds.
 *
 * Types are not checked here, `npm run check` does that: an install should not fail, or wait, because of them. The result
 * is made aside and put in place when it is complete, so dist/ never holds a half-built or an outdated file.
 */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, renameSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

const compiler = findCompiler();
if (compiler && existsSync(join(root, "core"))) build(compiler);

/** TypeScript is missing after `npm install --omit=dev`, where nothing is to be built. */
function findCompiler() {
  try {
    const manifest = createRequire(import.meta.url).resolve("typescript/package.json");
    return join(dirname(manifest), "bin", "tsc");
  } catch {
    return undefined;
  }
}

/** @param {string} tsc */
function build(tsc) {
  const unfinished = join(root, "node_modules", ".cache", `core-build-${process.pid}`);
  try {
    const project = join(root, ".ci", "tsconfig.build.json");
    const { status } = spawnSync(process.execPath, [tsc, "-p", project, "--outDir", unfinished], { stdio: "inherit" });
    if (status !== 0) {
      process.exitCode = status ?? 1;
      return;
    }
    cpSync(join(root, "core"), unfinished, { recursive: true, filter: isAsset });
    replace(join(root, "dist"), unfinished);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

/** Everything that is not code: pages, styles, data. @param {string} path */
function isAsset(path) {
  return statSync(path).isDirectory() || ![".ts", ".mts", ".mjs", ".js"].includes(extname(path));
}

/**
 * @param {string} target
 * @param {string} replacement
 */
function replace(target, replacement) {
  const outdated = `${replacement}-outdated`;
  if (existsSync(target)) renameSync(target, outdated);
  renameSync(replacement, target);
  rmSync(outdated, { recursive: true, force: true });
}
