/** What is said about TypeScript that cannot be parsed. */

/**
 * Makes an error that begins with the place, where editors and people look, and shows the lines around it.
 *
 * @param {string} file
 * @param {string} source
 * @param {unknown} error what swc threw: a drawing of the complaint, the place and the lines
 * @example
 * SyntaxError: /blog/posts/views.ts:4:13: Expression expected
 *
 *   3 | export function broken() {
 * > 4 |   const x = = 2;
 *     |             ^
 *   5 | }
 */
export function syntaxError(file, source, error) {
  const { complaint, line, column } = parse(String(error instanceof Error ? error.message : error), source);
  const result = new SyntaxError(`${file}:${line}:${column}: ${complaint}\n\n${frame(source, line, column)}\n`);
  // The stack would list module hooks; and without any frame, Node prints the error in brackets.
  result.stack = `SyntaxError: ${result.message}\n    at ${file}:${line}:${column}`;
  return result;
}

/**
 * Reads swc's drawing. Its column is that of the line's first character: the real one is where the caret points.
 *
 * @param {string} message
 * @param {string} source
 */
function parse(message, source) {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: swc colours its drawing
  const drawing = message.replace(/\u001b\[\d*m/g, "");
  const complaint = /^\s*[x×]\s+(.+)$/m.exec(drawing)?.[1] ?? drawing.split("\n", 1)[0] ?? "Syntax error";
  const [, line = "1", first = "1"] = /\[.*:(\d+):(\d+)\]$/m.exec(drawing) ?? [];
  const caret = /^(\s*[:·] )(\s*)\S/m.exec(drawing)?.[2];
  const text = source.split("\n")[Number(line) - 1] ?? "";
  return { complaint, line: Number(line), column: caret === undefined ? Number(first) : columnAt(text, caret.length) };
}

/**
 * The column of a line that is drawn at some width, with tab stops every four characters.
 *
 * @param {string} text
 * @param {number} width
 */
function columnAt(text, width) {
  let drawn = 0;
  let column = 0;
  for (; column < text.length && drawn < width; column++) drawn += text[column] === "\t" ? 4 - (drawn % 4) : 1;
  return column + 1;
}

/**
 * @param {string} source
 * @param {number} line
 * @param {number} column
 */
function frame(source, line, column) {
  const first = Math.max(1, line - 2);
  const lines = source.split("\n").slice(first - 1, line + 2);
  const digits = String(first + lines.length - 1).length;
  return lines
    .flatMap((text, index) => {
      const number = first + index;
      const drawn = `${number === line ? ">" : " "} ${String(number).padStart(digits)} | ${text.trimEnd()}`;
      const indent = text.slice(0, column - 1).replace(/[^\t]/g, " ");
      return number === line ? [drawn, `  ${" ".repeat(digits)} | ${indent}^`] : [drawn];
    })
    .join("\n");
}
