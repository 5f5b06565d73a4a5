import { Command, CommanderError, InvalidArgumentError } from "commander";
import { capfirst } from "../utils/text.ts";
import { type BaseCommand, CommandError, type CommonOptions } from "./base.ts";

/**
 * The life of a command that has been loaded: its arguments are parsed, the project is set up, system checks run, and
 * `handle()` does the work.
 *
 * @param given options that replace what the arguments say.
 */
export async function runCommand(
  command: BaseCommand,
  name: string,
  args: readonly string[],
  given: Record<string, unknown> = {},
): Promise<unknown> {
  const parsed = parse(command, name, args);
  if (parsed === undefined) return;
  const options = { ...parsed.options, ...given } as CommonOptions;
  if (command.requiresSetup) await setUp(command, options);
  if (command.requiresSetup && command.requiresSystemChecks !== false && !options.skipChecks) {
    const { checkProject } = await import("./system_checks.ts");
    await checkProject(command);
  }
  return command.handle(options, ...parsed.args);
}

async function setUp({ root }: BaseCommand, { settings }: CommonOptions): Promise<void> {
  const { setup } = await import("../setup.ts");
  const { findProjectRoot } = await import("../conf/project.ts");
  await setup({ root: findProjectRoot(root), settings });
}

/** Parses what follows the command's name; undefined where its help was asked for and has been printed. */
function parse(command: BaseCommand, name: string, args: readonly string[]) {
  const parser = createParser(command, name);
  try {
    parser.parse(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return undefined;
    throw asCommandError(error, name);
  }
  const values = parser.processedArgs.flat() as (string | undefined)[];
  return { options: parser.opts(), args: values };
}

function createParser(command: BaseCommand, name: string): Command {
  const parser = new Command(`core ${name}`).description(command.help).exitOverride().showSuggestionAfterError();
  parser.configureOutput({ writeOut: (text) => command.stdout.write(text, ""), writeErr: () => {} });
  command.addArguments(parser);
  return parser
    .option("--settings <module>", "the module of the settings (default: CORE_SETTINGS_MODULE, else settings)")
    .option("-v, --verbosity <level>", "0 says nothing, 1 the usual, 2 and 3 more", parseVerbosity, 1)
    .option("--traceback", "print the stack of an error")
    .option("--no-color", "never use colours")
    .option("--force-color", "use colours although this is no terminal")
    .option("--skip-checks", "do not run system checks first");
}

function parseVerbosity(text: string): number {
  if (/^[0-3]$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be 0, 1, 2 or 3.");
}

/** "error: unknown option '--forse'\n(Did you mean --force?)" → a sentence and a hint. */
function asCommandError(error: CommanderError, name: string): CommandError {
  const [sentence, suggestion] = error.message.replace(/^error: /, "").split("\n");
  const hint = suggestion?.replace(/^\(|\)$/g, "") ?? `'core help ${name}' shows what it takes.`;
  return new CommandError(capfirst(sentence).replace(/\.?$/, "."), { code: "usage", hint });
}
