// What a new user does, with nothing but the package: a project, an app, the lines of the README, a served API.
import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { findSnippets } from "../docs/markdown.ts";
import { createPostgresDatabase } from "../support/databases.ts";
import { supportedNodes } from "../support/node_versions.ts";
import { makeProject, type Project, root, run } from "../support/projects.ts";
import { requirePostgres } from "../support/services.ts";
import { type Served, serve } from "./served.ts";

const postgres = await requirePostgres();
/** The command as a project has it. */
const command = "node_modules/core-framework/bin/core.mjs";
const cleanups: (() => void | Promise<void>)[] = [];
let tools: Project;
let blog: string;

/** better-sqlite3 is compiled when it is installed, which takes minutes; it takes the checkout's own build from a folder. */
async function packNativeDriver(folder: string): Promise<Record<string, string>> {
  const driver = join(root, "node_modules/better-sqlite3");
  const { version } = JSON.parse(readFileSync(join(driver, "package.json"), "utf8"));
  mkdirSync(folder);
  const name = `better-sqlite3-v${version}-node-v${process.versions.modules}-${process.platform}-${process.arch}.tar.gz`;
  await ok("tar", ["-czf", join(folder, name), "build/Release/better_sqlite3.node"], driver);
  return { npm_config_better_sqlite3_local_prebuilds: folder };
}

async function ok(file: string, args: string[], cwd: string, env: Record<string, string> = {}): Promise<string> {
  const { code, stdout, stderr } = await run(file, args, {
    cwd,
    env: { CORE_FRAMEWORK_SPEC: undefined, DATABASE_URL: undefined, ...env },
  });
  assert.equal(code, 0, `${file} ${args.join(" ")}\n${stdout}\n${stderr}`);
  return stdout;
}

/** The README's four blocks, by the file that each belongs to. */
function readmeBlocks(): Map<string, string> {
  const snippets = findSnippets("README.md", readFileSync(join(root, "README.md"), "utf8"));
  const blocks = snippets.flatMap(({ info, code }) => {
    const file = /^no-check \((apps\/posts\/\w+\.ts)/.exec(info)?.[1];
    return file ? [[file, code] as const] : [];
  });
  return new Map(blocks);
}

before(async () => {
  tools = makeProject({ after: (cleanup) => void cleanups.push(cleanup as () => void) }, {});
  const native = await packNativeDriver(tools.path("prebuilds"));
  await ok(process.execPath, [".ci/build.mjs"], root);
  await ok("npm", ["pack", "--ignore-scripts", "--pack-destination", tools.folder], root);
  const tarball = tools.path(readdirSync(tools.folder).find((name) => name.endsWith(".tgz")) as string);
  await ok("npm", ["install", "--no-audit", "--no-fund", tarball], tools.folder, native);
  await ok("npx", ["core", "startproject", "blog", "--noinput", "--no-auth", "--no-docker"], tools.folder, {
    CORE_FRAMEWORK_SPEC: `file:${tarball}`,
  });
  blog = tools.path("blog");
  await ok("npm", ["install", "--no-audit", "--no-fund"], blog, native);
  await ok("npm", ["install", "--no-audit", "--no-fund", "pg", "typescript"], blog, native);
  await ok("npx", ["core", "startapp", "posts"], blog);
  for (const [file, code] of readmeBlocks()) appendFileSync(join(blog, file), code);
  await ok("npx", ["core", "makemigrations"], blog);
});

test("model, schema, viewset and route take at most fifteen lines", () => {
  const blocks = readmeBlocks();
  assert.deepEqual(
    [...blocks.keys()].sort(),
    ["models", "routes", "schemas", "views"].map((name) => `apps/posts/${name}.ts`),
  );
  const lines = [...blocks.values()].flatMap((code) => code.split("\n").filter((line) => line.trim() !== ""));
  assert.ok(lines.length <= 15, `${lines.length} lines`);
});

test("what startapp and the README wrote type-checks", async () => {
  await ok("npx", ["tsc", "--noEmit"], blog);
});

/** One request and its answer, with what differs from run to run replaced. */
async function exchange(served: Served, method: string, path: string, body?: unknown): Promise<unknown> {
  const init =
    body === undefined
      ? { method }
      : {
          method,
          body: typeof body === "string" ? body : JSON.stringify(body),
          headers: { "Content-Type": "application/json" },
        };
  const response = await fetch(served.url + path, init);
  const text = (await response.text()).replaceAll(served.url, "").replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "<time>");
  return {
    request: [method, path, body],
    status: response.status,
    type: response.headers.get("content-type"),
    allow: response.headers.get("allow"),
    text,
  };
}

