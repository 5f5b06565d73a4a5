// TypeScript, and imports in the middle of things, become JavaScript that a function's body or a prompt can run.
import { syntaxError } from "../../register/syntax_error.mjs";

/**
 * Code without types and without `import` declarations, which are turned into `await import()`.
 *
 * @throws SyntaxError with the place and the lines around it.
 * @example
 * await toScript('import { answer } from "./lib.ts"; const n: number = answer;');
 * // const { answer } = await import("./lib.ts"); const n = answer;
 */
export async function toScript(code: string, file: string): Promise<string> {
  const { transformSync } = await import("@swc/core");
  try {
    const { code: plain } = transformSync(code, options);
    return plain.replace(/^export \{ ?\};$/m, "").replace(importLine, toDynamicImport);
  } catch (error) {
    throw syntaxError(file, code, error);
  }
}

const options = {
  swcrc: false,
  configFile: false,
  isModule: true,
  jsc: {
    target: "es2022",
    keepClassNames: true,
    parser: { syntax: "typescript", decorators: true },
    transform: {
      legacyDecorator: true,
      decoratorMetadata: false,
      useDefineForClassFields: false,
      // What is imported at a prompt is used by the next line.
      verbatimModuleSyntax: true,
    },
  },
} as const;

/** The compiler writes each declaration on a line of its own. */
const importLine = /^import (?:(.+) from )?("[^"]*"|'[^']*')(?: with \{.*\})?;$/gm;

function toDynamicImport(_line: string, names: string | undefined, specifier: string): string {
  if (names === undefined) return `await import(${specifier});`;
  const [, byDefault, rest] = /^(?:([\w$]+)(?:, )?)?(.*)$/.exec(names) as RegExpExecArray;
  const own = byDefault ? [`{ default: ${byDefault} }`] : [];
  const others = rest === "" ? [] : [rest.replace(/^\* as /, "").replace(/ as /g, ": ")];
  return [...own, ...others].map((target) => `const ${target} = await import(${specifier});`).join(" ");
}
