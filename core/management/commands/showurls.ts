import type { Command } from "commander";
import { BaseCommand } from "../base.ts";

/** One URL: the methods that it answers, and who does. */
interface UrlLine {
  path: string;
  methods: string[];
  name: string;
  view: string;
}

export default class extends BaseCommand<{ json?: boolean }> {
  override help = "Lists every URL of the project, its methods, its name and its view.";

  override addArguments(command: Command): void {
    command.option("--json", "print it as JSON");
  }

  override async handle({ json = false }: { json?: boolean }): Promise<void> {
    const { CoreApp } = await import("../../app.ts");
    const { endpoints } = await CoreApp.create();
    const lines = endpoints.map(({ path, name, View, plans }) => ({
      path,
      methods: [...plans.keys()],
      name,
      view: View.name,
    }));
    if (json) this.stdout.write(JSON.stringify(lines, null, 2));
    else if (lines.length === 0) this.stdout.notice("There are no URLs yet: register a viewset in an app's routes.ts.");
    else for (const row of table(lines)) this.stdout.write(row);
  }
}

function table(lines: readonly UrlLine[]): string[] {
  const rows = lines.map(({ path, methods, name, view }) => [path, methods.join(","), name, view]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
