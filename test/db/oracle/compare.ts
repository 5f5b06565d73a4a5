import type { Answer } from "./oracle.ts";

/** What is wrong with an answer of the framework, or null. Rows that are equal in order may come in any. */
export function difference(
  expected: Answer | { value: unknown },
  actual: unknown[] | { value: unknown },
): string | null {
  if ("value" in expected) {
    const found = (actual as { value: unknown }).value;
    return text(found) === text(expected.value) ? null : `expected ${text(expected.value)}, got ${text(found)}`;
  }
  const found = (actual as unknown[]).map(text);
  return isSliceOf(expected, found) ? null : `expected ${describe(expected)}\n     got ${found.join(" ")}`;
}

function text(value: unknown): string {
  return JSON.stringify(value);
}

/** Each group gives all its rows, or as many of them as the slice has room for. */
function isSliceOf({ groups, start, stop }: Answer, found: readonly string[]): boolean {
  let at = 0;
  let taken = 0;
  for (const group of groups) {
    const first = Math.max(start, at);
    const last = Math.min(stop ?? Number.POSITIVE_INFINITY, at + group.length);
    at += group.length;
    if (last <= first) continue;
    const part = found.slice(taken, taken + last - first);
    taken += last - first;
    if (part.length !== last - first || !isPartOf(part, group.map(text))) return false;
  }
  return taken === found.length;
}

function isPartOf(part: readonly string[], whole: readonly string[]): boolean {
  const left = [...whole];
  return part.every((row) => {
    const index = left.indexOf(row);
    if (index >= 0) left.splice(index, 1);
    return index >= 0;
  });
}

function describe({ groups, start, stop }: Answer): string {
  const rows = groups
    .map((group) => (group.length === 1 ? text(group[0]) : `{${group.map(text).join(" ")}}`))
    .join(" ");
  return start === 0 && stop === null ? rows : `${rows} from ${start} to ${stop ?? "the end"}`;
}
