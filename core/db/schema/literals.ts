import { ProgrammingError } from "../../exceptions.ts";
import type { Vendor } from "../fields/field_types.ts";

/**
 * A value as an SQL literal. Only for schema statements, in which no database takes parameters: column defaults, and what
 * constraints and indexes compare with.
 *
 * @param value what `Field.toDb` made
 * @throws ProgrammingError for values that no literal stands for, and for text with NUL, which would end the statement.
 */
export function literal(value: unknown, vendor: Vendor): string {
  if (value === null || value === undefined) return "NULL";
  if (typeof value === "boolean") return vendor === "sqlite" ? String(Number(value)) : String(value);
  if (typeof value === "bigint") return String(value);
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : quoted(String(value), vendor);
  if (typeof value === "string") return quoted(value, vendor);
  if (value instanceof Uint8Array) return binary(Buffer.from(value).toString("hex"), vendor);
  throw new ProgrammingError(
    `${typeof value === "object" ? "An object" : `A ${typeof value}`} cannot stand in the schema of a database.`,
  );
}

/** PostgreSQL reads backslashes as escapes where it is told to; the form with E says that these are. */
function quoted(text: string, vendor: Vendor): string {
  if (text.includes("\0")) throw new ProgrammingError("A text that contains NUL cannot stand in a schema.");
  const doubled = `'${text.replaceAll("'", "''")}'`;
  return vendor === "postgresql" && text.includes("\\") ? ` E${doubled.replaceAll("\\", "\\\\")}` : doubled;
}

function binary(hex: string, vendor: Vendor): string {
  return vendor === "sqlite" ? `X'${hex}'` : `decode('${hex}', 'hex')`;
}
