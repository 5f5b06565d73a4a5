import { didYouMean } from "../utils/text.ts";
import { CommandError } from "./base.ts";

/** What every command understands, read before it is known which command it is. */
export interface CommandLine {
  /** The command's name, then everything else that was typed. */
  args: string[];
  settings?: string;
  traceback: boolean;
  /** Undefined where a terminal decides. */
  color?: boolean;
  version: boolean;
}

const FLAGS = ["--help", "-h", "--version", "--traceback", "--no-color", "--force-color", "--skip-checks"];
const WITH_VALUE = ["--settings", "-v", "--verbosity"];

/** Reads the common options wherever they stand; those before the command's name are moved behind it. */
export function parseCommandLine(typed: readonly string[]): CommandLine {
  const { before, name, after } = splitAtName(typed);
  const options = [...before, ...untilDashes(after)];
  return {
    args: name === undefined ? [] : [name, ...before, ...after],
    settings: settingOf("--settings", options),
    traceback: options.includes("--traceback"),
    color: options.includes("--no-color") ? false : options.includes("--force-color") ? true : undefined,
    version: name === undefined && before.includes("--version"),
  };
}

function splitAtName(typed: readonly string[]): { before: string[]; name?: string; after: string[] } {
  let index = 0;
  while (index < typed.length && typed[index].startsWith("-")) index += widthOf(typed[index]);
  return { before: typed.slice(0, index), name: typed[index], after: typed.slice(index + 1) };
}

function widthOf(option: string): number {
  if (WITH_VALUE.includes(option)) return 2;
  if (FLAGS.includes(option) || WITH_VALUE.some((name) => option.startsWith(`${name}=`)) || /^-v\d$/.test(option))
    return 1;
  throw new CommandError(`Unknown option: '${option}'.`, {
    hint: didYouMean(option, [...FLAGS, ...WITH_VALUE]) ?? "The command's name comes first; 'core help' lists them.",
  });
}

function untilDashes(args: readonly string[]): readonly string[] {
  const end = args.indexOf("--");
  return end < 0 ? args : args.slice(0, end);
}

function settingOf(name: string, options: readonly string[]): string | undefined {
  const index = options.indexOf(name);
  if (index >= 0) return options[index + 1];
  return options.find((option) => option.startsWith(`${name}=`))?.slice(name.length + 1);
}
