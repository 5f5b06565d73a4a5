import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";

/** The files that give variables, the strongest first. */
function envFiles(root: string): string[] {
  const mode = process.env.NODE_ENV;
  const names = mode ? [`.env.${mode}.local`, ".env.local", `.env.${mode}`, ".env"] : [".env.local", ".env"];
  return names.map((name) => join(root, name)).filter((file) => existsSync(file));
}

let loaded: { root: string; names: string[] } | undefined;

/**
 * Reads `.env`, `.env.<NODE_ENV>` and their `.local` variants into `process.env`, once per folder. What the environment
 * already has stays: a container's variables are stronger than any file.
 */
export function loadEnvFiles(root: string): void {
  if (loaded?.root === root) return;
  unloadEnvFiles();
  const names: string[] = [];
  for (const file of envFiles(root)) {
    for (const [name, value] of Object.entries(parseEnv(readFileSync(file, "utf8")))) {
      if (process.env[name] !== undefined) continue;
      process.env[name] = value;
      names.push(name);
    }
  }
  loaded = { root, names };
}

/** Takes back what {@link loadEnvFiles} added, so that a child process or another project starts from the real environment. */
export function unloadEnvFiles(): void {
  for (const name of loaded?.names ?? []) delete process.env[name];
  loaded = undefined;
}
