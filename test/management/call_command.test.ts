import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { callCommand } from "../../core/management/index.ts";
import { makeProject } from "../support/projects.ts";

/** A stream that keeps what was written to it. */
function capture() {
  const written: string[] = [];
  return { write: (text: string) => written.push(text), text: () => written.join("") };
}

test("a command runs from code, with arguments, options and streams of the caller's", async (t) => {
  const project = makeProject(t, {});
  const stdout = capture();
  await callCommand("startproject", ["blog", "--no-auth"], { directory: project.path("here"), stdout });
  assert.match(stdout.text(), /^Created /);
  assert.ok(existsSync(project.path("here/settings.ts")));
});

test("what goes wrong is thrown, with its hint", async () => {
  await assert.rejects(callCommand("startproject", ["Not A Name"]), { name: "CommandError", hint: /my-api/ });
  await assert.rejects(callCommand("startproject", ["x", "--nope"]), {
    code: "usage",
    message: "Unknown option '--nope'.",
  });
  await assert.rejects(callCommand("starproject"), { code: "unknown_command", message: /Did you mean startproject\?/ });
});
