/** `npm run check`: types, lint and format, layers, build; all of them, side by side, then a table. */
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const require = createRequire(import.meta.url);

/** Cycles are found by Biome's noImportCycles. The build also reports types that cannot be written to a .d.ts file. */
const tsc = join(dirname(require.resolve("typescript/package.json")), "bin", "tsc");
const steps = {
  types: [tsc, "-p", "tsconfig.json"],
  "types of the library": [tsc, "-p", "test/projects/library"],
  "types of the benchmarks": [tsc, "-p", "bench", "--noEmit"],
  "lint, format, cycles": [require.resolve("@biomejs/biome/bin/biome"), "ci", "--colors=off", "--max-diagnostics=100"],
  layers: [".ci/layers.mjs"],
  build: [".ci/build.mjs"],
};

const results = await Promise.all(Object.entries(steps).map(([name, command]) => run(name, command)));
for (const { name, output } of results.filter(({ ok }) => !ok)) console.error(`── ${name} ──\n${output.trim()}\n`);
for (const { name, ok, seconds } of results) {
  console.log(`${name.padEnd(22)} ${ok ? "ok    " : "FAILED"} ${seconds.toFixed(1).padStart(6)} s`);
}
process.exitCode = results.every(({ ok }) => ok) ? 0 : 1;

/**
 * @param {string} name
 * @param {string[]} command a script of node's and its arguments
 * @returns {Promise<{ name: string, ok: boolean, seconds: number, output: string }>}
 */
function run(name, command) {
  const start = performance.now();
  const child = spawn(process.execPath, command, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
  return new Promise((resolve) => {
    child.on("close", (code) => resolve({ name, ok: code === 0, seconds: (performance.now() - start) / 1000, output }));
  });
}
