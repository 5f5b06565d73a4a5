import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The checkout's folder. */
export const root = fileURLToPath(new URL("..", import.meta.url));

/** Makes a fresh clone ready: runs `npm ci` where nothing was installed yet, and ends the process if that fails. */
export function installIfNeeded() {
  if (existsSync(new URL("../node_modules", import.meta.url))) return;
  console.log("Nothing is installed yet: running npm ci …");
  // npm is a script for a shell on Windows.
  const { status } = spawnSync("npm", ["ci"], { cwd: root, stdio: "inherit", shell: process.platform === "win32" });
  if (status !== 0) process.exit(status ?? 1);
}
