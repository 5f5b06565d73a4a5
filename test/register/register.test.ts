import assert from "node:assert/strict";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { supportedNodes } from "../support/node_versions.ts";
import { makeProject, type Project, register, root, run } from "../support/projects.ts";
import { describeUnless } from "../support/services.ts";

const cachePath = "node_modules/.cache/core-framework";

/** Line 7 fails; what stands above it makes the compiled file's lines differ from the source's. */
const failing = {
  "main.ts": `interface Options {
  depth: number;
}
import { fail } from "./fail.ts";

const options: Options = { depth: 3 };
fail(options.depth);
`,
  "fail.ts": `type Depth =
  | number
  | undefined;

export function fail(depth: Depth): never {
  // a comment
  throw new TypeError(\`too deep: \${depth}\`);
}
`,
};

/** The native part of swc is a shared object of the process, whichever thread loaded it. */
const loadedSwc = `
const { sharedObjects } = process.report.getReport() as unknown as { sharedObjects: string[] };
console.log("swc", sharedObjects.some((path) => path.includes("swc")) ? "loaded" : "not loaded");
`;

const damages: Record<string, (text: string) => string> = {
  "is empty": () => "",
  "is cut off": (text) => text.slice(0, text.length / 2),
  "was changed": (text) => text.replace("not loaded", "never loaded"),
  "is of another compiler": (text) => text.replace(/^\/\/ \S+/, "// another-key"),
};

for (const { version, path: node, skip } of await supportedNodes()) {
  describeUnless(`Node.js ${version}`, skip, () => {
    const start = (project: Project, file: string, env?: Record<string, string>) =>
      run(node, ["--import", register, file], { cwd: project.folder, env });

    test("a stack trace names the TypeScript file and line, cold and cached", async (t) => {
      const project = makeProject(t, failing);
      for (const state of ["cold", "cached"]) {
        const { code, stderr } = await start(project, "main.ts");
        assert.equal(code, 1, state);
        assert.match(stderr, /TypeError: too deep: 3/, state);
        assert.ok(stderr.includes(`at fail (${project.path("fail.ts")}:7:9)`), `${state}: ${stderr}`);
        assert.ok(stderr.includes(`${project.path("main.ts")}:7:1)`), `${state}: ${stderr}`);
        assert.ok(stderr.startsWith(`${project.path("fail.ts")}:7\n  throw new TypeError(`), `${state}: ${stderr}`);
      }
      assert.deepEqual(readdirSync(project.path(cachePath)).sort(), ["fail.ts.mjs", "main.ts.mjs"]);
    });

    test("swc is loaded to compile and not loaded on a cache hit", async (t) => {
      const project = makeProject(t, { "main.ts": loadedSwc });
      assert.equal((await start(project, "main.ts")).stdout, "swc loaded\n");
      assert.equal((await start(project, "main.ts")).stdout, "swc not loaded\n");
      project.write({ "main.ts": `${loadedSwc}console.log("changed");\n` });
      assert.equal((await start(project, "main.ts")).stdout, "swc loaded\nchanged\n");
    });

    for (const [damage, change] of Object.entries(damages)) {
      test(`a cache file that ${damage} is compiled again and repaired`, async (t) => {
        const project = makeProject(t, { "main.ts": loadedSwc });
        await start(project, "main.ts");
        const cached = project.path(`${cachePath}/main.ts.mjs`);
        const good = readFileSync(cached, "utf8");
        writeFileSync(cached, change(good));
        assert.equal((await start(project, "main.ts")).stdout, "swc loaded\n");
        assert.equal(readFileSync(cached, "utf8"), good);
      });
    }

    test("a syntax error shows file, line, column and the lines around it", async (t) => {
      const project = makeProject(t, {
        "main.ts": 'import "./views.ts";\n',
        "views.ts": "const page: number = 1;\n\nexport function list() {\n\tconst size = = 2;\n}\n",
      });
      const { code, stderr } = await start(project, "main.ts");
      assert.equal(code, 1);
      const message = `SyntaxError: ${project.path("views.ts")}:4:15: Expression expected

  2 | 
  3 | export function list() {
> 4 | \tconst size = = 2;
    | \t             ^
  5 | }
`;
      assert.ok(stderr.replace("SyntaxError [Error]:", "SyntaxError:").includes(message), stderr);
    });

    test("a .js or .mjs specifier finds the TypeScript file, also from JavaScript", async (t) => {
      const project = makeProject(t, {
        "main.ts": 'import { a } from "./a.js";\nimport { b } from "./b.mjs";\nimport "./c.js";\nconsole.log(a, b);\n',
        "a.ts": 'export const a: string = "a.ts";\n',
        "a.js": 'export const a = "an outdated build";\n',
        "b.mts": 'export const b: string = "b.mts";\n',
        "c.js": 'import { d } from "./d.js";\nimport { a } from "./a.js";\nconsole.log(d, a);\n',
        "d.ts": 'export const d: string = "d.ts";\n',
      });
      assert.equal((await start(project, "main.ts")).stdout, "d.ts an outdated build\na.ts b.mts\n");
    });

    test("a missing file is named as it was imported from", async (t) => {
      const project = makeProject(t, { "main.ts": 'import "./absent.js";\n' });
      const { stderr } = await start(project, "main.ts");
      assert.match(stderr, /ERR_MODULE_NOT_FOUND/);
      assert.ok(stderr.includes(project.path("absent.js")) && stderr.includes(project.path("main.ts")), stderr);
    });

    test("legacy decorators, parameter properties, enums and declared fields mean what tsc makes of them", async (t) => {
      const project = makeProject(t, {
        "main.ts": `
const seen: string[] = [];
const field = (target: object, name: string) => void seen.push(\`\${target.constructor.name}.\${name}\`);
enum State { draft, sent = "sent" }
class Model {
  constructor() { Object.assign(this, { title: "kept" }); }
}
class Book extends Model {
  @field title!: string;
  constructor(readonly pages = 3) { super(); }
}
console.log(seen.join(), State.draft, State.sent, new Book().title, new Book().pages, Book.name);
`,
      });
      assert.equal((await start(project, "main.ts")).stdout, "Book.title 0 sent kept 3 Book\n");
    });

    test("JavaScript may register late, twice, and then import TypeScript", async (t) => {
      const project = makeProject(t, {
        "start.mjs": `
import { register } from ${JSON.stringify(register)};
register();
await import(${JSON.stringify(`${register}?another-copy`)});
const { value } = await import("./value.ts");
console.log(value);
`,
        "value.ts": "export const value: number = 5;\n",
      });
      assert.deepEqual(await run(node, ["start.mjs"], { cwd: project.folder }), { code: 0, stdout: "5\n", stderr: "" });
    });

    test("TypeScript in node_modules is left to Node, which refuses it", async (t) => {
      const project = makeProject(t, {
        "main.ts": 'import "package/index.ts";\n',
        "node_modules/package/package.json": '{ "name": "package", "type": "module" }',
        "node_modules/package/index.ts": "export const x: number = 1;\n",
      });
      const { code, stderr } = await start(project, "main.ts");
      assert.equal(code, 1);
      assert.match(stderr, /ERR_UNKNOWN_FILE_EXTENSION|ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING/);
    });

    test("a project that links a checkout gets its sources, and no second copy", async (t) => {
      const checkout = makeCheckout(t);
      const project = makeProject(t, {
        "main.ts": `
import * as linked from "core-framework";
import * as rest from "core-framework/rest";
import * as migrations from "core-framework/migrations";
import "core-framework/register";
const source = await import(${JSON.stringify(checkout.url("core/index.ts"))});
console.log(linked === source, rest.from, migrations.from);
`,
      });
      symlinkSync(checkout.folder, project.path("node_modules/core-framework"));
      // Through "exports" Node finds the compiled register; it must still choose the sources.
      const args = ["--import", "core-framework/register", "main.ts"];
      const { stdout, stderr } = await run(node, args, { cwd: project.folder });
      assert.equal(stdout, "true core/rest core/db/migrations\n", stderr);
    });
  });
}

