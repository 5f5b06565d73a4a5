import { join } from "node:path";
import type { Project, Result } from "../support/projects.ts";
import { root, run } from "../support/projects.ts";

/** Runs `core` as a user does, in a project's folder. Nothing of this environment's database or secret gets in. */
export function core(
  project: Pick<Project, "folder">,
  args: string[],
  env: Record<string, string | undefined> = {},
): Promise<Result> {
  const clean = {
    DATABASE_URL: undefined,
    SECRET_KEY: undefined,
    DEBUG: undefined,
    NODE_ENV: undefined,
    CORE_SETTINGS_MODULE: undefined,
  };
  return run(process.execPath, [join(root, "bin/core.mjs"), ...args], {
    cwd: project.folder,
    env: { ...clean, ...env },
  });
}

/** Settings that import nothing, for tests of what is around them. */
export const plainSettings = (values: object = {}): string =>
  `export default ${JSON.stringify({ SECRET_KEY: "x", ...values })};\n`;
