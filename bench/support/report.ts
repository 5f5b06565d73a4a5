import { cpus } from "node:os";
import { type Outcome, ratioOf, type Target } from "./case.ts";

/** One case on one database. */
export interface Result {
  name: string;
  title: string;
  database: string;
  outcome: Outcome;
}

/** What was compared, as it stands at the head of the page. */
export type Versions = Readonly<Record<string, string>>;

/** The page `docs/benchmarks.md`. */
export function page(results: readonly Result[], versions: Versions): string {
  const titles = [...new Set(results.map(({ title }) => title))];
  const sections = titles.map((title) =>
    section(
      title,
      results.filter((result) => result.title === title),
    ),
  );
  return [head(versions), ...sections].join("\n\n").concat("\n");
}

function head(versions: Versions): string {
  const list = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `# Benchmarks

\`npm run bench\` wrote this page. It compares side by side, in one process and in turns: CPU time of the process per
operation, garbage collection included, as the median of all rounds. What the database itself spends is not in it, except
for SQLite, which runs inside the process. \`npm run bench -- --only get\` runs one case, \`--json FILE\` writes the figures.

Measured with ${list.join(", ")}, on ${cpus().length} × ${cpus()[0]?.model.trim() ?? "an unknown processor"}.`;
}

function section(title: string, results: readonly Result[]): string {
  return [`## ${title}`, table(results), ...results.flatMap(remarks)].join("\n\n");
}

function table(results: readonly Result[]): string {
  const names = Object.keys(results[0].outcome.figures);
  const unit = results[0].outcome.unit ?? "µs";
  const targets = results[0].outcome.targets;
  const heads = ["", ...names.map((name) => `${name} (${unit})`), ...targets.map(targetName)];
  const rows = results.map(({ database, outcome }) => [
    label(database),
    ...names.map((name) => format(outcome.figures[name].median)),
    ...outcome.targets.map((target) => verdict(outcome, target)),
  ]);
  return [heads, heads.map((_, index) => (index === 0 ? "---" : "--:")), ...rows].map(row).join("\n");
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

function label(database: string): string {
  return { sqlite: "SQLite", postgresql: "PostgreSQL" }[database] ?? database;
}

function targetName({ subject, against, atMost }: Target): string {
  return `${subject} : ${against}, at most ${atMost}`;
}

function verdict(outcome: Outcome, target: Target): string {
  const ratio = ratioOf(outcome, target);
  return `${ratio.toFixed(2)} ${ratio <= target.atMost ? "met" : "**not met**"}`;
}

function remarks({ database, outcome }: Result): string[] {
  return (outcome.remarks ?? []).map(({ text, met }) => `${label(database)}: ${text}${met ? "" : " (**not met**)"}`);
}

function format(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString("en") : value.toFixed(1);
}
