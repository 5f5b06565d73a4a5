// Copies project_template/ and app_template/.
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { CommandError } from "./base.ts";

/** The package's folder: two up from `core/management` and from `dist/management`. */
export const PACKAGE_ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** What a template is filled with. */
export interface TemplateContext {
  /** Replaces `{{ name }}`. */
  values: Readonly<Record<string, string>>;
  /** Parts between `// <name>` and `// </name>` stay where the flag is true, and so do files that `only` lists. */
  flags: Readonly<Record<string, boolean>>;
  /** Files that need a flag, by their name in the template. */
  only?: Readonly<Record<string, string>>;
}

/**
 * Fills a template into a folder.
 *
 * In a template, a name's ending `-tpl` goes, so that no tool takes the file for code of the framework's, and its
 * beginning `dot-` becomes a dot, because npm leaves files such as `.gitignore` out of packages.
 *
 * @returns the files written, relative to `target`.
 * @throws CommandError where `target` exists and is not empty.
 */
export function copyTemplate(
  template: "project_template" | "app_template",
  target: string,
  context: TemplateContext,
): string[] {
  checkEmpty(target);
  const source = join(PACKAGE_ROOT, template);
  const files = filesIn(source).filter((file) => isWanted(file, context));
  return files.map((file) => {
    const name = targetName(relative(source, file), context);
    writeFile(join(target, name), render(readFileSync(file, "utf8"), context));
    return name;
  });
}

/** Throws a CommandError where the folder has anything in it; a fresh repository counts as empty. */
export function checkEmpty(target: string): void {
  if (!existsSync(target)) return;
  if (!statSync(target).isDirectory()) throw new CommandError(`${target} exists and is not a folder.`);
  if (readdirSync(target).every((name) => name === ".git")) return;
  throw new CommandError(`The folder ${target} exists and is not empty.`, {
    hint: "Choose another name, or remove it.",
  });
}

function filesIn(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).toSorted((one, other) =>
    one.name < other.name ? -1 : 1,
  );
  return entries.flatMap((entry) =>
    entry.isDirectory() ? filesIn(join(folder, entry.name)) : [join(folder, entry.name)],
  );
}

function isWanted(file: string, { flags, only = {} }: TemplateContext): boolean {
  const flag = Object.entries(only).find(([name]) => file.endsWith(`/${name}`))?.[1];
  return flag === undefined || flags[flag] === true;
}

function targetName(name: string, { values }: TemplateContext): string {
  const filled = name.replace(/__(\w+?)__/g, (whole, key: string) => values[key] ?? whole);
  return filled.replace(/-tpl$/, "").replace(/(^|\/)dot-/, "$1.");
}

/** Fills placeholders and keeps or drops the marked parts. Throws where the template names what it was not given. */
export function render(text: string, { values, flags }: Pick<TemplateContext, "values" | "flags">): string {
  const kept = text.replace(
    /^[ \t]*(?:\/\/|#) <(!?)(\w+)>\n([\s\S]*?)^[ \t]*(?:\/\/|#) <\/\1\2>\n/gm,
    (_, not: string, name: string, part: string) => (flags[name] === (not === "") ? part : ""),
  );
  return kept.replace(/\{\{ (\w+) \}\}/g, (_, name: string) => {
    if (Object.hasOwn(values, name)) return values[name];
    throw new Error(`The template needs a value for "${name}".`);
  });
}

/** Secrets are for their owner alone, and what begins with `#!` can be run. */
function writeFile(path: string, text: string): void {
  const mode = path.endsWith("/.env") ? 0o600 : text.startsWith("#!") ? 0o755 : 0o644;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { mode });
  chmodSync(path, mode);
}
