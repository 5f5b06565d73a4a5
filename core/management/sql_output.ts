import type { OutputWrapper } from "./output.ts";

/** Prints statements as one transaction, or as a list in JSON. */
export function writeSql(stdout: OutputWrapper, statements: readonly string[], { json = false } = {}): void {
  if (json) stdout.write(JSON.stringify(statements, null, 2));
  else if (statements.length > 0) stdout.write(["BEGIN;", ...statements, "COMMIT;"].join("\n"));
}
