import { homedir } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import { BaseCommand, type CommonOptions } from "../base.ts";
import { autoImports, namesOf, reportImports } from "../shell/auto_imports.ts";
import { runPrompt } from "../shell/prompt.ts";
import { runCode } from "../shell/run_code.ts";
import { SqlEcho } from "../shell/sql_echo.ts";
import { readStandardInput } from "../standard_input.ts";

interface Options {
  command?: string;
  imports: boolean;
  sql?: boolean;
}

export default class extends BaseCommand<Options> {
  override help = "Opens a prompt, or runs code, with the project's models at hand. TypeScript and await work in both.";

  override addArguments(command: Command): void {
    command
      .option("-c, --command <code>", "run this code and end; code on standard input is run too")
      .option("--no-imports", "do not bring in models and other names")
      .option("--sql", "print each SQL statement with its time");
  }

  override async handle({ command, imports, sql = false, verbosity }: Options & CommonOptions): Promise<void> {
    const echo = new SqlEcho((line) => this.stderr.write(this.stderr.style("dim", line)));
    echo.set(sql);
    const groups = imports ? await autoImports(this.root) : [];
    const code = command ?? (process.stdin.isTTY ? undefined : await readStandardInput());
    if (code !== undefined) return runCode(code, namesOf(groups), this.root);
    if (verbosity > 0 && imports) this.stdout.notice(reportImports(groups, verbosity));
    process.chdir(this.root);
    const history = process.env.NODE_REPL_HISTORY ?? join(homedir(), ".core_shell_history");
    await runPrompt({ names: namesOf(groups), echo, history });
  }
}
