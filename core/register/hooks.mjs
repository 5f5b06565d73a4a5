/**
 * The two module hooks. They serve `module.registerHooks()`, where `next` answers at once, and `module.register()`, where
 * it answers with a promise: so they only ever return what `next` gives, and look at the disk to decide instead of
 * catching its errors.
 */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { compile } from "./compile.mjs";

/** The package's folder: two up from `core/register` in a checkout and from `dist/register` in a published package. */
const packageUrl = new URL("../../", import.meta.url).href;

/** In a checkout the sources answer for `core-framework`, so that no project ever loads a second, compiled copy. */
const isCheckout = existsSync(new URL("core/index.ts", packageUrl));

const typescript = /\.m?ts$/;

/**
 * @typedef {{ parentURL?: string }} ResolveContext
 * @typedef {(specifier: string, context?: ResolveContext) => unknown} NextResolve
 * @typedef {(url: string, context?: object) => unknown} NextLoad
 */

/**
 * Finds `core-framework` in a checkout, and the TypeScript file behind `./x.js`.
 *
 * @param {string} specifier
 * @param {ResolveContext} context
 * @param {NextResolve} nextResolve
 */
export function resolve(specifier, context, nextResolve) {
  const target = frameworkUrl(specifier) ?? typescriptSpecifier(specifier, context.parentURL) ?? specifier;
  return nextResolve(target, context);
}

/**
 * Compiles TypeScript; everything else is Node's.
 *
 * @param {string} url
 * @param {object} context
 * @param {NextLoad} nextLoad
 */
export function load(url, context, nextLoad) {
  const [location] = url.split(/[?#]/, 1);
  if (!location || !isOurs(location)) return nextLoad(url, context);
  const file = fileURLToPath(location);
  try {
    return { format: "module", source: compile(file, readFileSync(file, "utf8")), shortCircuit: true };
  } catch (error) {
    watch(location);
    throw error;
  }
}

/**
 * Tells `node --watch` about a file. Node does so itself once a file is loaded; one that does not compile would be
 * forgotten, and correcting it would not restart the process.
 *
 * @param {string} url
 */
function watch(url) {
  if (process.env.WATCH_REPORT_DEPENDENCIES) process.send?.({ "watch:import": [url] });
}

/**
 * TypeScript outside node_modules. Published packages are JavaScript, and Node refuses their TypeScript too; a checkout
 * that is linked without resolving the link is the one exception.
 *
 * @param {string} url
 */
function isOurs(url) {
  if (!url.startsWith("file:") || !typescript.test(url)) return false;
  const path = isCheckout && url.startsWith(packageUrl) ? url.slice(packageUrl.length - 1) : url;
  return !path.includes("/node_modules/");
}

/** @param {string} specifier */
function frameworkUrl(specifier) {
  if (!isCheckout || !/^core-framework(\/|$)/.test(specifier)) return undefined;
  return new URL(sourcePath(specifier.slice("core-framework/".length)), packageUrl).href;
}

/** @param {string} subpath what follows `core-framework/`, as in the "exports" of package.json */
function sourcePath(subpath) {
  if (subpath === "") return "core/index.ts";
  if (subpath === "package.json") return "package.json";
  if (subpath === "register") return "core/register/index.mjs";
  if (subpath === "migrations") return "core/db/migrations/index.ts";
  return `core/${subpath}/index.ts`;
}

/**
 * TypeScript may name the file that a build would write. Between TypeScript files the source wins over compiled output
 * that lies beside it, elsewhere it stands in for a file that is missing.
 *
 * @param {string} specifier
 * @param {string | undefined} parentURL
 */
function typescriptSpecifier(specifier, parentURL) {
  if (!/^(\.{1,2}\/|\/|file:).*\.m?js$/.test(specifier) || !URL.canParse(specifier, parentURL)) return undefined;
  const javascript = new URL(specifier, parentURL);
  const source = new URL(javascript.href.replace(/js$/, "ts"));
  if (!isOurs(source.href) || !existsSync(source)) return undefined;
  const preferred = parentURL !== undefined && typescript.test(parentURL);
  return preferred || !existsSync(javascript) ? source.href : undefined;
}
