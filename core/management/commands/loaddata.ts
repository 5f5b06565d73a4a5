import type { Command } from "commander";
import { router } from "../../db/routers.ts";
import { loadFixtures } from "../../db/serialization/fixture_loader.ts";
import { type FixtureObject, readFixture } from "../../db/serialization/fixtures.ts";
import { BaseCommand, type CommonOptions } from "../base.ts";
import { type FixtureFile, findFixtures } from "../fixture_files.ts";
import { collect } from "../list_option.ts";
import { selectModels } from "../model_labels.ts";

interface Options {
  database: string;
  app?: string;
  ignorenonexistent?: boolean;
  exclude: string[];
  format?: string;
  json?: boolean;
}

/** How many objects the fixtures held, and how many of them were loaded. */
interface Summary {
  loaded: number;
  objects: number;
  fixtures: number;
}

export default class extends BaseCommand<Options> {
  override help = "Installs the rows of fixtures, as dumpdata writes them, here or in Django.";

  override addArguments(command: Command): void {
    command
      .argument("<fixture...>", "name of a file in an app's fixtures/, a path, or - for standard input")
      .option("--database <alias>", "the database to load into", "default")
      .option("--app <app_label>", "only look for fixtures in this app")
      .option("-i, --ignorenonexistent", "leave out models and fields that do not exist")
      .option("-e, --exclude <app_label[.ModelName]>", "leave these out; may be given several times", collect, [])
      .option("--format <format>", "the format of standard input: json or jsonl")
      .option("--json", "print the counts as JSON");
  }

  override async handle(options: Options & CommonOptions, ...names: string[]): Promise<Summary> {
    const { root } = this;
    const files = names.flatMap((name) => findFixtures(name, { root, ...options }));
    const excluded = new Set(options.exclude.length > 0 ? selectModels(options.exclude) : []);
    const wanted: FixtureObject[] = [];
    let objects = 0;
    for (const file of files) {
      for (const object of await this.#read(file, options)) {
        objects++;
        const isWanted = !excluded.has(object.model) && router.allowMigrateModel(options.database, object.model);
        if (isWanted) wanted.push(object);
      }
    }
    await loadFixtures(wanted, { using: options.database });
    return this.#report({ loaded: wanted.length, objects, fixtures: files.length }, options);
  }

  async #read(file: FixtureFile, options: Options & CommonOptions): Promise<FixtureObject[]> {
    const { source, format } = file;
    if (options.verbosity >= 2) this.stdout.write(`Installing ${format} fixture '${source}'.`);
    const objects = readFixture(await file.read(), { source, format, ignoreNonexistent: options.ignorenonexistent });
    if (objects.length > 0) return objects;
    this.stderr.warning(`No fixture data found for '${source}'. (The file format may be invalid.)`);
    return objects;
  }

  #report(summary: Summary, { json, verbosity }: Options & CommonOptions): Summary {
    const { loaded, objects, fixtures } = summary;
    if (json) this.stdout.write(JSON.stringify(summary));
    else if (verbosity > 0) {
      const of = loaded === objects ? "" : ` (of ${objects})`;
      this.stdout.success(`Installed ${loaded} object(s)${of} from ${fixtures} fixture(s)`);
    }
    return summary;
  }
}
