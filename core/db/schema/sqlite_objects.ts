import type { DeferredStatement } from "./base.ts";

/** An index or a trigger of a table, with the statement that makes it. */
export interface KeptObject {
  type: "index" | "trigger";
  name: string;
  sql: string;
  /** A plain index's columns; null of triggers, partial indexes, and indexes over expressions. */
  columns: readonly string[] | null;
  unique: boolean;
}

/**
 * True of an index that the model stands for: it goes with the old table, and is made again if the model still has it.
 * Told by its columns, since a table that was renamed has indexes under its old name. What somebody added by hand, and
 * every trigger, is kept.
 */
export function droppedByRebuild(object: KeptObject, managed: readonly DeferredStatement[]): boolean {
  if (object.type === "trigger") return false;
  return managed.some(({ sql, columns, isPlain = true }) => {
    if (sql.includes(` INDEX "${object.name.replaceAll('"', '""')}" ON `)) return true;
    if (!isPlain) return false;
    const isUnique = sql.startsWith("CREATE UNIQUE");
    return isUnique === object.unique && object.columns?.join() === columns.join();
  });
}
