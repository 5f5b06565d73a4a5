// What startproject and startapp share: names, and the making of an app.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { basename, join, relative, resolve, sep } from "node:path";
import { camelCaseToSpaces, capfirst, pascalCase, singular } from "../utils/text.ts";
import { CommandError } from "./base.ts";
import { addInstalledApp } from "./installed_apps.ts";
import { copyTemplate, PACKAGE_ROOT } from "./templates.ts";

/** The parts of the framework's package.json that projects are made from. */
export interface Manifest {
  version: string;
  dependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  allowScripts?: Record<string, boolean>;
  engines: { node: string };
}

export function readManifest(): Manifest {
  return JSON.parse(readFileSync(join(PACKAGE_ROOT, "package.json"), "utf8")) as Manifest;
}

/** The sentence that refuses a project's name, or undefined. A project is an npm package, so npm's rules hold. */
export function projectNameProblem(name: string): string | undefined {
  if (!/^[a-z0-9][a-z0-9._-]{0,99}$/.test(name)) {
    return `"${name}" cannot be a project's name: use small letters, digits and hyphens, beginning with a letter or digit`;
  }
  const { dependencies, peerDependencies } = readManifest();
  const taken = ["core", "core-framework", "node_modules", ...Object.keys({ ...dependencies, ...peerDependencies })];
  if (taken.includes(name)) return `"${name}" is the name of a package that the project needs`;
  return builtinModules.includes(name) ? `"${name}" is the name of a module of Node` : undefined;
}

/** The sentence that refuses an app's name, or undefined. It becomes a label: part of tables' and migrations' names. */
export function appNameProblem(name: string): string | undefined {
  if (!/^[a-z][a-z0-9_]{0,49}$/.test(name)) {
    return `"${name}" cannot be an app's name: use small letters, digits and underscores, beginning with a letter`;
  }
  return frameworkApps().includes(name)
    ? `"${name}" is the label of the framework's own app "core.${name}"`
    : undefined;
}

function frameworkApps(): string[] {
  const core = [join(PACKAGE_ROOT, "core"), join(PACKAGE_ROOT, "dist")].find((folder) => existsSync(folder));
  const hasModels = (folder: string) => ["models.ts", "models.js"].some((file) => existsSync(join(folder, file)));
  const folders = core ? readdirSync(core) : [];
  return folders.filter((name) => core && name !== "db" && hasModels(join(core, name)));
}

/** Throws the problem that one of the functions above found. */
export function refuse(problem: string | undefined, hint: string): void {
  if (problem !== undefined) throw new CommandError(`${capfirst(problem)}.`, { code: "invalid_name", hint });
}

/** An app to be made. */
export interface NewApp {
  name: string;
  /** The project's folder. */
  root: string;
  /** The folder that the app's goes into, relative to the project's. */
  directory?: string;
  /** True for a small working resource. */
  example?: boolean;
}

/** What became of a new app. */
export interface MadeApp {
  /** Its entry for `INSTALLED_APPS`. */
  entry: string;
  files: string[];
  settings: "added" | "present" | "unreadable";
}

/** Fills `app_template` into the project and adds the app to `INSTALLED_APPS`. */
export function makeApp({ name, root, directory = "apps", example = false }: NewApp): MadeApp {
  refuse(appNameProblem(name), "For example: core startapp blog_posts");
  const target = resolve(root, directory, name);
  const entry = relative(root, target).split(sep).join("/");
  if (entry.startsWith("..")) throw new CommandError(`${target} is not in the project's folder, ${root}.`);
  const files = copyTemplate("app_template", target, { values: appValues(name), flags: { example } });
  return { entry, files, settings: installApp(root, entry) };
}

function appValues(name: string): Record<string, string> {
  const model = pascalCase(singular(name));
  return { appName: name, url: name.replaceAll("_", "-"), model, modelWords: camelCaseToSpaces(model) };
}

function installApp(root: string, entry: string): MadeApp["settings"] {
  const file = ["settings.ts", "settings.js"].map((name) => join(root, name)).find((path) => existsSync(path));
  if (file === undefined) return "unreadable";
  const change = addInstalledApp(readFileSync(file, "utf8"), entry);
  if ("reason" in change) return change.reason;
  writeFileSync(file, change.text);
  return "added";
}

/**
 * How a new project names this framework: what `CORE_FRAMEWORK_SPEC` says; the folder of a checkout; the tarball that it
 * was installed from; else its published version.
 */
export function frameworkSpec(project: string): string {
  if (process.env.CORE_FRAMEWORK_SPEC) return process.env.CORE_FRAMEWORK_SPEC;
  const local = existsSync(join(PACKAGE_ROOT, "core", "index.ts")) ? PACKAGE_ROOT : installedFromFile();
  if (local === undefined) return `^${readManifest().version}`;
  return `file:${relative(project, local).split(sep).join("/")}`;
}

/** npm writes down where each package came from. */
function installedFromFile(): string | undefined {
  const modules = resolve(PACKAGE_ROOT, "..");
  const lock = join(modules, ".package-lock.json");
  if (basename(modules) !== "node_modules" || !existsSync(lock)) return undefined;
  const { packages = {} } = JSON.parse(readFileSync(lock, "utf8")) as {
    packages?: Record<string, { resolved?: string }>;
  };
  const resolved = packages["node_modules/core-framework"]?.resolved;
  return resolved?.startsWith("file:") ? resolve(modules, "..", resolved.slice("file:".length)) : undefined;
}
