// A whole models.ts, from what a database says of its tables.
import type { Vendor } from "../../db/fields/field_types.ts";
import type { TableDescription } from "../../db/introspection/table.ts";
import type { ModelClass } from "../../db/models.ts";
import { comment, WIDTH } from "./layout.ts";
import { modelSource } from "./model_source.ts";
import { ModulePlan } from "./plan.ts";

const header = `// This is an auto-generated model module.
// You'll have to do the following manually to clean this up:
//   * Rearrange models' order
//   * Make sure each model has one field with primaryKey: true
//   * Make sure each ForeignKey and OneToOneField has \`onDelete\` set to the desired behavior
//   * Remove \`managed: false\` if you wish to allow migrations to create, modify, and delete the table
// Feel free to rename the models, but don't rename dbTable values or field names.
`;

/** A table, or why it could not be read. */
export type Inspected = TableDescription | { name: string; problem: string };

/** What the module is written for. */
export interface ModuleOptions {
  vendor: Vendor;
  /** Models of the project that relations may lead to. */
  installed?: readonly ModelClass[];
}

/** Writes the source of a module with a model for each table. */
export function moduleSource(inspected: readonly Inspected[], { vendor, installed }: ModuleOptions): string {
  const tables = inspected.filter((table): table is TableDescription => !("problem" in table));
  const plan = new ModulePlan(tables, vendor, installed);
  const sources = plan.models.map((model) => modelSource(model, plan));
  const blocks = inspected.map((table) => {
    const at = tables.indexOf(table as TableDescription);
    return "problem" in table ? unable(table) : sources[at].text;
  });
  const imports = importLine(sources.flatMap((source) => source.imports));
  return [header + imports, ...blocks].filter((block) => block !== "").join("\n\n");
}

function unable({ name, problem }: { name: string; problem: string }): string {
  return `${comment(`Unable to inspect table '${name}'`)}\n${comment(`The error was: ${problem}`)}`;
}

function importLine(names: readonly string[]): string {
  const values = names.filter((name) => !name.startsWith("type "));
  // A class that is extended is there as a type as well.
  const types = names.filter((name) => name.startsWith("type ") && !values.includes(name.slice("type ".length)));
  const plain = (name: string) => name.replace("type ", "");
  const sorted = [...new Set([...values, ...types])].sort((one, other) => plain(one).localeCompare(plain(other), "en"));
  if (sorted.length === 0) return "";
  const line = `import { ${sorted.join(", ")} } from "core-framework";`;
  return line.length <= WIDTH
    ? line
    : `import {\n${sorted.map((name) => `  ${name},\n`).join("")}} from "core-framework";`;
}
