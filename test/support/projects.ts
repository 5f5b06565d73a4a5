import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

/** The checkout's folder. */
export const root = fileURLToPath(new URL("../..", import.meta.url));

/** What `--import` takes to run TypeScript with the checkout's register. */
export const register = new URL("../../core/register/index.mjs", import.meta.url).href;

/** A folder with files, removed after the test. */
export interface Project {
  folder: string;
  path(file: string): string;
  url(file: string): string;
  write(files: Record<string, string>): void;
}

/**
 * Writes a project into a temporary folder, with an empty node_modules as after an install.
 *
 * @param t the test that needs it
 * @param files contents by path
 */
export function makeProject(t: Pick<TestContext, "after">, files: Record<string, string>): Project {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "core-project-")));
  t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  const path = (file: string) => join(folder, file);
  const write = (contents: Record<string, string>) => {
    for (const [file, text] of Object.entries(contents)) {
      mkdirSync(dirname(path(file)), { recursive: true });
      writeFileSync(path(file), text);
    }
  };
  mkdirSync(path("node_modules"));
  write({ "package.json": '{ "type": "module" }\n', ...files });
  return { folder, path, url: (file) => pathToFileURL(path(file)).href, write };
}

/** How a process ended and what it printed. */
export interface Result {
  code: number;
  stdout: string;
  stderr: string;
}

/**
 * Runs a program to its end, whatever its exit code.
 *
 * @param file the program
 * @param args its arguments
 * @param options its folder, and variables on top of the present environment
 */
export function run(
  file: string,
  args: string[],
  { cwd, env }: { cwd: string; env?: Record<string, string | undefined> },
): Promise<Result> {
  return new Promise((resolve) => {
    // NODE_TEST_CONTEXT would make the child report to the test runner instead of printing.
    const options = { cwd, env: { ...process.env, NODE_TEST_CONTEXT: undefined, NODE_OPTIONS: undefined, ...env } };
    const child = execFile(file, args, { ...options, maxBuffer: 64 * 1024 * 1024 }, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode ?? 1, stdout, stderr });
    });
  });
}
