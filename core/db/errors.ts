import {
  type DatabaseError,
  type DatabaseErrorOptions,
  DataError,
  IntegrityError,
  type IntegrityKind,
  OperationalError,
  ProgrammingError,
  TransactionManagementError,
} from "../exceptions.ts";

/** What drivers put on their errors. */
interface DriverError {
  message: string;
  code?: string;
  constraint?: string;
  table?: string;
  column?: string;
  detail?: string;
}

type Details = Omit<DatabaseErrorOptions, "cause">;

function integrity(error: DriverError, kind: IntegrityKind, details: Details = {}): IntegrityError {
  return new IntegrityError(error.message, { ...details, kind, cause: error });
}

/** The columns of `Key (author_id, title)=(1, Sea) already exists.`; an expression in an index gives none. */
function keyColumns(detail: string | undefined): Details {
  const [, names] = /^Key \(([^()]*)\)=/.exec(detail ?? "") ?? [];
  return names === undefined ? {} : { columns: names.split(", ").map((name) => name.replace(/^"|"$/g, "")) };
}

const integrityKinds: Readonly<Record<string, IntegrityKind>> = {
  "23502": "notNull",
  "23503": "foreignKey",
  "23505": "unique",
  "23514": "check",
  "23P01": "exclusion",
};

/** PostgreSQL's classes of SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html */
function fromSqlState(error: DriverError, state: string): DatabaseError | null {
  const kind = integrityKinds[state];
  if (kind) {
    const columns = error.column ? { columns: [error.column] } : keyColumns(error.detail);
    return integrity(error, kind, { ...columns, ...definedOnly(error) });
  }
  const options = { cause: error };
  if (state.startsWith("22")) return new DataError(error.message, options);
  if (state === "25P02") return new TransactionManagementError(error.message, options);
  if (state.startsWith("42") || state === "3F000" || state === "0A000")
    return new ProgrammingError(error.message, options);
  if (/^(08|40|53|55|57|58|3D|28)/.test(state)) return new OperationalError(error.message, options);
  return null;
}

function definedOnly({ constraint, table }: DriverError): Details {
  return { ...(constraint ? { constraint } : {}), ...(table ? { table } : {}) };
}

/** Turns an error of `pg` into one of ours. A lost or refused connection is the caller's, who knows where it went. */
export function fromPostgres(error: unknown): unknown {
  const driver = error as DriverError;
  if (!(error instanceof Error) || typeof driver.code !== "string") return error;
  return fromSqlState(driver, driver.code) ?? error;
}

/** `library_book.author_id, library_book.title` of "UNIQUE constraint failed: …". */
function failedColumns(list: string): Details {
  const columns = list.split(", ").map((name) => name.split("."));
  if (columns.some((parts) => parts.length !== 2)) return {};
  return { table: columns[0][0], columns: columns.map(([, column]) => column) };
}

/** Turns an error of better-sqlite3 or node:sqlite into one of ours, by its text: SQLite says no more than that. */
export function fromSqlite(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const [, what, of = ""] =
    /^(UNIQUE|NOT NULL|FOREIGN KEY|CHECK) constraint failed(?:: (.*))?$/s.exec(error.message) ?? [];
  if (what === "UNIQUE") return integrity(error, "unique", uniqueDetails(of));
  if (what === "NOT NULL") return integrity(error, "notNull", failedColumns(of));
  if (what === "FOREIGN KEY") return integrity(error, "foreignKey");
  if (what === "CHECK") return integrity(error, "check", { constraint: of });
  return otherSqliteError(error);
}

function uniqueDetails(of: string): Details {
  const [, index] = /^index '(.*)'$/.exec(of) ?? [];
  return index === undefined ? failedColumns(of) : { constraint: index };
}

function otherSqliteError(error: Error & { code?: string }): unknown {
  const { message, code = "" } = error;
  const options = { cause: error };
  if (/^(no such|near |unrecognized token|ambiguous|incomplete input|duplicate column)|syntax error/.test(message))
    return new ProgrammingError(message, options);
  if (/already exists|has no column named|values for \d+ columns/.test(message))
    return new ProgrammingError(message, options);
  if (/datatype mismatch|malformed JSON|too big|integer overflow/.test(message)) return new DataError(message, options);
  if (/SQLite3 can only bind|cannot be bound/.test(message)) return new DataError(message, options);
  if (code.startsWith("SQLITE_") || code === "ERR_SQLITE_ERROR") return new OperationalError(message, options);
  return error;
}
