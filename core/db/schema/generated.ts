import { FieldError } from "../../exceptions.ts";
import type { Connection } from "../connections.ts";
import type { Field } from "../fields/field.ts";
import { columnType } from "./columns.ts";
import { expressionSql } from "./literal_sql.ts";

/** `GENERATED ALWAYS AS (…) STORED` of a column that the database computes; empty for others. */
export function generatedClause(field: Field, connection: Connection): string {
  const { generated } = field.options;
  if (!generated) return "";
  const sql = expressionSql(field.model, generated.expression, connection);
  return `GENERATED ALWAYS AS (${sql}) ${generated.dbPersist ? "STORED" : "VIRTUAL"}`;
}

/** No database changes what a column is computed from. Throws a FieldError in Django's words. */
export function refuseGenerated(before: Field, after: Field, connection: Connection): void {
  const [old, now] = [before, after].map((field) =>
    field.isGenerated ? `${columnType(field, connection.vendor)} ${generatedClause(field, connection)}` : "",
  );
  if (old === now) return;
  throw new FieldError(
    `Modifying GeneratedFields is not supported - the field ${after.label} must be removed and re-added with the new definition.`,
    { hint: "Write a migration that removes the field and adds it again; the column is computed anew." },
  );
}