test("without node_modules the cache lies in a folder of one's own under the temporary folder", async (t) => {
  const project = makeProject(t, { "main.ts": loadedSwc, "tmp/keep": "" });
  rmSync(project.path("node_modules"), { recursive: true });
  const start = () =>
    run(process.execPath, ["--import", register, "main.ts"], {
      cwd: project.folder,
      env: { TMPDIR: project.path("tmp") },
    });
  assert.equal((await start()).stdout, "swc loaded\n");
  assert.equal((await start()).stdout, "swc not loaded\n");
  const folder = project.path(`tmp/core-framework-${process.getuid?.() ?? "cache"}`);
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  // Somebody else could have put code there: it is not executed any more.
  cpSync(folder, `${folder}-shared`, { recursive: true });
  rmSync(folder, { recursive: true });
  mkdirSync(folder, { mode: 0o777 });
  await run("chmod", ["777", folder], { cwd: project.folder });
  cpSync(`${folder}-shared`, folder, { recursive: true });
  await run("chmod", ["777", folder], { cwd: project.folder });
  assert.equal((await start()).stdout, "swc loaded\n");
});

test("a project that cannot be written to works without a cache", async (t) => {
  const project = makeProject(t, { "main.ts": loadedSwc, "node_modules/.cache": "a file where a folder should be" });
  for (const _ of [1, 2]) {
    const { stdout } = await run(process.execPath, ["--import", register, "main.ts"], { cwd: project.folder });
    assert.equal(stdout, "swc loaded\n");
  }
});

test("a compiler that was installed without its native part is one clear sentence", async (t) => {
  const checkout = makeCheckout(t);
  rmSync(checkout.path("node_modules/@swc"));
  checkout.write({
    "node_modules/@swc/core/package.json": '{ "name": "@swc/core", "version": "0.0.0" }',
    "node_modules/@swc/core/index.js": 'throw new Error("Failed to load native binding");',
  });
  const args = ["--import", "./core/register/index.mjs", "core/index.ts"];
  const { stderr } = await run(process.execPath, args, { cwd: checkout.folder });
  assert.match(stderr, /@swc\/core cannot be loaded on \S+\. .* install without --omit=optional/);
});

/** A checkout in small: the real register beside other sources, with a compiled copy as `npm run prepare` leaves it. */
function makeCheckout(t: TestContext): Project {
  const checkout = makeProject(t, {
    "package.json": readFileSync(join(root, "package.json"), "utf8"),
    "core/index.ts": 'export const from: string = "core";\n',
    "core/rest/index.ts": 'export const from: string = "core/rest";\n',
    "core/db/migrations/index.ts": 'export const from: string = "core/db/migrations";\n',
    "dist/index.js": 'export const from = "dist";\n',
    "dist/rest/index.js": 'export const from = "dist/rest";\n',
  });
  for (const place of ["core", "dist"])
    cpSync(join(root, "core/register"), checkout.path(`${place}/register`), { recursive: true });
  symlinkSync(join(root, "node_modules/@swc"), checkout.path("node_modules/@swc"));
  return checkout;
}
