import type { Command } from "commander";
import { connections } from "../../db/connections.ts";
import { throughModels } from "../../db/schema/base.ts";
import { sequenceResetSql } from "../../db/sequences.ts";
import { BaseCommand, type CommonOptions } from "../base.ts";
import { selectModels } from "../model_labels.ts";
import { writeSql } from "../sql_output.ts";

interface Options {
  database: string;
  json?: boolean;
}

export default class extends BaseCommand<Options> {
  override help = "Prints the SQL statements for resetting sequences for the given app name(s).";

  override addArguments(command: Command): void {
    command
      .argument("<app_label...>", "one or more application labels")
      .option("--database <alias>", "the database to print the SQL for", "default")
      .option("--json", "print the statements as a list in JSON");
  }

  override handle({ database, json, verbosity }: Options & CommonOptions, ...labels: string[]): void {
    const models = selectModels(labels).flatMap((model) => [model, ...throughModels(model)]);
    const statements = sequenceResetSql(connections.get(database), models);
    if (statements.length === 0 && verbosity >= 1) this.stderr.write("No sequences found.");
    writeSql(this.stdout, statements, { json });
  }
}
