import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { locateApp } from "../apps/locate.ts";
import { findModuleFile } from "../utils/module_loading.ts";

/** A command that was found by its file, which has not been loaded. */
export interface CommandFile {
  name: string;
  file: string;
  /** Who has it: `core`, an app's label, or `project`. */
  owner: string;
}

const BUILT_IN = fileURLToPath(new URL("./commands/", import.meta.url));

/** Short names that are taken unless a command is called so. */
export const ALIASES: Readonly<Record<string, string>> = { init: "startproject", run: "runserver" };

/** Where commands are looked for: the folder of an app, and its label. */
export interface CommandFolder {
  label: string;
  path: string;
}

/**
 * Every command by its name. Apps replace built-in commands, the first in `INSTALLED_APPS` the others, as in Django; the
 * project's own replace them all.
 */
export function findCommands(root: string | undefined, folders: readonly CommandFolder[]): Map<string, CommandFile> {
  const found = [
    ...commandsIn(BUILT_IN, "core"),
    ...folders.toReversed().flatMap(({ path, label }) => commandsIn(join(path, "management", "commands"), label)),
    ...(root ? commandsIn(join(root, "management", "commands"), "project") : []),
  ];
  return new Map(found.map((command) => [command.name, command]));
}

function commandsIn(folder: string, owner: string): CommandFile[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /^[a-z]\w*\.m?[jt]s$/i.test(name))
    .sort()
    .map((name) => ({ name: name.replace(/\.m?[jt]s$/, ""), file: join(folder, name), owner }));
}

/** What the text of the settings says about the apps. */
export interface InstalledAppsText {
  folders: CommandFolder[];
  /** False where the list is not written out, so that only running the settings can tell. */
  complete: boolean;
}

/**
 * Reads `INSTALLED_APPS` from the text of the settings: `core --help` must be quick, and must work while something in the
 * settings is wrong.
 */
export function readInstalledApps(root: string, settings = "settings"): InstalledAppsText {
  const file = findModuleFile(join(root, settings));
  if (file === undefined) return { folders: [], complete: true };
  const text = readFileSync(file, "utf8").replace(/\/\*[\s\S]*?\*\/|(?<=^|[\s,[])\/\/.*$/gm, "");
  const list = /\bINSTALLED_APPS["']?\s*:\s*\[([^\]]*)\]/.exec(text)?.[1];
  const entries = [...(list ?? "").matchAll(/(["'`])([^"'`$]+)\1/g)].map(([, , entry]) => entry);
  const rest = (list ?? "?").replace(/(["'`])[^"'`$]+\1/g, "").replace(/[\s,]/g, "");
  return { folders: entries.flatMap((entry) => tryLocate(entry, root)), complete: rest === "" };
}

function tryLocate(entry: string, root: string): CommandFolder[] {
  try {
    return [locateApp(entry, root)];
  } catch {
    return []; // Running the settings will report it.
  }
}
