// What the README and docs/ show is checked: TypeScript by the compiler and, where it is marked so, by running it; shell
// by bash's parser and the commands it names; JSON by parsing it. What may follow ```ts:
//   run                  executed on a fresh SQLite database; each `// => value` is compared with what is printed
//   continues            goes on in the file of the snippet before it
//   no-check (reason)    left out, and why; also for bash and json
// A first line `// posts/models.ts` names the file, so that the page's other snippets can import it.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { createSqliteDatabase } from "../support/databases.ts";
import { makeProject, type Project, register, root, run } from "../support/projects.ts";
import { findSnippets, normalize, readExpectations, type Snippet } from "./markdown.ts";

/** Other names of the languages, under which a snippet would slip past the checks. */
const otherNames: Record<string, string> = { typescript: "ts", js: "ts", javascript: "ts", sh: "bash", shell: "bash" };

const pages = ["README.md", ...readdirSync(join(root, "docs")).map((name) => `docs/${name}`)].filter(
  (page) => page.endsWith(".md") && existsSync(join(root, page)),
);
const snippets = pages.flatMap((page) => findSnippets(page, readFileSync(join(root, page), "utf8")));
const checked = (language: string) =>
  snippets.filter((snippet) => snippet.language === language && !snippet.info.startsWith("no-check"));

test("every snippet names its language as the checks know it", () => {
  for (const { page, line, language } of snippets) {
    assert.ok(language, `${page}:${line}: name the language, or write \`\`\`text`);
    assert.ok(!otherNames[language], `${page}:${line}: write \`\`\`${otherNames[language]}`);
  }
});

test("no snippet goes unchecked without a reason", () => {
  for (const { page, line, info } of snippets.filter(({ info }) => info.startsWith("no-check"))) {
    assert.match(info, /^no-check \(.{10,}\)$/, `${page}:${line}: write why: no-check (reason)`);
  }
});

test("JSON snippets parse", () => {
  for (const { page, line, code } of checked("json")) assert.doesNotThrow(() => JSON.parse(code), `${page}:${line}`);
});

test("shell snippets parse, and name scripts and commands that exist", async () => {
  const scripts = ["package.json", "project_template/package.json"].flatMap(scriptsOf);
  const commands = new Map<string, string>();
  for (const { page, line, code } of checked("bash")) {
    const { stderr } = await run("bash", ["-n", "-c", code], { cwd: root });
    assert.equal(stderr, "", `${page}:${line}`);
    for (const [, name = ""] of code.matchAll(/\bnpm run ([\w:-]+)/g)) {
      assert.ok(scripts.includes(name), `${page}:${line}: there is no script "${name}"`);
    }
    for (const [, name = ""] of code.matchAll(/\bnpx core(?:-framework)? ([a-z]\w*)/g))
      commands.set(name, `${page}:${line}`);
  }
  // These two are words of the command line itself.
  for (const name of ["help", "version"]) commands.delete(name);
  for (const [name, place] of commands) {
    const { code, stderr } = await run(process.execPath, ["bin/core.mjs", name, "--help"], { cwd: root });
    assert.equal(code, 0, `${place}: core ${name}: ${stderr}`);
  }
});

test("TypeScript snippets type-check", async (t) => {
  const project = makeSnippetProject(t);
  for (const [file, { code }] of arrange(checked("ts"))) project.write({ [file]: code });
  const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin", "tsc");
  const { stdout } = await run(process.execPath, [tsc, "-p", "tsconfig.json"], { cwd: project.folder });
  // What is wrong in core/ itself is for `npm run check` to say.
  const mistakes = stdout.split("\n").filter((line) => line.includes(": error TS") && !line.startsWith(".."));
  // The files have the line numbers of their page, and lie in a folder with its name.
  const places = mistakes.map((line) => line.replace(/^((?:docs\/)?[\w-]+\.md)\/[^(]+\((\d+),\d+\)/, "$1:$2"));
  assert.deepEqual(places, []);
});

for (const [file, { snippet }] of arrange(checked("ts"))) {
  if (!/\brun\b/.test(snippet.info)) continue;
  test(`the example of ${snippet.page}, line ${snippet.line}, prints what it says`, async (t) => {
    const project = makeSnippetProject(t);
    const samePage = arrange(checked("ts").filter(({ page }) => page === snippet.page));
    for (const [path, { code }] of samePage)
      project.write({ [path]: path === file ? readExpectations(code).code : code });
    const database = await createSqliteDatabase();
    t.after(database.drop);
    const env = { DATABASE_URL: database.url, SECRET_KEY: "only for this example" };
    const cwd = project.path(snippet.page);
    const { code, stdout, stderr } = await run(process.execPath, ["--import", register, project.path(file)], {
      cwd,
      env,
    });
    assert.equal(code, 0, stderr);
    const printed = stdout.split("\n").map(normalize).filter(Boolean);
    assert.deepEqual(printed, readExpectations(samePage.get(file)?.code ?? "").printed);
  });
}

/**
 * Puts snippets into files: `<page>/<name>`, each on the lines that it has in its page.
 *
 * @returns by file, its code and its first snippet
 */
function arrange(all: Snippet[]): Map<string, { code: string; snippet: Snippet }> {
  const files = new Map<string, { code: string; snippet: Snippet }>();
  let last = "";
  for (const snippet of all) {
    if (!/\bcontinues\b/.test(snippet.info)) last = fileOf(snippet, files);
    const { code, snippet: first } = files.get(last) ?? { code: "", snippet };
    const above = "\n".repeat(snippet.line - code.split("\n").length);
    files.set(last, { code: code + above + snippet.code, snippet: first });
  }
  return files;
}

function fileOf({ page, line, code }: Snippet, taken: Map<string, unknown>): string {
  const name = /^\/\/ ([\w./-]+)\.ts\b/.exec(code)?.[1];
  const file = `${page}/${name ?? `line_${line}`}`;
  return taken.has(`${file}.ts`) ? `${file}_${line}.ts` : `${file}.ts`;
}

/** A project with the checkout's packages, in which `core-framework` is the checkout's source. */
function makeSnippetProject(t: TestContext): Project {
  const { compilerOptions } = JSON.parse(readFileSync(join(root, "tsconfig.json"), "utf8"));
  const paths = Object.entries<string[]>(compilerOptions.paths).map(([name, [path]]) => [name, [join(root, path!)]]);
  const options = { ...compilerOptions, paths: Object.fromEntries(paths), moduleDetection: "force", checkJs: false };
  const project = makeProject(t, { "tsconfig.json": JSON.stringify({ compilerOptions: options, include: ["."] }) });
  rmSync(project.path("node_modules"), { recursive: true });
  symlinkSync(join(root, "node_modules"), project.path("node_modules"));
  return project;
}

function scriptsOf(manifest: string): string[] {
  const path = join(root, manifest);
  return existsSync(path) ? Object.keys(JSON.parse(readFileSync(path, "utf8")).scripts ?? {}) : [];
}
