import { join, relative } from "node:path";
import type { Command } from "commander";
import { findProjectRoot } from "../../conf/project.ts";
import { BaseCommand, CommandError } from "../base.ts";
import { type MadeApp, makeApp } from "../scaffold.ts";

interface Options {
  directory: string;
  example?: boolean;
}

export default class extends BaseCommand<Options> {
  override help = "Makes an app: models, schemas, views, routes, permissions, migrations, test.";
  override requiresSetup = false;

  override addArguments(command: Command): void {
    command
      .argument("<name>", "the app's name, mostly a plural: posts")
      .option("--directory <folder>", "the folder that the app's goes into", "apps")
      .option("--example", "with a small working resource instead of empty modules");
  }

  override handle({ directory, example = false, verbosity }: Options & { verbosity: number }, name: string): void {
    const root = findProjectRoot(this.root);
    if (root === undefined) {
      throw new CommandError("There is no project here: no settings.ts in this folder or one above it.", {
        hint: "Go into your project's folder, or make one with: core startproject NAME",
      });
    }
    const made = makeApp({ name, root, directory, example });
    if (verbosity > 0) this.#tell(made, root, example);
  }

  #tell({ entry, settings }: MadeApp, root: string, example: boolean): void {
    const folder = relative(process.cwd(), join(root, entry)) || ".";
    this.stdout.success(`Created ${folder}.`);
    if (settings === "added") this.stdout.write(`Added "${entry}" to INSTALLED_APPS in settings.ts.`);
    if (settings === "unreadable")
      this.stdout.warning(`Add "${entry}" to INSTALLED_APPS yourself: settings.ts has no plain list.`);
    const first = example ? [] : [`describe your data in ${folder}/models.ts, then schemas.ts, views.ts and routes.ts`];
    this.stdout.write("\nNext:");
    for (const step of [...first, "npx core makemigrations", "npx core migrate", "npx core run"])
      this.stdout.write(`  ${step}`);
  }
}
