import type { Command } from "commander";
import { apps } from "../../apps/registry.ts";
import { connections } from "../../db/connections.ts";
import { MigrationLoader } from "../../db/migrations/loader.ts";
import { keyText, type MigrationKey } from "../../db/migrations/migration.ts";
import { BaseCommand, type CommonOptions } from "../base.ts";

interface Options {
  database: string;
  list?: boolean;
  plan?: boolean;
  json?: boolean;
}

export default class extends BaseCommand<Options> {
  override help = "Shows all migrations of the project and which of them are applied.";

  override addArguments(command: Command): void {
    command
      .argument("[app_label...]", "only these apps")
      .option("--database <alias>", "the database to look at", "default")
      .option("-l, --list", "by app, in the order of each app (the default); with -v 2, when they were applied")
      .option("-p, --plan", "in the order in which they are applied; with -v 2, with their dependencies")
      .option("--json", "print a list of objects instead");
  }

  override async handle(options: Options & CommonOptions, ...labels: string[]): Promise<void> {
    for (const label of labels) apps.getAppConfig(label);
    const loader = await MigrationLoader.load(apps.getAppConfigs(), connections.get(options.database));
    const chosen =
      labels.length > 0
        ? labels
        : apps
            .getAppConfigs()
            .map(({ label }) => label)
            .sort();
    if (options.json) this.#json(loader, chosen);
    else if (options.plan) this.#plan(loader, chosen, options.verbosity);
    else this.#list(loader, labels.length > 0 ? labels : loader.migratedApps, options.verbosity);
  }

  #list(loader: MigrationLoader, labels: readonly string[], verbosity: number): void {
    for (const label of labels) {
      this.stdout.write(this.stdout.style("heading", label));
      const keys = ownKeys(loader, label);
      if (keys.length === 0) this.stdout.error(" (no migrations)");
      for (const key of keys) this.stdout.write(listLine(loader, key, verbosity));
    }
  }

  #plan(loader: MigrationLoader, labels: readonly string[], verbosity: number): void {
    const plan = orderedKeys(loader, labels);
    if (plan.length === 0) this.stdout.error("(no migrations)");
    for (const key of plan) {
      const parents = loader.graph.parents(key).map(keyText);
      const dependencies = verbosity >= 2 && parents.length > 0 ? ` ... (${parents.join(", ")})` : "";
      this.stdout.write(`[${loader.isApplied(key) ? "X" : " "}]  ${keyText(key)}${dependencies}`);
    }
  }

  #json(loader: MigrationLoader, labels: readonly string[]): void {
    const rows = orderedKeys(loader, labels).map(([app, name]) => ({
      app,
      name,
      applied: loader.appliedMigrations.get(keyText([app, name]))?.applied.toISOString() ?? null,
    }));
    this.stdout.write(JSON.stringify(rows, null, 2));
  }
}

function orderedKeys(loader: MigrationLoader, labels: readonly string[]): MigrationKey[] {
  return loader.graph.fullPlan(loader.graph.leafNodes().filter(([app]) => labels.includes(app)));
}

function ownKeys(loader: MigrationLoader, label: string): MigrationKey[] {
  return loader.graph.fullPlan(loader.graph.leafNodes(label)).filter(([app]) => app === label);
}

function listLine(loader: MigrationLoader, key: MigrationKey, verbosity: number): string {
  const { replaces } = loader.graph.get(key);
  const title = replaces.length > 0 ? `${key[1]} (${replaces.length} squashed migrations)` : key[1];
  const entry = loader.appliedMigrations.get(keyText(key));
  if (!entry) return ` [ ] ${title}`;
  const at = entry.applied.toISOString().slice(0, 19).replace("T", " ");
  return ` [X] ${title}${verbosity >= 2 ? ` (applied at ${at})` : ""}`;
}
