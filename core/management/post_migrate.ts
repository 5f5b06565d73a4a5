import { apps } from "../apps/registry.ts";
import type { Connection } from "../db/connections.ts";
import { MigrationExecutor } from "../db/migrations/executor.ts";
import { MigrationLoader } from "../db/migrations/loader.ts";
import { type MigrateEvent, postMigrate } from "../db/migrations/signals.ts";
import type { OutputWrapper } from "./output.ts";

/**
 * Tells every app that its tables are as after a migration, so that it makes the rows that belong to them.
 * (emit_post_migrate_signal of django.core.management.sql)
 */
export async function emitPostMigrate(connection: Connection, verbosity: number, stdout: OutputWrapper): Promise<void> {
  const loader = await MigrationLoader.load(apps.getAppConfigs(), connection);
  const { apps: stateApps } = new MigrationExecutor(connection, loader).appliedState();
  for (const app of apps.getAppConfigs()) {
    if (verbosity >= 2) stdout.write(`Running post-migrate handlers for application ${app.label}`);
    const event: MigrateEvent = { app, using: connection.alias, verbosity, plan: [], apps: stateApps };
    await postMigrate.send(event, app);
  }
}
