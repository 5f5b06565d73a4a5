import { ImproperlyConfigured } from "../exceptions.ts";
import { collectEnvProblems, takeEnvProblems } from "./env.ts";
import { globalSettings, type Settings, type SettingsInput } from "./global_settings.ts";
import { InvalidSettings, type SettingProblem } from "./problems.ts";
import { projectRoot } from "./project.ts";
import { secretKeyProblem } from "./secret_key.ts";
import { type DatabaseConfig, sqliteName } from "./service_urls.ts";
import { isPlainObject, type Loader, loadObject, readObject } from "./shapes.ts";

const defined = new WeakSet<object>();

/**
 * Checks a project's settings and completes them with the defaults. Everything that is wrong, here and in the
 * environment that `env` read, is reported in one error.
 *
 * @returns the complete settings, frozen.
 * @throws InvalidSettings where a name is unknown, a value has the wrong type, a variable is missing, or, with
 *   `NODE_ENV=production`, the secret key is weak.
 * @example
 * export default defineSettings({
 *   SECRET_KEY: env.string("SECRET_KEY"),
 *   INSTALLED_APPS: ["apps/library"],
 *   DATABASES: { default: env.database("DATABASE_URL", "sqlite:///db.sqlite3") },
 * });
 */
export function defineSettings(values: SettingsInput): Settings {
  const problems: SettingProblem[] = takeEnvProblems();
  const hadEnvProblems = problems.length > 0;
  const read = readObject(globalSettings, values, "", (problem) => problems.push(problem));
  // A key that env has just reported as missing is not reported a second time as too short.
  if (!(hadEnvProblems && read.SECRET_KEY === "")) problems.push(...secretKeyProblem(read.SECRET_KEY));
  problems.push(...databaseProblems(read));
  if (problems.length > 0) throw new InvalidSettings(problems);
  const settings = deepFreeze({ ...read, DATABASES: withAbsolutePaths(read.DATABASES) });
  defined.add(settings);
  return settings;
}

function databaseProblems({ DATABASES }: Settings): SettingProblem[] {
  if (Object.keys(DATABASES).length === 0 || DATABASES.default) return [];
  const message = `DATABASES has ${Object.keys(DATABASES).join(", ")} but no "default".`;
  return [{ id: "settings.E006", setting: "DATABASES", message, hint: 'Call one of them "default".' }];
}

function withAbsolutePaths(databases: Settings["DATABASES"]): Settings["DATABASES"] {
  const absolute = (config: DatabaseConfig): DatabaseConfig =>
    config.engine === "sqlite" ? { ...config, name: sqliteName(config.name, projectRoot()) } : config;
  return Object.fromEntries(Object.entries(databases).map(([alias, config]) => [alias, absolute(config)]));
}

/** Freezes plain objects and lists; classes and instances that settings name stay as they are. */
function deepFreeze<T>(value: T): T {
  if (!Array.isArray(value) && !isPlainObject(value)) return value;
  for (const child of Object.values(value)) deepFreeze(child);
  return Object.freeze(value);
}

let configured: Settings | undefined;

/** True once the settings can be read. */
export function isConfigured(): boolean {
  return configured !== undefined;
}

/** Makes `values` the settings: called by `setup()`, and by tests. Plain objects are checked first. */
export function configureSettings(values: SettingsInput | Settings): void {
  configured = defined.has(values) ? (values as Settings) : defineSettings(values as SettingsInput);
  collectEnvProblems(false);
}

/** Replaces the classes that the settings give by name with the classes themselves. */
export async function loadReferences(load: Loader): Promise<void> {
  const loaded = deepFreeze(await loadObject(globalSettings, current(), load));
  defined.add(loaded);
  configured = loaded;
}

/** Forgets the settings, so that another project's, or a test's, can be configured. */
export function resetSettings(): void {
  configured = undefined;
  collectEnvProblems(true);
}

function current(): Settings {
  if (configured) return configured;
  throw new ImproperlyConfigured("Settings were read before they were configured.", {
    code: "settings_not_configured",
    hint: "Await setup() first, or run the file through core or manage.ts.",
  });
}

/**
 * The project's settings, `django.conf.settings`: readable once `setup()` has run, never writable.
 *
 * @throws ImproperlyConfigured where a setting is read too early, or does not exist.
 * @example
 * if (settings.DEBUG) console.log(settings.REST_FRAMEWORK.PAGE_SIZE);
 */
export const settings: Settings = new Proxy({} as Settings, {
  get: (_, name) => Reflect.get(current(), name),
  has: (_, name) => Reflect.has(current(), name),
  ownKeys: () => Reflect.ownKeys(current()),
  getOwnPropertyDescriptor: (_, name) => {
    const descriptor = Reflect.getOwnPropertyDescriptor(current(), name);
    return descriptor && { ...descriptor, configurable: true };
  },
  set: (_, name) => {
    throw new ImproperlyConfigured(`Settings cannot be changed while the program runs; ${String(name)} was assigned.`, {
      hint: "Change settings.ts, or use overrideSettings() in a test.",
    });
  },
});
