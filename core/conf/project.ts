import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

const MARKS = ["manage.ts", "settings.ts", "manage.js", "settings.js"];

/** The folder of the project that `from` is in: the nearest one upwards with a `manage.ts` or a `settings.ts`. */
export function findProjectRoot(from: string = process.cwd()): string | undefined {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    if (MARKS.some((name) => existsSync(join(folder, name)))) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}

let current: string | undefined;

/** Says which folder is the project's, before its settings are read. */
export function setProjectRoot(root: string | undefined): void {
  current = root;
}

/** The project's folder: what was set, else what is found from the working directory, else that directory itself. */
export function projectRoot(): string {
  return current ?? findProjectRoot() ?? process.cwd();
}
