import { apps } from "../apps/registry.ts";
import { connections } from "../db/connections.ts";
import { MigrationExecutor, type Target } from "../db/migrations/executor.ts";
import { MigrationLoader } from "../db/migrations/loader.ts";

/**
 * What a server says before it starts on a database that is behind its migrations, or undefined where it is not.
 *
 * @throws OperationalError where the database cannot be reached.
 */
export async function unappliedMigrations(): Promise<string | undefined> {
  if (!connections.aliases.includes("default")) return undefined;
  const connection = connections.get("default");
  const loader = await MigrationLoader.load(apps.getAppConfigs(), connection);
  const plan = new MigrationExecutor(connection, loader).migrationPlan(loader.graph.leafNodes() as Target[]);
  if (plan.length === 0) return undefined;
  const labels = [...new Set(plan.map(({ migration }) => migration.appLabel))].sort();
  const count = plan.length === 1 ? "1 migration is" : `${plan.length} migrations are`;
  return `${count} not applied, of ${labels.join(", ")}. Run: core migrate`;
}
