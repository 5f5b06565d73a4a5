import { homedir } from "node:os";
import { join } from "node:path";
import { start } from "node:repl";
import { promisify } from "node:util";
import vm from "node:vm";
import type { Command } from "commander";
import { apps } from "../../apps/registry.ts";
import { settings } from "../../conf/settings.ts";
import { BaseCommand, type CommonOptions } from "../base.ts";

interface Options extends CommonOptions {
  command?: string;
  imports: boolean;
}

export default class extends BaseCommand<Options> {
  override help = "Opens a JavaScript prompt, or runs code, with the project's models at hand.";

  override addArguments(command: Command): void {
    command
      .option("-c, --command <code>", "run this code and end; code on standard input is run too")
      .option("--no-imports", "do not bring in models");
  }

  override async handle({ command, imports, verbosity }: Options): Promise<void> {
    const names = imports ? await namesAtHand() : {};
    const code = command ?? (process.stdin.isTTY ? undefined : await readStandardInput());
    if (code !== undefined) return runCode(code, names, this.root);
    if (verbosity > 0)
      this.stdout.notice(`At hand: ${Object.keys(names).join(", ")}. Queries are awaited: await Book.objects.count()`);
    await this.#prompt(names);
  }

  async #prompt(names: Record<string, unknown>): Promise<void> {
    const repl = start({ prompt: "> " });
    Object.assign(repl.context, names);
    const history = process.env.NODE_REPL_HISTORY ?? join(homedir(), ".core_shell_history");
    await promisify(repl.setupHistory.bind(repl))(history);
    await new Promise<void>((resolve) => repl.once("exit", resolve));
  }
}

/** The framework's names, then the models; of two models with one name, the first app's, as in Django. */
async function namesAtHand(): Promise<Record<string, unknown>> {
  const { Q, F } = (await import("../../db/expressions.ts")) as Record<string, unknown>;
  const models = apps.getModels().toReversed();
  return { Q, F, apps, settings, ...Object.fromEntries(models.map((model) => [model.name, model])) };
}

async function readStandardInput(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** The code is the body of an async function, so it may await; `import()` in it starts from the project's folder. */
async function runCode(code: string, names: Record<string, unknown>, root: string): Promise<void> {
  const body = vm.runInThisContext(`(async ({ ${Object.keys(names).join(", ")} }) => {\n${code}\n})`, {
    filename: join(root, "<shell>"),
    lineOffset: -1,
    importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  }) as (names: Record<string, unknown>) => Promise<void>;
  await body(names);
}
