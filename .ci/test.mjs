/**
 * `npm test [-- PATH …] [--FLAG …]`: all tests, or those whose path contains one of the given texts; flags go to node.
 *
 * Tests of a service that cannot be reached are skipped and counted; with CI=true they fail.
 */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { installIfNeeded, root } from "./install.mjs";

installIfNeeded();
const given = process.argv.slice(2);
const flags = given.filter((argument) => argument.startsWith("-"));
const filters = given.filter((argument) => !argument.startsWith("-")).map((filter) => filter.replace(/^\.\//, ""));
const files = testFiles().filter((file) => filters.length === 0 || filters.some((filter) => file.includes(filter)));

if (files.length === 0) {
  console.error(`No test file matches ${filters.join(", ") || "test/**/*.test.ts"}.`);
  process.exitCode = 1;
} else {
  // Node's default leaves one core idle, which on two cores is half of them.
  const concurrency = `--test-concurrency=${Math.min(availableParallelism(), 8)}`;
  const runner = ["--import", "./core/register/index.mjs", "--test", concurrency, "--test-reporter=spec"];
  const { status } = spawnSync(process.execPath, [...runner, ...flags, ...files], { cwd: root, stdio: "inherit" });
  process.exitCode = status ?? 1;
}

/** Found here because Node 20 takes no patterns. */
function testFiles() {
  return readdirSync(join(root, "test"), { recursive: true, encoding: "utf8" })
    .map((path) => join("test", path))
    .filter((path) => path.endsWith(".test.ts") && !path.includes("node_modules"))
    .sort();
}
