import { type CheckMessage, LEVELS } from "../checks/messages.ts";
import { type RunChecksOptions, runChecks, withoutSilenced } from "../checks/registry.ts";
import { type BaseCommand, CommandError } from "./base.ts";
import type { OutputWrapper, Style } from "./output.ts";

/** Ends a command because checks found errors; the message lists them. */
export class SystemCheckError extends CommandError {
  static override code = "system_check";
}

const GROUPS: readonly [title: string, from: number, style: Style][] = [
  ["CRITICALS", LEVELS.CRITICAL, "error"],
  ["ERRORS", LEVELS.ERROR, "error"],
  ["WARNINGS", LEVELS.WARNING, "warning"],
  ["INFOS", LEVELS.INFO, "notice"],
  ["DEBUGS", 0, "dim"],
];

/** Before a command: prints what checks found on stderr, and throws where it is an error. */
export async function checkProject(command: BaseCommand): Promise<void> {
  const tags = Array.isArray(command.requiresSystemChecks) ? (command.requiresSystemChecks as string[]) : [];
  const { visible, silenced } = await findMessages({ tags });
  if (visible.length === 0) return;
  const report = formatReport(visible, silenced, command.stderr);
  if (visible.some((message) => message.isSerious())) throw new SystemCheckError(report);
  command.stderr.write(report);
}

/** Runs checks and parts what is reported from what the settings silence. */
export async function findMessages(options: RunChecksOptions): Promise<{ visible: CheckMessage[]; silenced: number }> {
  const messages = await runChecks(options);
  const visible = withoutSilenced(messages);
  return { visible, silenced: messages.length - visible.length };
}

/** Django's report: the messages by level, the worst first, and their number. */
export function formatReport(messages: readonly CheckMessage[], silenced: number, output: OutputWrapper): string {
  const blocks = GROUPS.flatMap(([title, from, style], index) => {
    const below = index === 0 ? Number.POSITIVE_INFINITY : GROUPS[index - 1][1];
    const group = messages.filter(({ level }) => level >= from && level < below);
    return group.length > 0
      ? [[`${title}:`, ...group.map((message) => output.style(style, `${message}`))].join("\n")]
      : [];
  });
  const heading = "System check identified some issues:";
  return [heading, ...blocks, countSentence(messages.length, silenced)].join("\n\n");
}

/** `System check identified 2 issues (1 silenced).` */
export function countSentence(count: number, silenced: number): string {
  const issues = count === 0 ? "no issues" : count === 1 ? "1 issue" : `${count} issues`;
  return `System check identified ${issues} (${silenced} silenced).`;
}
