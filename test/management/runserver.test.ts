import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { parseAddress } from "../../core/management/commands/runserver.ts";
import { makeProject, type Project, root } from "../support/projects.ts";
import { core } from "./cli.ts";

const files = {
  "settings.ts": `import { defineSettings, env } from "core-framework";
export default defineSettings({
  SECRET_KEY: "x",
  DEBUG: env.boolean("DEBUG", true),
  INSTALLED_APPS: ["apps/greet"],
  DATABASES: { default: env.database("DATABASE_URL", "sqlite:///db.sqlite3") },
});`,
  "apps/greet/routes.ts": `import { AllowAny, APIView, path, Response } from "core-framework/rest";
import { word } from "./word.ts";
class Greet extends APIView {
  permissionClasses = [AllowAny];
  get() { return new Response({ word }); }
}
export const urlpatterns = [path("greet", Greet)];`,
  "apps/greet/word.ts": 'export const word = "hello";',
};

/** A server that has begun to listen; what it prints is collected. */
async function start(t: TestContext, project: Project, ...options: string[]) {
  const args = [join(root, "bin/core.mjs"), "run", "0", ...options];
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined, NODE_ENV: undefined, DATABASE_URL: undefined };
  const child: ChildProcess = spawn(process.execPath, args, { cwd: project.folder, env });
  t.after(() => child.kill("SIGKILL"));
  let output = "";
  const collect = (chunk: Buffer) => {
    output += chunk;
  };
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", collect);
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  /** The address that the `count`th start printed. */
  const served = async (count = 1): Promise<string> => {
    for (let tries = 0; tries < 300; tries++) {
      const urls = [...output.matchAll(/Serving at (\S+)/g)];
      if (urls[count - 1]) return urls[count - 1][1];
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return assert.fail(`it did not start:\n${output}`);
  };
  return { child, ended, served, output: () => output };
}

test("run serves the project and stops with exit code 0", async (t) => {
  const server = await start(t, makeProject(t, files));
  const url = await server.served();
  assert.deepEqual(await (await fetch(`${url}greet/`)).json(), { word: "hello" });
  assert.match(server.output(), /Documentation at http:\/\/127\.0\.0\.1:\d+\/docs\nQuit with Control-C\.\n/);
  server.child.kill("SIGTERM");
  assert.equal(await server.ended, 0);
});

test("with --reload it starts again when a module or .env changes", async (t) => {
  const project = makeProject(t, { ...files, ".env": "DEBUG=true\n" });
  const server = await start(t, project, "--reload");
  await server.served();
  project.write({ "apps/greet/word.ts": 'export const word = "changed";' });
  const url = await server.served(2);
  assert.deepEqual(await (await fetch(`${url}greet/`)).json(), { word: "changed" });
  project.write({ ".env": "DEBUG=false\n" });
  await server.served(3);
  server.child.kill("SIGTERM");
  assert.equal(await server.ended, 0);
});

test("a port in use, an unreachable database and a wrong address are one sentence and a hint", async (t) => {
  const project = makeProject(t, files);
  const taken = createServer().listen(0, "127.0.0.1");
  t.after(() => taken.close());
  await new Promise((resolve) => taken.once("listening", resolve));
  const { port } = taken.address() as { port: number };
  const failures = [
    await core(project, ["run", String(port)]),
    await core(project, ["run", "0"], { DATABASE_URL: "postgresql://nobody:hunter2@127.0.0.1:1/none" }),
    await core(project, ["run", "prod"]),
  ];
  for (const { code, stdout, stderr } of failures) {
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, /^Error: [^\n]+\nHint: [^\n]+\n$/);
    assert.doesNotMatch(stderr, /hunter2/);
  }
  assert.match(failures[0].stderr, new RegExp(`^Error: Port ${port} on 127\\.0\\.0\\.1 is already in use\\.`));
});

test("migrations that are not applied are named before the server starts", async (t) => {
  const project = makeProject(t, {
    ...files,
    "apps/greet/migrations/0001_initial.ts":
      'import { Migration } from "core-framework/migrations";\nexport default new Migration({ operations: [] });\n',
  });
  const server = await start(t, project);
  await server.served();
  assert.match(server.output(), /1 migration is not applied, of greet\. Run: core migrate\n/);
});

test("an address is a port, a host, or both", () => {
  assert.deepEqual(parseAddress(), { host: "127.0.0.1", port: 8000 });
  assert.deepEqual(parseAddress("8080"), { host: "127.0.0.1", port: 8080 });
  assert.deepEqual(parseAddress("0.0.0.0"), { host: "0.0.0.0", port: 8000 });
  assert.deepEqual(parseAddress("0.0.0.0:8080"), { host: "0.0.0.0", port: 8080 });
  assert.deepEqual(parseAddress("[::1]:8080"), { host: "::1", port: 8080 });
  assert.deepEqual(parseAddress("my-host:80"), { host: "my-host", port: 80 });
  for (const wrong of ["prod", "99999", "host:", "1.2.3.4:x", "-1"])
    assert.throws(() => parseAddress(wrong), { name: "CommandError" });
});
