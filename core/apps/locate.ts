import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { ImproperlyConfigured } from "../exceptions.ts";
import { findPackage } from "../utils/module_loading.ts";
import { closestMatch } from "../utils/text.ts";
import type { AppLocation } from "./config.ts";

const CORE = resolve(fileURLToPath(import.meta.url), "../..");
const LABEL = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Finds the app that an entry of `INSTALLED_APPS` means: `core.<name>` is one of the framework's own, a path is relative
 * to the project's folder, and everything else is an npm package. The label is the last segment.
 *
 * @throws ImproperlyConfigured where there is no such folder, or its name cannot be a label.
 */
export function locateApp(entry: string, root: string): AppLocation {
  const folder = findOwnApp(entry) ?? findFolder(resolve(root, entry));
  const path = folder ?? findPackagedApp(entry, root);
  if (path === undefined) throw notFound(entry, root);
  const last = basename(entry.replace(/^core\./, ""));
  // npm names have hyphens and labels cannot; a folder can be renamed instead.
  return { name: entry, label: checkLabel(entry, folder ? last : last.replaceAll("-", "_")), path, root };
}

function findOwnApp(entry: string): string | undefined {
  return entry.startsWith("core.") ? findFolder(join(CORE, entry.slice("core.".length))) : undefined;
}

function findFolder(path: string): string | undefined {
  return existsSync(path) && statSync(path).isDirectory() ? path : undefined;
}

/** A package is an app by its own folder, or by the one that its package.json names: `"coreFramework": { "app": "dist" }`. */
function findPackagedApp(entry: string, root: string): string | undefined {
  const folder = /^[./]/.test(entry) ? undefined : findPackage(entry, root);
  if (folder === undefined) return undefined;
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    coreFramework?: { app?: string };
  };
  return join(folder, manifest.coreFramework?.app ?? ".");
}

function checkLabel(entry: string, label: string): string {
  if (LABEL.test(label)) return label;
  throw new ImproperlyConfigured(`The app "${entry}" has the label "${label}", which is not an identifier.`, {
    code: "invalid_app_label",
    hint: "Name its folder with letters, digits and underscores, beginning with a letter.",
  });
}

function notFound(entry: string, root: string): ImproperlyConfigured {
  const places = entry.startsWith("core.")
    ? `the framework has no app of that name`
    : `there is neither a folder ${join(root, entry)} nor an npm package of that name`;
  const meant = closestMatch(entry, knownApps(root));
  return new ImproperlyConfigured(`INSTALLED_APPS names "${entry}", but ${places}.`, {
    code: "app_not_found",
    hint: meant ? `Did you mean "${meant}"?` : `Create it with: core startapp ${basename(entry)}`,
  });
}

function knownApps(root: string): string[] {
  const folders = (path: string) =>
    findFolder(path)
      ? readdirSync(path, { withFileTypes: true })
          .filter((file) => file.isDirectory())
          .map(({ name }) => name)
      : [];
  const own = folders(CORE).map((name) => `core.${name}`);
  return [...own, ...folders(root), ...folders(join(root, "apps")).map((name) => `apps/${name}`)];
}
