import { compare } from "./operators.ts";
import type { FunctionName } from "./query.ts";
import type { Rules } from "./rules.ts";

/** The text functions give NULL for NULL, except for Concat, which takes it for no text. */
export function callFunction(name: FunctionName, values: readonly unknown[], rules: Rules): unknown {
  if (name === "Coalesce") return values.find((value) => value !== null) ?? null;
  if (name === "Greatest" || name === "Least") return extreme(name, values, rules);
  if (name === "Concat") return values.map((value) => value ?? "").join("");
  const [value, other] = values;
  if (value === null) return null;
  if (name === "NullIf") return other !== null && compare(value, other) === 0 ? null : value;
  if (name === "Abs") return Math.abs(value as number);
  const text = String(value);
  if (name === "Length") return [...text].length;
  return name === "Upper" ? rules.fold(text) : rules.lower(text);
}

/** PostgreSQL leaves NULL out; to SQLite it makes everything unknown. */
function extreme(name: "Greatest" | "Least", values: readonly unknown[], { ignoresNull }: Rules): unknown {
  const known = values.filter((value) => value !== null);
  if (known.length === 0 || (known.length < values.length && !ignoresNull)) return null;
  const sorted = known.sort(compare);
  return name === "Least" ? sorted[0] : sorted[sorted.length - 1];
}
