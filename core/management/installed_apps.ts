/** What {@link addInstalledApp} did: the changed text, or why there is none. */
export type InstalledAppsChange = { text: string } | { reason: "present" | "unreadable" };

const LIST = /(\bINSTALLED_APPS["']?\s*:\s*\[)((?:"[^"]*"|'[^']*'|`[^`]*`|\/\/[^\n]*\n|\/\*[\s\S]*?\*\/|[^\]"'`/])*)\]/;

/**
 * Adds an entry to `INSTALLED_APPS` in the text of a settings module, and leaves everything else, comments and layout
 * included, as it is.
 */
export function addInstalledApp(text: string, entry: string): InstalledAppsChange {
  const match = LIST.exec(text);
  if (!match) return { reason: "unreadable" };
  const [whole, opening, items] = match;
  const code = items.replace(/\/\/[^\n]*\n|\/\*[\s\S]*?\*\//g, "");
  if ([...code.matchAll(/(["'`])(.*?)\1/g)].some(([, , known]) => known === entry)) return { reason: "present" };
  const changed = `${opening}${appended(items, code, entry)}]`;
  return { text: text.slice(0, match.index) + changed + text.slice(match.index + whole.length) };
}

function appended(items: string, code: string, entry: string): string {
  const quote = code.includes("'") && !code.includes('"') ? "'" : '"';
  const item = quote + entry + quote;
  if (code.trim() === "" && !items.includes("\n")) return item;
  const end = items.length - (/\s*$/.exec(items)?.[0].length ?? 0);
  const comma = code.trim() === "" || code.trimEnd().endsWith(",") ? "" : ",";
  if (!items.includes("\n")) return `${items.slice(0, end)}${comma} ${item}`;
  const indent = /\n([ \t]+)\S/.exec(items)?.[1] ?? "    ";
  return `${withComma(items.slice(0, end), comma)}\n${indent}${item},${items.slice(end)}`;
}

/** The comma follows the last item, not a comment behind it. */
function withComma(items: string, comma: string): string {
  const comment = /\s*\/\/[^\n]*$/.exec(items);
  return comment ? items.slice(0, comment.index) + comma + comment[0] : items + comma;
}
