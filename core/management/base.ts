// django.core.management.base
import type { Command } from "commander";
import { CoreError, type CoreErrorOptions } from "../exceptions.ts";
import { OutputWrapper, type TextStream } from "./output.ts";

/** Options of a {@link CommandError}. */
export interface CommandErrorOptions extends CoreErrorOptions {
  /** The exit code of the process. Default: 1. */
  returnCode?: number;
}

/** Ends a command with one sentence on stderr, a hint, and an exit code; never with a stack. */
export class CommandError extends CoreError {
  static override code = "command_error";

  readonly returnCode: number;

  constructor(message: string, { returnCode = 1, ...options }: CommandErrorOptions = {}) {
    super(message, options);
    this.returnCode = returnCode;
  }
}

/** What every command is given, beside its own options. */
export interface CommonOptions {
  /** 0 says nothing, 1 the usual, 2 and 3 more. */
  verbosity: number;
  settings?: string;
  traceback?: boolean;
  color?: boolean;
  skipChecks?: boolean;
}

/** Where a command runs and what it writes to. */
export interface CommandContext {
  /** The project's folder, where there is one. */
  root?: string;
  stdout?: TextStream;
  stderr?: TextStream;
  color?: boolean;
}

/**
 * A management command. It is one file, `management/commands/<name>.ts` of an app or of the project, whose default
 * export extends this class. When `core <name>` runs:
 *
 *  1. the file is loaded, no other command's is;
 *  2. {@link addArguments} says what may follow on the command line, and that is parsed;
 *  3. the project is set up, if {@link requiresSetup};
 *  4. system checks run, if {@link requiresSystemChecks}; an error ends the command;
 *  5. {@link handle} runs. What it throws as a {@link CommandError}, or any other `CoreError`, is printed as one
 *     sentence and a hint, and the exit code is 1.
 *
 * @example
 * export default class extends BaseCommand<{ dryRun?: boolean }> {
 *   override help = "Deletes tokens that have expired.";
 *   override addArguments(command: Command) {
 *     command.option("--dry-run", "only count them");
 *   }
 *   override async handle({ dryRun = false }) {
 *     const count = await expiredTokens().delete({ dryRun });
 *     this.stdout.success(`${count} tokens deleted.`);
 *   }
 * }
 */
// biome-ignore lint/complexity/noBannedTypes: {} is "no options of its own", Record would forbid naming any
export abstract class BaseCommand<Options extends object = {}> {
  /** One sentence; the first line of `core help <name>`. */
  help = "";
  /** False for a command that runs outside a project, or that sets it up itself. */
  requiresSetup = true;
  /** False for none, or the tags of the checks to run before the command. */
  requiresSystemChecks: boolean | readonly string[] = true;

  readonly stdout: OutputWrapper;
  readonly stderr: OutputWrapper;
  /** The project's folder; the working directory where there is no project. */
  readonly root: string;

  constructor({ root = process.cwd(), stdout = process.stdout, stderr = process.stderr, color }: CommandContext = {}) {
    this.root = root;
    this.stdout = new OutputWrapper(stdout, { color });
    this.stderr = new OutputWrapper(stderr, { color });
  }

  /** Adds arguments and options, with commander: `command.argument("<name>", …).option("--dry-run", …)`. */
  addArguments(_command: Command): void {}

  /**
   * Does the work.
   *
   * @param options the command's options in camelCase, and {@link CommonOptions}.
   * @param args its arguments in order; those of a `[names...]` argument follow one by one.
   * @returns what `callCommand()` gives to its caller; the command line ignores it.
   */
  abstract handle(options: Options & CommonOptions, ...args: (string | undefined)[]): unknown;
}
