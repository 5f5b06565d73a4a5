import { join } from "node:path";
import vm from "node:vm";
import { toScript } from "./typescript.ts";

type Names = Readonly<Record<string, unknown>>;

/**
 * Runs JavaScript or TypeScript with some names at hand. It may await, and `import` starts from the project's folder.
 *
 * @throws what the code throws, and SyntaxError.
 */
export async function runCode(code: string, names: Names, root: string): Promise<void> {
  const file = join(root, "<shell>");
  const run = asFunction(code, names, file) ?? asFunction(await toScript(code, file), names, file, true);
  await withoutWarning(async () => run?.(names));
}

/** The function that the code is the body of; undefined where it is no plain JavaScript, unless it must be. */
function asFunction(code: string, names: Names, filename: string, must = false) {
  // Two functions, so that the code may declare a name of its own that is also at hand.
  const start = `(async ({ ${Object.keys(names).join(", ")} }) => (async () => {`;
  try {
    return evaluate(`${start}\n${code}\n})())`, filename) as (names: Names) => Promise<void>;
  } catch (error) {
    if (must || !(error instanceof SyntaxError)) throw error;
    return undefined;
  }
}

function evaluate(source: string, filename: string): unknown {
  const importModuleDynamically = vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER;
  return vm.runInThisContext(source, { filename, lineOffset: -1, importModuleDynamically });
}

/** Node 20 calls this way of importing an experiment, on stderr; it is none in the versions since. */
async function withoutWarning(run: () => Promise<void>): Promise<void> {
  const { emitWarning } = process;
  process.emitWarning = ((warning: string | Error, ...rest: never[]) => {
    if (!String(warning).startsWith("vm.USE_MAIN_CONTEXT")) emitWarning.call(process, warning, ...rest);
  }) as typeof emitWarning;
  await run().finally(() => {
    process.emitWarning = emitWarning;
  });
}
