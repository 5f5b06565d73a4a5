// django.setup(): what every program that uses a project does first.
import { relative, resolve } from "node:path";
import { apps } from "./apps/registry.ts";
import { registerSecurityChecks } from "./checks/security.ts";
import { loadEnvFiles } from "./conf/dotenv.ts";
import { takeEnvProblems } from "./conf/env.ts";
import { InvalidSettings } from "./conf/problems.ts";
import { findProjectRoot, setProjectRoot } from "./conf/project.ts";
import { configureSettings, isConfigured, loadReferences, settings } from "./conf/settings.ts";
import { connections } from "./db/connections.ts";
import { router } from "./db/routers.ts";
import { ImproperlyConfigured } from "./exceptions.ts";
import { findModuleFile, importFile, importString, resolveModule } from "./utils/module_loading.ts";

/** Which project to set up. */
export interface SetupOptions {
  /** The project's folder. Default: the nearest one upwards with a `manage.ts` or a `settings.ts`. */
  root?: string;
  /** The module of the settings, relative to the folder. Default: `CORE_SETTINGS_MODULE`, else `settings`. */
  settings?: string;
}

let running: Promise<void> | undefined;

/**
 * Prepares a project for use; the second call waits for the first.
 *
 *  1. The project's folder is found and its `.env` files are read.
 *  2. The settings are imported, checked and frozen.
 *  3. The databases are named; nothing connects yet.
 *  4. The installed apps are loaded, with their models and their `ready()`.
 *  5. Classes that the settings give by name are loaded.
 *
 * @throws ImproperlyConfigured with one sentence, whatever is wrong with the project.
 * @example
 * await setup();
 * console.log(settings.DEBUG, apps.getModels());
 */
export function setup(options: SetupOptions = {}): Promise<void> {
  running ??= run(options);
  return running;
}

async function run(options: SetupOptions): Promise<void> {
  // Compiled code runs a project's TypeScript too; in a checkout the hooks are there already.
  await import("./register/index.mjs");
  const root = options.root ?? findProjectRoot() ?? process.cwd();
  if (!isConfigured()) await loadSettings(root, options.settings);
  registerSecurityChecks();
  connections.configure(settings.DATABASES);
  await apps.populate(settings.INSTALLED_APPS, root);
  await loadReferences((name) => importString<object>(name, { root }));
  router.configure(settings.DATABASE_ROUTERS);
}

async function loadSettings(root: string, chosen: string | undefined): Promise<void> {
  setProjectRoot(root);
  loadEnvFiles(root);
  const name = chosen ?? process.env.CORE_SETTINGS_MODULE ?? "settings";
  // A file comes first, or a package that is called "settings" would answer.
  const file = findModuleFile(resolve(root, name)) ?? resolveModule(name, { root });
  if (file === undefined) throw noSettings(name, root);
  const module = await importFile(file, { root }).catch(withEnvProblems);
  if (typeof module.default === "object" && module.default !== null) return configureSettings(module.default);
  throw new ImproperlyConfigured(`${relative(root, file)} has no default export.`, {
    code: "no_settings",
    hint: "Write: export default defineSettings({ … })",
  });
}

/** A variable that is missing may be why the module broke; then the missing one is what to report. */
function withEnvProblems(error: unknown): never {
  const problems = takeEnvProblems();
  if (problems.length > 0 && !(error instanceof InvalidSettings)) throw new InvalidSettings(problems);
  throw error;
}

function noSettings(name: string, root: string): ImproperlyConfigured {
  if (name !== "settings") {
    return new ImproperlyConfigured(`The settings module "${name}" does not exist in ${root}.`, {
      code: "no_settings",
      hint: "Give its path from the project's folder, or a package: --settings settings.production",
    });
  }
  return new ImproperlyConfigured(`There is no project here: no settings.ts in ${root} or a folder above it.`, {
    code: "no_settings",
    hint: "Go into your project's folder, or make one with: core startproject NAME",
  });
}
