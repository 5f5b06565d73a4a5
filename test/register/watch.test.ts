import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { supportedNodes } from "../support/node_versions.ts";
import { makeProject, register } from "../support/projects.ts";
import { describeUnless } from "../support/services.ts";

const ways = {
  "registered by --import": ["--import", register, "main.ts"],
  "registered by a JavaScript file": ["start.mjs"],
};

for (const { version, path: node, skip } of await supportedNodes()) {
  describeUnless(`node --watch on Node.js ${version}`, skip, () => {
    for (const [way, args] of Object.entries(ways)) {
      test(`restarts on save, also after a file that did not compile (${way})`, async (t) => {
        const project = makeProject(t, {
          "start.mjs": `await import(${JSON.stringify(register)});\nawait import("./main.ts");\n`,
          "main.ts":
            'import { value } from "./value.js";\nconsole.log("value", value);\nsetInterval(() => {}, 1000);\n',
          "value.ts": "export const value: number = 1;\n",
        });
        const printed = watch(t, node, args, project.folder);
        await printed("value 1");
        project.write({ "value.ts": "export const value: number = 2;\n" });
        await printed("value 2");
        project.write({ "value.ts": "export const value: number = = 3;\n" });
        await printed("value.ts:1:30: Expression expected");
        project.write({ "value.ts": "export const value: number = 3;\n" });
        await printed("value 3");
      });
    }
  });
}

/** Starts node --watch; the answer waits until a text was printed, and then until the watcher has settled. */
function watch(t: TestContext, node: string, args: string[], cwd: string): (text: string) => Promise<void> {
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined };
  const child = spawn(node, ["--watch", ...args], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  t.after(() => child.kill());
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  return async (text) => {
    const deadline = performance.now() + 15_000;
    while (!output.includes(text)) {
      if (performance.now() > deadline) assert.fail(`"${text}" was not printed, but:\n${output}`);
      await sleep(20);
    }
    // The watcher gathers changes for 200 ms and forgets one that comes meanwhile.
    await sleep(500);
  };
}
