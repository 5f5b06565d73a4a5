import { NotSupportedError } from "../../exceptions.ts";
import type { Connection } from "../backends/base.ts";

/** What `explain()` takes; the options are PostgreSQL's. */
export interface ExplainOptions {
  format?: "text" | "json" | "yaml" | "xml";
  /** Runs the query and measures it. */
  analyze?: boolean;
  buffers?: boolean;
  costs?: boolean;
  settings?: boolean;
  summary?: boolean;
  timing?: boolean;
  verbose?: boolean;
  wal?: boolean;
}

const flags = ["analyze", "buffers", "costs", "settings", "summary", "timing", "verbose", "wal"] as const;
const formats = ["text", "json", "yaml", "xml"];

/** What stands before a statement so that the database says how it would run it. */
export function explainPrefix({ vendor }: Connection, options: ExplainOptions): string {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  if (vendor === "sqlite") {
    if (given.length === 0) return "EXPLAIN QUERY PLAN";
    throw new NotSupportedError(
      `SQLite explains a query without options, not with ${given.map(([name]) => name).join()}.`,
    );
  }
  const terms = given.map(([name, value]) => term(name, value));
  return terms.length === 0 ? "EXPLAIN" : `EXPLAIN (${terms.join(", ")})`;
}

function term(name: string, value: unknown): string {
  if (name === "format" && formats.includes(String(value))) return `FORMAT ${String(value).toUpperCase()}`;
  if (flags.includes(name as never) && typeof value === "boolean") return `${name.toUpperCase()} ${value}`;
  throw new NotSupportedError(`explain() knows no option "${name}" with the value ${JSON.stringify(value)}.`);
}
