// What the shell has at hand without being asked: Django 5.2's auto-imports.
import { relative } from "node:path";
import { apps } from "../../apps/registry.ts";
import { settings } from "../../conf/settings.ts";
import { connections } from "../../db/connections.ts";
import { F } from "../../db/expressions/base.ts";
import { Q } from "../../db/expressions/q.ts";
import type { ModelClass } from "../../db/models.ts";
import { atomic } from "../../db/transaction.ts";

/** A group of names and the module that they could be imported from. */
export interface AutoImport {
  module: string;
  names: Readonly<Record<string, unknown>>;
}

/** The framework's names, then the models of every app, those of the first app last: of two models it wins. */
export async function autoImports(root: string): Promise<AutoImport[]> {
  const framework = { module: "core-framework", names: { Q, F, apps, atomic, connections, settings } };
  const ofApps = apps.getAppConfigs().toReversed();
  return [framework, ...ofApps.map(({ label, path }) => ({ module: moduleOf(path, root), names: modelsOf(label) }))];
}

function modelsOf(label: string): Record<string, unknown> {
  return Object.fromEntries(apps.getModels<ModelClass>({ app: label }).map((model) => [model.name, model]));
}

function moduleOf(path: string, root: string): string {
  const folder = relative(root, path);
  return folder.startsWith("..") ? `core-framework/${path.split("/").at(-1)}` : `./${folder}/models.ts`;
}

/** All of them by name. */
export function namesOf(imports: readonly AutoImport[]): Record<string, unknown> {
  return Object.assign({}, ...imports.map(({ names }) => names));
}

/** What is said of them at the beginning; with more words at verbosity 2. */
export function reportImports(imports: readonly AutoImport[], verbosity: number): string {
  const count = Object.keys(namesOf(imports)).length;
  const objects = `${count} object${count === 1 ? "" : "s"} imported automatically`;
  if (verbosity < 2) return `${objects} (use -v 2 for details).`;
  const lines = imports.map(({ module, names }) => [module, winners(module, names, imports)] as const);
  const shown = lines.filter(([, names]) => names.length > 0).toReversed();
  return [`${objects}:`, "", ...shown.map(([module, names]) => `  ${line(module, names)}`), ""].join("\n");
}

/** The names that no later group has as well. */
function winners(module: string, names: AutoImport["names"], imports: readonly AutoImport[]): string[] {
  const all = namesOf(imports);
  return Object.keys(names).filter(
    (name) => all[name] === imports.find((group) => group.module === module)?.names[name],
  );
}

function line(module: string, names: readonly string[]): string {
  return `import { ${names.join(", ")} } from "${module}";`;
}
