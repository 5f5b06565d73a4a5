import type { SqliteDatabase } from "./sqlite_driver.ts";

function regexp(flags: string) {
  const compiled = new Map<string, RegExp>();
  return (pattern: string, text: unknown): number | null => {
    if (text === null) return null;
    let regex = compiled.get(pattern);
    if (!regex) {
      regex = new RegExp(pattern, flags);
      if (compiled.size > 100) compiled.clear();
      compiled.set(pattern, regex);
    }
    return regex.test(String(text)) ? 1 : 0;
  };
}

/** The functions that lookups need and SQLite lacks: `x REGEXP y` calls `regexp(y, x)`. */
export function registerFunctions(database: SqliteDatabase): void {
  database.function("regexp", { deterministic: true }, regexp("u"));
  database.function("core_iregexp", { deterministic: true }, regexp("iu"));
}
