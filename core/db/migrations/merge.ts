import { CircularDependencyError } from "./exceptions.ts";
import type { MigrationGraph } from "./graph.ts";
import { keyText, Migration, type MigrationKey, timestamp } from "./migration.ts";
import type { Operation } from "./operations/base.ts";

/** Two or more branches of an app's migrations and the migration that joins them. */
export interface Merge {
  branches: { name: string; operations: readonly Operation[] }[];
  migration: Migration;
}

/**
 * Joins branches: an empty migration that depends on all of them.
 *
 * @param names the last migrations of the app
 * @throws CircularDependencyError where the branches have no migration in common
 */
export function planMerge(graph: MigrationGraph, label: string, names: readonly string[], name?: string): Merge {
  const histories = names.map((leaf) => graph.forwardsPlan([label, leaf]).filter(([app]) => app === label));
  const common = commonLength(histories);
  if (common === 0) {
    throw new CircularDependencyError(`The migrations ${names.join(", ")} of ${label} have no common ancestor.`);
  }
  const branches = histories.map((history, index) => ({
    name: names[index],
    operations: history.slice(common).flatMap((key) => graph.get(key).operations),
  }));
  const dependencies = names.map((leaf): MigrationKey => [label, leaf]);
  return { branches, migration: new Migration({ dependencies }).at(label, mergeName(names, name)) };
}

function commonLength([first, ...others]: MigrationKey[][]): number {
  const differs = (key: MigrationKey, index: number) =>
    others.some((history) => !history[index] || keyText(history[index]) !== keyText(key));
  const end = first.findIndex(differs);
  return end === -1 ? first.length : end;
}

function mergeName(names: readonly string[], given?: string): string {
  const number = Math.max(1, ...names.map((name) => Number(/^\d+/.exec(name)?.[0] ?? 0))) + 1;
  const leaves = [...names].sort().join("_");
  const rest = given ?? `merge_${leaves.length > 47 ? timestamp(new Date()) : leaves}`;
  return `${String(number).padStart(4, "0")}_${rest}`;
}
