import { ImproperlyConfigured } from "../../exceptions.ts";
import { enumerate } from "../../utils/text.ts";

/** What every SQLite has. */
const SQLITE = ["BINARY", "NOCASE", "RTRIM"];

/** PostgreSQL's names of the order by code point, which SQLite calls BINARY. */
const BY_CODE_POINT = ["C", "POSIX", "C.UTF-8", "C.utf8", "ucs_basic", "pg_c_utf8"];

/**
 * SQLite's name of a collation, so that `"C"` may be written for both databases.
 *
 * @param where what names it, as the message begins: `DATABASES["default"]`
 * @throws ImproperlyConfigured for one that SQLite does not have.
 */
export function sqliteCollation(name: string, where: string): string {
  if (BY_CODE_POINT.includes(name)) return "BINARY";
  if (SQLITE.includes(name.toUpperCase())) return name;
  throw new ImproperlyConfigured(`${where} asks for the collation "${name}", which SQLite does not have.`, {
    hint: `SQLite has ${enumerate(SQLITE)}; "C" means BINARY.`,
  });
}
