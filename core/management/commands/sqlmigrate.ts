import type { Command } from "commander";
import { apps } from "../../apps/registry.ts";
import { connections } from "../../db/connections.ts";
import { MigrationExecutor } from "../../db/migrations/executor.ts";
import { MigrationLoader } from "../../db/migrations/loader.ts";
import { BaseCommand, CommandError } from "../base.ts";

interface Options {
  database: string;
  backwards?: boolean;
}

export default class extends BaseCommand<Options> {
  override help = "Prints the SQL of a migration.";

  override addArguments(command: Command): void {
    command
      .argument("<app_label>", "the app of the migration")
      .argument("<migration_name>", "its name, or how it begins")
      .option("--database <alias>", "the database to write SQL for", "default")
      .option("--backwards", "the SQL that undoes it");
  }

  override async handle(options: Options, appLabel = "", name = ""): Promise<void> {
    apps.getAppConfig(appLabel);
    const connection = connections.get(options.database);
    const loader = await MigrationLoader.load(apps.getAppConfigs(), connection);
    if (!loader.migratedApps.includes(appLabel)) throw new CommandError(`App '${appLabel}' does not have migrations`);
    const migration = loader.getMigrationByPrefix(appLabel, name);
    const sql = await new MigrationExecutor(connection, loader).collectSql(migration, options.backwards ?? false);
    if (sql.length === 0) this.stderr.write("No operations found.");
    else this.stdout.write((migration.atomic ? ["BEGIN;", ...sql, "COMMIT;"] : sql).join("\n"));
  }
}
