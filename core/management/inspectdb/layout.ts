/** Longer lines are broken, as Biome and Prettier would. */
export const WIDTH = 120;

/** A comment of one line, whatever line ends stand in the names that it mentions. */
export function comment(text: string, indent = ""): string {
  return `${indent}// ${text.replace(/[\r\n\u2028\u2029]+/g, " ")}`;
}

/** An option and its value, both as source. */
export type Option = readonly [name: string, value: string];

/** `{ a: 1, b: 2 }`; nothing for no options. */
export function inlineObject(options: readonly Option[]): string {
  return options.length === 0 ? "" : `{ ${options.map(([name, value]) => `${name}: ${value}`).join(", ")} }`;
}

/** The same with an option to a line. */
export function brokenObject(options: readonly Option[], indent: string): string {
  const lines = options.map(([name, value]) => `${indent}  ${name}: ${value},\n`);
  return `{\n${lines.join("")}${indent}}`;
}

/**
 * A call with an object as its last argument, in one line where that leaves room for what follows.
 *
 * @param before the call up to the object, such as `@ForeignKey(() => Author, `
 * @param behind what follows on the same line, if there is room
 */
export function callWithOptions(before: string, options: readonly Option[], indent: string, behind = ""): string {
  const short = `${indent}${before.replace(/, $/, options.length > 0 ? ", " : "")}${inlineObject(options)})`;
  if (short.length + behind.length <= WIDTH) return short + behind;
  const own = short.length <= WIDTH ? short : `${indent}${before}${brokenObject(options, indent)})`;
  return behind === "" ? own : `${own}\n${indent}${behind.trimStart()}`;
}
