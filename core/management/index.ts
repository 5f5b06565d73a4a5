export type { Command } from "commander";
export { BaseCommand, CommandError, type CommandErrorOptions, type CommonOptions } from "./base.ts";
export { OutputWrapper, type TextStream } from "./output.ts";
export { callCommand, execute, executeFromCommandLine } from "./utility.ts";
