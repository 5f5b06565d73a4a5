import { join } from "node:path";
import { findModuleFile, importFile, type Module } from "../utils/module_loading.ts";
import { camelCaseToSpaces, capfirst } from "../utils/text.ts";

/** The modules that an app may have; each is a file `<name>.ts` or a folder `<name>/index.ts`, and none is needed. */
export const APP_MODULES = [
  "models",
  "schemas",
  "views",
  "routes",
  "permissions",
  "admin",
  "tasks",
  "consumers",
] as const;

/** Where an app is and how `INSTALLED_APPS` calls it. */
export interface AppLocation {
  name: string;
  label: string;
  path: string;
  /** The project's folder, to which paths in messages are relative. */
  root: string;
}

/**
 * An installed app, `django.apps.AppConfig`. An app that has something to say about itself exports a subclass from its
 * `app.ts` (or `apps.ts`).
 *
 * @example
 * export default class LibraryConfig extends AppConfig {
 *   override verboseName = "City library";
 *   override async ready() {
 *     await import("./signals.ts");
 *   }
 * }
 */
export class AppConfig {
  /** The entry in `INSTALLED_APPS`: `apps/library`. */
  readonly name: string;
  /** Names the app in tables, migrations and `getModel("library.Book")`; unique among the installed apps. */
  label: string;
  /** The app's folder, absolute. */
  readonly path: string;
  /** The name people read. */
  verboseName: string;
  /** The kind of key that the app's models get where they declare none; default the setting `DEFAULT_AUTO_FIELD`. */
  defaultAutoField: "BigAutoField" | "AutoField" | "SmallAutoField" | undefined;

  readonly #root: string;
  readonly #modules = new Map<string, Promise<Module>>();

  constructor({ name, label, path, root }: AppLocation) {
    this.name = name;
    this.label = label;
    this.path = path;
    this.#root = root;
    this.verboseName = capfirst(camelCaseToSpaces(label));
  }

  /** Runs once, after the models of every app are there: the place to connect signals and register checks. */
  ready(): void | Promise<void> {}

  /** The file of one of the app's modules, or undefined where the app has none. Nothing is loaded. */
  moduleFile(name: string): string | undefined {
    return findModuleFile(join(this.path, name));
  }

  /**
   * Loads one of the app's modules, once: `await config.module("routes")`.
   *
   * @returns what it exports, or undefined where the app has no such module.
   * @throws ImproperlyConfigured where it has one that cannot be loaded, a syntax error included.
   */
  async module(name: string): Promise<Module | undefined> {
    const known = this.#modules.get(name);
    if (known) return known;
    const file = this.moduleFile(name);
    if (file === undefined) return undefined;
    const loading = importFile(file, { root: this.#root });
    this.#modules.set(name, loading);
    return loading;
  }

  /** The names of the modules that the app has, of {@link APP_MODULES}. */
  get moduleNames(): string[] {
    return APP_MODULES.filter((name) => this.moduleFile(name) !== undefined);
  }
}
