import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import type { Command } from "commander";
import { apps } from "../../apps/registry.ts";
import { loadFixtures } from "../../db/fixture_loader.ts";
import { readFixture } from "../../db/fixtures.ts";
import { BaseCommand, CommandError, type CommonOptions } from "../base.ts";

interface Options {
  database: string;
  app?: string;
  ignorenonexistent?: boolean;
}

export default class extends BaseCommand<Options> {
  override help = "Installs the rows of fixtures, as Django's dumpdata writes them.";

  override addArguments(command: Command): void {
    command
      .argument("<fixture...>", "name of a file in an app's fixtures/, with or without .json, or a path")
      .option("--database <alias>", "the database to load into", "default")
      .option("--app <app_label>", "only look for fixtures in this app")
      .option("-i, --ignorenonexistent", "leave out models and fields that do not exist");
  }

  override async handle(options: Options & CommonOptions, ...names: string[]): Promise<void> {
    const files = names.flatMap((name) => this.#find(name, options.app));
    const read = files.map((file) => this.#read(file, options));
    const objects = (await Promise.all(read)).flat();
    await loadFixtures(objects, { using: options.database });
    if (options.verbosity > 0) {
      this.stdout.success(`Installed ${objects.length} object(s) from ${files.length} fixture(s)`);
    }
  }

  /** Every app may have a fixture of that name, as in Django; a path means one file. */
  #find(name: string, label: string | undefined): string[] {
    const file = name.endsWith(".json") ? name : `${name}.json`;
    const configs = label === undefined ? apps.getAppConfigs() : [apps.getAppConfig(label)];
    const folders = configs.map(({ path }) => join(path, "fixtures"));
    const places = label === undefined ? [...folders, this.root, process.cwd()] : folders;
    const found = new Set(places.map((folder) => resolve(folder, file)).filter((path) => existsSync(path)));
    if (found.size > 0) return [...found];
    const where = label === undefined ? "every installed app, and in the project's folder" : `the app ${label}`;
    throw new CommandError(`No fixture named '${name}' found.`, {
      hint: `It was looked for as ${file} in the fixtures/ folder of ${where}.`,
    });
  }

  async #read(file: string, { ignorenonexistent = false }: Options) {
    const source = relative(this.root, file);
    return readFixture(await readFile(file, "utf8"), { source, ignoreNonexistent: ignorenonexistent });
  }
}
