// django.core.management: finds a command by its file's name, loads that one file, runs it.
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { findProjectRoot } from "../conf/project.ts";
import { didYouMean } from "../utils/text.ts";
import { type BaseCommand, type CommandContext, CommandError } from "./base.ts";
import { type CommandLine, parseCommandLine } from "./command_line.ts";
import { ALIASES, type CommandFile, findCommands, readInstalledApps } from "./finders.ts";
import type { TextStream } from "./output.ts";
import { reportError } from "./report.ts";

/**
 * Runs what was typed, from `process.argv` to an exit code. Nothing is thrown: an error is printed.
 *
 * @param options.root the project's folder; without it, the nearest one upwards from the working directory.
 */
export async function executeFromCommandLine(
  argv: readonly string[],
  { root }: { root?: string } = {},
): Promise<number> {
  const typed = argv.slice(2);
  // Not taken away at the end: what was written last may fail after that.
  if (!process.stdout.listeners("error").includes(ignoreClosedPipe)) process.stdout.on("error", ignoreClosedPipe);
  try {
    await executeLine(parseCommandLine(typed), root ?? findProjectRoot());
    return 0;
  } catch (error) {
    return reportError(error, {
      traceback: typed.includes("--traceback"),
      color: typed.includes("--no-color") ? false : undefined,
    });
  }
}

/**
 * The body of a project's `manage.ts`: the same as `core`, for the project that the file is in, from wherever it is called.
 *
 * @example
 * await execute(import.meta, process.argv);
 */
export async function execute(meta: { url: string }, argv: readonly string[]): Promise<void> {
  process.exitCode = await executeFromCommandLine(argv, { root: dirname(fileURLToPath(meta.url)) });
}

/**
 * Runs a command from code, `django.core.management.call_command`. System checks are skipped, and errors are thrown.
 *
 * @param args what would be typed after the name.
 * @param options the command's options in camelCase, over those of `args`; `stdout` and `stderr` may be streams.
 * @returns what the command's `handle()` gives.
 * @example
 * await callCommand("migrate", ["library"], { verbosity: 0 });
 */
export async function callCommand<T = unknown>(
  name: string,
  args: readonly string[] = [],
  options: Record<string, unknown> & { stdout?: TextStream; stderr?: TextStream } = {},
): Promise<T> {
  const { stdout, stderr, ...given } = options;
  const root = findProjectRoot();
  const command = await loadCommand(await findCommand(name, root), { root, stdout, stderr });
  const { runCommand } = await import("./runner.ts");
  return (await runCommand(command, name, args, { skipChecks: true, ...given })) as T;
}

async function executeLine(line: CommandLine, root: string | undefined): Promise<void> {
  const [name, ...args] = line.args;
  if (line.version || name === "version") return printLine(frameworkVersion());
  if (name === undefined || (name === "help" && args.length === 0)) return printLine(await helpText(root, line));
  const [asked, rest] = name === "help" ? [args[0], ["--help"]] : [name, args];
  const found = await findCommand(asked, root, line);
  const command = await loadCommand(found, { root, color: line.color });
  const { runCommand } = await import("./runner.ts");
  try {
    await runCommand(command, found.name, rest);
  } finally {
    if (command.requiresSetup) await closeConnections();
  }
}

function printLine(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** The version in the framework's package.json. */
export function frameworkVersion(): string {
  const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}

async function helpText(root: string | undefined, line: CommandLine): Promise<string> {
  const commands = [...commandsOf(root, line).values()];
  const owners = [...new Set(commands.map(({ owner }) => owner))];
  const blocks = owners.map((owner) => `[${owner}]\n${namesOf(owner, commands).join("\n")}`);
  const aliases = Object.entries(ALIASES).map(([alias, name]) => `${alias} = ${name}`);
  return [
    "Usage: core <command> [arguments] [options]",
    "Type 'core help <command>' for help on a specific command.",
    ...blocks,
    `Short names: ${aliases.join(", ")}`,
  ].join("\n\n");
}

function namesOf(wanted: string, commands: readonly CommandFile[]): string[] {
  const own = commands.filter(({ owner }) => owner === wanted);
  return own.map(({ name }) => `    ${name}`).sort();
}

function commandsOf(
  root: string | undefined,
  { settings }: Pick<CommandLine, "settings"> = {},
): Map<string, CommandFile> {
  const chosen = settings ?? process.env.CORE_SETTINGS_MODULE;
  return findCommands(root, root ? readInstalledApps(root, chosen).folders : []);
}

/** The command of this name or alias. Throws CommandError with a suggestion. */
async function findCommand(
  name: string,
  root: string | undefined,
  line: Pick<CommandLine, "settings"> = {},
): Promise<CommandFile> {
  const commands = commandsOf(root, line);
  const found = lookUp(name, commands) ?? lookUp(name, await commandsOfRunningSettings(root, line));
  if (found) return found;
  const suggestion = didYouMean(name, [...commands.keys(), ...Object.keys(ALIASES)]);
  throw new CommandError(`Unknown command: '${name}'.${suggestion ? ` ${suggestion}` : ""}`, {
    code: "unknown_command",
    hint: "Type 'core help' for the list.",
  });
}

function lookUp(name: string, commands: ReadonlyMap<string, CommandFile>): CommandFile | undefined {
  return commands.get(name) ?? (Object.hasOwn(ALIASES, name) ? commands.get(ALIASES[name]) : undefined);
}

/** Where `INSTALLED_APPS` is computed, its commands are known only by setting the project up. */
async function commandsOfRunningSettings(
  root: string | undefined,
  { settings }: Pick<CommandLine, "settings">,
): Promise<ReadonlyMap<string, CommandFile>> {
  if (!root || readInstalledApps(root, settings ?? process.env.CORE_SETTINGS_MODULE).complete) return new Map();
  const [{ setup }, { apps }] = await Promise.all([import("../setup.ts"), import("../apps/registry.ts")]);
  await setup({ root, settings });
  return findCommands(root, apps.getAppConfigs());
}

async function loadCommand({ file, name }: CommandFile, context: CommandContext): Promise<BaseCommand> {
  // Compiled code runs a project's TypeScript too; in a checkout the hooks are there already.
  if (file.endsWith("ts")) await import("../register/index.mjs");
  const { importFile } = await import("../utils/module_loading.ts");
  const { default: Command } = await importFile(file, { root: context.root });
  if (typeof Command === "function" && "handle" in Command.prototype) {
    return new (Command as new (context: CommandContext) => BaseCommand)(context);
  }
  throw new CommandError(`The command "${name}" has no default export that extends BaseCommand (${file}).`, {
    hint: "Write: export default class extends BaseCommand { … }",
  });
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error; // `core showurls | head` closes the pipe early.
}

/** An open pool would keep the process alive. */
async function closeConnections(): Promise<void> {
  const { connections } = await import("../db/connections.ts");
  await connections.closeAll();
}