type Step = [status: number, method: string, path: string, body?: unknown];

const life: Step[] = [
  [200, "GET", "/api/posts/"],
  [201, "POST", "/api/posts/", { title: "Hello", stars: 3 }],
  [201, "POST", "/api/posts/", { title: 'Ünïcode 📚 "quoted"' }],
  [200, "GET", "/api/posts/"],
  [200, "GET", "/api/posts/1/"],
  [200, "PUT", "/api/posts/1/", { title: "Hello again", stars: 4 }],
  [200, "PATCH", "/api/posts/1/", { stars: 5 }],
  [400, "POST", "/api/posts/", {}],
  [400, "POST", "/api/posts/", { title: "Hello again" }],
  [400, "POST", "/api/posts/", { title: "Hello again", stars: "many" }],
  [400, "POST", "/api/posts/", { title: "x".repeat(201), stars: 1.5 }],
  [400, "POST", "/api/posts/", { title: null, stars: null }],
  [400, "POST", "/api/posts/", { title: ["a"], stars: { a: 1 } }],
  [400, "POST", "/api/posts/", { title: "big", stars: 3_000_000_000 }],
  [400, "POST", "/api/posts/", { title: "nul \u0000" }],
  [400, "PATCH", "/api/posts/2/", { title: "Hello again" }],
  [400, "POST", "/api/posts/", "[]"],
  [400, "POST", "/api/posts/", '{"title": '],
  [404, "GET", "/api/posts/99/"],
  [404, "GET", "/api/posts/word/"],
  [404, "GET", "/api/posts/99999999999999999999/"],
  [404, "GET", "/api/nothing/"],
  [405, "DELETE", "/api/posts/"],
  [204, "DELETE", "/api/posts/2/"],
  [404, "GET", "/api/posts/2/"],
];

async function live(env: Record<string, string>): Promise<unknown[]> {
  await ok("npx", ["core", "migrate"], blog, env);
  const run = () =>
    serve([command, "run", "0"], {
      cwd: blog,
      env: { DATABASE_URL: undefined, ...env },
    });
  const first = await run();
  const transcript: unknown[] = [];
  for (const [status, method, path, body] of life) {
    const answer = (await exchange(first, method, path, body)) as { status: number };
    assert.equal(answer.status, status, JSON.stringify(answer));
    transcript.push(answer);
  }
  assert.equal(await first.stop(), 0, first.output());
  const second = await run();
  transcript.push(await exchange(second, "GET", "/api/posts/"));
  assert.equal(await second.stop(), 0, second.output());
  return transcript;
}

const transcripts = new Map<string, unknown[]>();

test("the API lives through create, read, update, delete, every wrong field and a restart, on SQLite", async () => {
  const transcript = await live({});
  transcripts.set("sqlite", transcript);
  const last = transcript.at(-1) as { text: string };
  assert.match(last.text, /"count":1,.*"title":"Hello again","stars":5/);
});

test("PostgreSQL gives the same answers to the byte, by DATABASE_URL alone", { skip: postgres.skip }, async (t) => {
  const database = await createPostgresDatabase();
  t.after(() => database.drop());
  assert.deepEqual(await live({ DATABASE_URL: database.url }), transcripts.get("sqlite"));
});

for (const { version, path, skip } of (await supportedNodes()).filter((node) => !node.version.startsWith("20"))) {
  test(`Node ${version} needs nothing compiled: its own SQLite serves`, { skip }, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "core-node-"));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const env = { DATABASE_URL: `sqlite:///${join(folder, "db.sqlite3")}` };
    const migrated = await run(path, [command, "migrate"], { cwd: blog, env });
    assert.equal(migrated.code, 0, migrated.stderr);
    const served = await serve([command, "run", "0"], { cwd: blog, env, node: path });
    const created = (await exchange(served, "POST", "/api/posts/", { title: "Hello" })) as { status: number };
    const twice = (await exchange(served, "POST", "/api/posts/", { title: "Hello" })) as { status: number };
    assert.deepEqual([created.status, twice.status], [201, 400], served.output());
    assert.equal(await served.stop(), 0);
  });
}

after(async () => {
  for (const cleanup of cleanups) await cleanup();
});
