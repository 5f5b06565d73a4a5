import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Command } from "commander";
import { type ClientCommand, clientCommand } from "../../db/backends/client.ts";
import { connections } from "../../db/connections.ts";
import { BaseCommand, CommandError } from "../base.ts";

interface Options {
  database: string;
}

/** The exit code where the client was ended by a signal. */
const SIGNALLED = 128;

export default class extends BaseCommand<Options> {
  override help = "Runs the command-line client of a database: psql or sqlite3.";
  override requiresSystemChecks = false;

  override addArguments(command: Command): void {
    command
      .argument("[parameters...]", "what the client is given, behind --: core dbshell -- -c 'SELECT 1'")
      .option("--database <alias>", "the database to open", "default");
  }

  override async handle({ database }: Options, ...parameters: string[]): Promise<void> {
    const { config } = connections.get(database);
    await this.#run(clientCommand(config, parameters));
  }

  /** Control-C is for the client: it ends a query, not the shell. */
  async #run(command: ClientCommand): Promise<void> {
    const ignore = () => {};
    process.on("SIGINT", ignore);
    try {
      const env = { ...process.env, ...command.env };
      const child = spawn(command.program, command.args, { stdio: "inherit", env, cwd: this.root });
      const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
      if (code !== 0) throw failed(command, code, signal);
    } catch (error) {
      throw (error as NodeJS.ErrnoException).code === "ENOENT" ? missing(command) : error;
    } finally {
      process.off("SIGINT", ignore);
    }
  }
}

function missing({ program, install }: ClientCommand): CommandError {
  return new CommandError(`You appear not to have the '${program}' program installed or on your path.`, {
    hint: `On Debian or Ubuntu: apt-get install ${install}`,
  });
}

function failed({ program, args }: ClientCommand, code: number | null, signal: string | null): CommandError {
  const status = code === null ? `was ended by ${signal}.` : `returned non-zero exit status ${code}.`;
  return new CommandError(`"${[program, ...args].join(" ")}" ${status}`, { returnCode: code ?? SIGNALLED });
}
