// django.utils.autoreload: the server runs in a child under `node --watch`, which starts it again when a file changes.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { unloadEnvFiles } from "../conf/dotenv.ts";

/**
 * Runs this command line again under `node --watch`, with `--noreload`, until it is stopped.
 *
 * @returns the exit code.
 */
export function runWithReloader(): Promise<number> {
  // The child reads .env itself; what it inherits would win over a changed file.
  unloadEnvFiles();
  const [node, script, ...args] = process.argv;
  const command = ["--watch", "--watch-preserve-output", ...process.execArgv, script, ...args, "--noreload"];
  const child = spawn(node, command, { stdio: "inherit" });
  // Control-C reaches the child by itself, as one of the terminal's process group; a SIGTERM does not.
  const forward = () => void child.kill("SIGTERM");
  const wait = () => {};
  process.on("SIGTERM", forward).on("SIGINT", wait);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => {
      process.off("SIGTERM", forward).off("SIGINT", wait);
      resolve(code ?? 0);
    });
  });
}

/** Tells `node --watch` about files that are read and not imported. */
export function watchEnvFiles(root: string): void {
  if (!process.env.WATCH_REPORT_DEPENDENCIES) return;
  const files = [".env", ".env.local"].map((name) => join(root, name)).filter((file) => existsSync(file));
  process.send?.({ "watch:import": files.map((file) => pathToFileURL(file).href) });
}
