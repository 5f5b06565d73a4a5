/** Turns one TypeScript file into JavaScript, from the cache when its content was compiled before. */
import { createRequire } from "node:module";
import { basename } from "node:path";
import { cacheFile, digest, readCache, writeCache } from "./cache.mjs";
import { syntaxError } from "./syntax_error.mjs";

const require = createRequire(import.meta.url);

/** @type {import("@swc/core").Options} */
const options = {
  swcrc: false,
  configFile: false,
  isModule: true,
  sourceMaps: "inline",
  inlineSourcesContent: false,
  jsc: {
    target: "es2022",
    keepClassNames: true,
    parser: { syntax: "typescript", decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: false, useDefineForClassFields: false },
  },
};

/** Whatever changes the output for the same source is part of the cache key. */
const compiler = JSON.stringify([
  require("@swc/core/package.json").version,
  require("../../package.json").version,
  options,
]);

/**
 * @param {string} file absolute path
 * @param {string} source its content
 * @returns {string} JavaScript with an inline source map
 * @throws {SyntaxError} with file, line, column and the lines around the mistake
 */
export function compile(file, source) {
  const path = cacheFile(file);
  // The source map names the file without its folder, hence the base name in the key.
  const key = digest(compiler, basename(file), source);
  const cached = readCache(path, key);
  if (cached !== undefined) return cached;
  const code = transform(file, source);
  writeCache(path, key, code);
  return code;
}

/**
 * @param {string} file
 * @param {string} source
 */
function transform(file, source) {
  const { transformSync } = loadSwc();
  try {
    return transformSync(source, { ...options, filename: file, sourceFileName: basename(file) }).code;
  } catch (error) {
    throw syntaxError(file, source, error);
  }
}

/**
 * Called here and not on top: with a warm cache the native module, 11 MB, is never touched.
 *
 * @returns {typeof import("@swc/core")}
 */
function loadSwc() {
  try {
    return require("@swc/core");
  } catch (cause) {
    const message =
      `The TypeScript compiler @swc/core cannot be loaded on ${process.platform}-${process.arch}. ` +
      "Its native part is an optional dependency: install without --omit=optional, on the platform that runs it.";
    throw new Error(message, { cause });
  }
}
