import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { stringifyJson } from "../../utils/json.ts";
import { BaseCommand, type CommonOptions } from "../base.ts";

interface Options {
  file?: string;
}

export default class extends BaseCommand<Options> {
  override help = "Prints the OpenAPI document of the project's API.";

  override addArguments(command: Command): void {
    command.option("-f, --file <path>", "write it to a file instead");
  }

  override async handle({ file, verbosity }: Options & CommonOptions): Promise<void> {
    const { CoreApp } = await import("../../app.ts");
    const { documentInfo } = await import("../../openapi/views.ts");
    const { generateSchema } = await import("../../openapi/generator.ts");
    const { endpoints } = await CoreApp.create();
    const text = stringifyJson(generateSchema(endpoints, documentInfo()), 2);
    if (file === undefined) {
      this.stdout.write(text);
      return;
    }
    // Relative to where the command was typed, not to the project.
    writeFileSync(resolve(file), `${text}\n`);
    if (verbosity > 0) this.stdout.success(`Wrote ${file}.`);
  }
}
