import type { Command } from "commander";
import { apps } from "../../apps/registry.ts";
import { connections } from "../../db/connections.ts";
import { existingTables, flushSql } from "../../db/flush.ts";
import type { ModelClass } from "../../db/models.ts";
import { BaseCommand, type CommonOptions } from "../base.ts";
import { writeSql } from "../sql_output.ts";

interface Options {
  database: string;
  json?: boolean;
}

export default class extends BaseCommand<Options> {
  override help =
    "Prints the SQL statements that return all tables in the database to the state they were in just after they were " +
    "installed.";

  override addArguments(command: Command): void {
    command
      .option("--database <alias>", "the database to print the SQL for", "default")
      .option("--json", "print the statements as a list in JSON");
  }

  override async handle({ database, json, verbosity }: Options & CommonOptions): Promise<void> {
    const connection = connections.get(database);
    const statements = await flushSql(connection, await existingTables(connection, apps.getModels<ModelClass>()));
    if (statements.length === 0 && verbosity >= 1) this.stderr.write("No tables found.");
    writeSql(this.stdout, statements, { json });
  }
}
