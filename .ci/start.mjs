/**
 * `npm start [-- ARGUMENTS of runserver]`: a sample project on http://127.0.0.1:8000/, with its documentation at /docs.
 *
 * On a fresh clone it installs, and writes the project to `.sample/`, which is git-ignored and yours to change: later
 * starts keep it. Delete the folder to begin anew.
 */
import { spawnSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { installIfNeeded, root } from "./install.mjs";

const command = join(root, "bin", "core.mjs");
const sample = join(root, ".sample");

installIfNeeded();
if (!existsSync(sample)) makeSample();
core(sample, "migrate");

// The server takes over this process, so that it gets the signals that npm passes on.
process.chdir(sample);
process.argv = [process.execPath, command, "runserver", ...process.argv.slice(2)];
await import("../bin/core.mjs");

function makeSample() {
  // Half a project would be taken for a whole one at the next start.
  process.once("exit", removeSample);
  core(root, "startproject", "sample", "--directory", sample, "--noinput", "--apps", "notes", "--example", "-v", "0");
  core(sample, "makemigrations", "-v", "0");
  process.off("exit", removeSample);
}

function removeSample() {
  rmSync(sample, { recursive: true, force: true });
}

/**
 * Runs a command to its end, and ends with it if it fails.
 *
 * @param {string} cwd
 * @param {string[]} args
 */
function core(cwd, ...args) {
  const { status } = spawnSync(process.execPath, [command, ...args], { cwd, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
