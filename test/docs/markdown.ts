/** One fenced block of a Markdown page. */
export interface Snippet {
  /** The page, relative to the checkout. */
  page: string;
  /** The line of its first line of code, from 1. */
  line: number;
  language: string;
  /** What follows the language: "run", "no-check (reason)", … */
  info: string;
  code: string;
}

/**
 * Finds the fenced blocks of a page, also those indented in a list.
 *
 * @param page its path, for messages
 * @param text its content
 */
export function findSnippets(page: string, text: string): Snippet[] {
  const lines = text.split("\n");
  const snippets: Snippet[] = [];
  for (let index = 0; index < lines.length; index++) {
    const [, indent, fence, language = "", info = ""] = /^(\s*)(`{3,})(\S*)\s*(.*)$/.exec(lines[index]!) ?? [];
    if (indent === undefined || fence === undefined) continue;
    const end = lines.findIndex((line, at) => at > index && line.trim() === fence);
    if (end === -1) throw new Error(`${page}:${index + 1} opens a block that is never closed.`);
    const code = lines.slice(index + 1, end).map((line) => line.slice(Math.min(indent.length, line.search(/\S|$/))));
    snippets.push({ page, line: index + 2, language, info: info.trim(), code: `${code.join("\n")}\n` });
    index = end;
  }
  return snippets;
}

/** Code that prints, and the lines that it should print. */
export interface Expectation {
  code: string;
  printed: string[];
}

/**
 * Reads `expression; // => value` and `console.log(…); // => text`. The first is made to print its value, on the same line,
 * so that every such comment stands for one printed line.
 *
 * @param code a snippet's code
 */
export function readExpectations(code: string): Expectation {
  const printed: string[] = [];
  const lines = code.split("\n").map((line) => {
    const [, statement, value] = /^(.*\S)\s*\/\/\s*=?>\s*(.+)$/.exec(line) ?? [];
    if (statement === undefined || value === undefined) return line;
    printed.push(normalize(value));
    return printing(statement);
  });
  return { code: lines.join("\n"), printed };
}

/**
 * Which quotes a string is shown with does not matter.
 *
 * @param text one printed line
 */
export function normalize(text: string): string {
  return text.trim().replaceAll("'", '"');
}

function printing(statement: string): string {
  if (/^\s*console\.log\(/.test(statement)) return statement;
  const dir = (value: string) => `console.dir(${value}, { breakLength: Infinity, compact: true });`;
  const declared = /^\s*(?:const|let) (\w+)\b/.exec(statement)?.[1];
  return declared ? `${statement} ${dir(declared)}` : dir(statement.trim().replace(/;$/, ""));
}
