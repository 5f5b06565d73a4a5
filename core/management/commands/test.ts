import { spawn } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { BaseCommand, CommandError, type CommonOptions } from "../base.ts";
import { readInstalledApps } from "../finders.ts";

interface Options extends CommonOptions {
  namePattern?: string;
  watch?: boolean;
  reporter?: string;
}

const REGISTER = new URL("../../register/index.mjs", import.meta.url).href;

export default class extends BaseCommand<Options> {
  override help = "Runs the tests of the project and of its apps with node:test.";
  /** Each file of tests runs in a process of its own and sets the project up there. */
  override requiresSetup = false;

  override addArguments(command: Command): void {
    command
      .argument("[labels...]", "apps, folders or files; without any, test/ and the test/ of every app")
      .option("-k, --name-pattern <pattern>", "only tests whose name matches")
      .option("--watch", "run again when a file changes")
      .option("--reporter <name>", "one of node:test's: spec, dot, tap, junit");
  }

  override async handle(options: Options, ...labels: string[]): Promise<void> {
    const files = this.#files(labels);
    if (files.length === 0) {
      this.stdout.notice("There are no tests: name files like apps/users/test/login.test.ts.");
      return;
    }
    const returnCode = await runTests(files, options, this.root);
    if (returnCode !== 0) throw new CommandError("Tests failed.", { code: "tests_failed", returnCode });
  }

  #files(labels: readonly string[]): string[] {
    const { folders } = readInstalledApps(this.root, process.env.CORE_SETTINGS_MODULE);
    const own = folders.filter(({ path }) => !path.includes("node_modules") && path.startsWith(this.root));
    const everything = [join(this.root, "test"), ...own.map(({ path }) => join(path, "test"))];
    const folderOf = (label: string) => own.find((app) => app.label === label)?.path ?? this.#existing(label);
    const places = labels.length > 0 ? labels.map(folderOf) : everything.filter((place) => existsSync(place));
    return [...new Set(places.flatMap(testFiles))];
  }

  #existing(label: string): string {
    const place = resolve(label);
    if (existsSync(place)) return place;
    throw new CommandError(`"${label}" is neither an installed app nor a file or folder.`, {
      hint: "For example: core test users, core test apps/users/test/login.test.ts",
    });
  }
}

function testFiles(place: string): string[] {
  if (statSync(place).isFile()) return [place];
  const names = readdirSync(place, { recursive: true, encoding: "utf8" }).sort();
  return names
    .filter((name) => /\.test\.m?[jt]s$/.test(name) && !name.includes("node_modules"))
    .map((name) => join(place, name));
}

function runTests(files: readonly string[], options: Options, root: string): Promise<number> {
  const { namePattern, watch, reporter } = options;
  const args = [
    ...["--import", REGISTER, "--test"],
    ...(namePattern ? [`--test-name-pattern=${namePattern}`] : []),
    ...(watch ? ["--watch"] : []),
    ...(reporter ? [`--test-reporter=${reporter}`] : []),
    ...files,
  ];
  const env: NodeJS.ProcessEnv = { ...process.env, NODE_ENV: process.env.NODE_ENV ?? "test" };
  // Node's runner would take this for one of its own children and write for a machine.
  delete env.NODE_TEST_CONTEXT;
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: "inherit" });
  return new Promise((done, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => done(code ?? 1));
  });
}
