import assert from "node:assert/strict";
import { test } from "node:test";
import { makeProject } from "../support/projects.ts";
import { core, plainSettings } from "./cli.ts";

const greet = `
import { BaseCommand, CommandError } from "core-framework/management";

export default class extends BaseCommand<{ times: string; loud?: boolean }> {
  override help = "Greets people.";
  override requiresSetup = false;
  override addArguments(command) {
    command.argument("<names...>").option("--times <n>", "how often", "1").option("--very-loud");
  }
  override handle(options, ...names) {
    if (names.includes("nobody")) throw new CommandError("There is nobody.", { hint: "Name someone.", returnCode: 3 });
    if (names.includes("bug")) throw new TypeError("unforeseen");
    if (names.includes("file")) require("node:fs");
    this.stdout.success(JSON.stringify([names, options.times, options.veryLoud ?? false, options.verbosity]));
  }
}`;
const ESCAPE = new RegExp(String.fromCharCode(27));
const failing = 'throw new Error("loaded although nobody asked for it");';

test("help lists commands by who has them, and loads none", async (t) => {
  const project = makeProject(t, {
    "settings.ts": `// INSTALLED_APPS: ["not/this"]\nexport default { INSTALLED_APPS: [\n  "apps/shop", // sells\n  'apps/gone',\n] };`,
    "apps/shop/management/commands/sell.ts": failing,
    "apps/shop/management/commands/_private.ts": failing,
    "management/commands/nightly.ts": failing,
  });
  for (const args of [["--help"], ["help"], []]) {
    const { code, stdout, stderr } = await core(project, args);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /\[core\]\n( {4}\w+\n)*? {4}check\n/);
    assert.match(stdout, /\[shop\]\n {4}sell\n\n\[project\]\n {4}nightly\n/);
    assert.doesNotMatch(stdout, /_private/);
  }
});

test("a project's own command is found by its file, from any folder of the project, and gets its options", async (t) => {
  const project = makeProject(t, {
    "settings.ts": plainSettings(),
    "management/commands/greet.ts": greet,
    "deep/er/x": "",
  });
  const run = (...args: string[]) => core({ folder: project.path("deep/er") }, args);
  assert.equal((await run("greet", "ana", "bruno", "--very-loud", "-v", "2")).stdout, '[["ana","bruno"],"1",true,2]\n');
  assert.equal((await run("-v", "0", "greet", "ana", "--times=3")).stdout, '[["ana"],"3",false,0]\n');
  const { stdout } = await run("greet", "--help");
  assert.match(stdout, /^Usage: core greet \[options\] <names\.\.\.>\n\nGreets people\./);
  assert.equal((await run("help", "greet")).stdout, stdout);
});

test("an error is one sentence and a hint on stderr; its stack is for --traceback", async (t) => {
  const project = makeProject(t, { "settings.ts": plainSettings(), "management/commands/greet.ts": greet });
  assert.deepEqual(await core(project, ["greet", "nobody"]), {
    code: 3,
    stdout: "",
    stderr: "Error: There is nobody.\nHint: Name someone.\n",
  });
  const { code, stderr } = await core(project, ["greet", "nobody", "--traceback"]);
  assert.equal(code, 3);
  assert.match(stderr, /CommandError: There is nobody\.\n\s+at .*greet\.ts:11:/);
});

test("an error that nobody foresaw keeps its stack", async (t) => {
  const project = makeProject(t, { "settings.ts": plainSettings(), "management/commands/greet.ts": greet });
  const { code, stderr } = await core(project, ["greet", "bug"]);
  assert.equal(code, 1);
  assert.match(stderr, /^TypeError: unforeseen\n\s+at .*greet\.ts:12:/);
});

test("wrong usage says what is wrong with it", async (t) => {
  const project = makeProject(t, { "settings.ts": plainSettings(), "management/commands/greet.ts": greet });
  const expected = {
    "gret ana": "Unknown command: 'gret'. Did you mean greet?\nHint: Type 'core help' for the list.",
    banana: "Unknown command: 'banana'.\nHint: Type 'core help' for the list.",
    inti: "Unknown command: 'inti'. Did you mean init?\nHint: Type 'core help' for the list.",
    "greet ana --lound": "Unknown option '--lound'.\nHint: 'core help greet' shows what it takes.",
    "greet ana --very-lod": "Unknown option '--very-lod'.\nHint: Did you mean --very-loud?",
    greet: "Missing required argument 'names'.\nHint: 'core help greet' shows what it takes.",
    "--tracback greet": "Unknown option: '--tracback'.\nHint: Did you mean --traceback?",
    "greet ana -v 9":
      "Option '-v, --verbosity <level>' argument '9' is invalid. It must be 0, 1, 2 or 3.\nHint: 'core help greet' shows what it takes.",
  };
  for (const [line, message] of Object.entries(expected)) {
    const { code, stderr } = await core(project, line.split(" "));
    assert.equal(stderr, `Error: ${message}\n`);
    assert.equal(code, 1);
  }
});

test("colours are for terminals, unless they are forced", async (t) => {
  const project = makeProject(t, { "settings.ts": plainSettings(), "management/commands/greet.ts": greet });
  assert.doesNotMatch((await core(project, ["greet", "ana"])).stdout, ESCAPE);
  assert.match((await core(project, ["greet", "ana", "--force-color"])).stdout, ESCAPE);
});

test("manage.ts does what core does, for its own project, from anywhere", async (t) => {
  const project = makeProject(t, {
    "settings.ts": plainSettings(),
    "management/commands/greet.ts": greet,
    "manage.ts": 'import { execute } from "core-framework/management";\nawait execute(import.meta, process.argv);\n',
  });
  const { register, run } = await import("../support/projects.ts");
  const args = ["--import", register, project.path("manage.ts")];
  const ok = await run(process.execPath, [...args, "greet", "ana"], { cwd: "/" });
  assert.deepEqual([ok.code, ok.stdout], [0, '[["ana"],"1",false,1]\n'], ok.stderr);
  assert.equal((await run(process.execPath, [...args, "greet", "nobody"], { cwd: "/" })).code, 3);
});

test("an app's command replaces a built-in one, and the first app's comes first", async (t) => {
  const say = (text: string) => `
    import { BaseCommand } from "core-framework/management";
    export default class extends BaseCommand { requiresSetup = false; handle() { this.stdout.write("${text}"); } }`;
  const project = makeProject(t, {
    "settings.ts":
      'const more = ["apps/two"];\nexport default { SECRET_KEY: "x", INSTALLED_APPS: ["apps/one", ...more] };',
    "apps/one/management/commands/check.ts": say("one"),
    "apps/two/management/commands/check.ts": say("two"),
    "apps/two/management/commands/only.ts": say("found by running the settings"),
  });
  assert.equal((await core(project, ["check"])).stdout, "one\n");
  assert.equal((await core(project, ["only"])).stdout, "found by running the settings\n");
});

test("outside a project, and with settings that are not there, the sentence says so", async (t) => {
  const project = makeProject(t, {});
  assert.match(
    (await core(project, ["check"])).stderr,
    /^Error: There is no project here: no settings\.ts in .*\nHint: .*core startproject NAME\n$/,
  );
  project.write({ "settings.ts": plainSettings(), "nothing.ts": "export const x = 1;" });
  assert.match(
    (await core(project, ["check", "--settings", "settings.prod"])).stderr,
    /The settings module "settings\.prod" does not exist/,
  );
  assert.match(
    (await core(project, ["check"], { CORE_SETTINGS_MODULE: "nothing" })).stderr,
    /nothing\.ts has no default export/,
  );
});

test("everything that is wrong with the settings is reported at once, without a stack", async (t) => {
  const project = makeProject(t, {
    "settings.ts": plainSettings({ INSTALED_APPS: [], DEBUG: "yes", REST_FRAMEWORK: { PAGE_SIZE: 0 } }),
  });
  const { code, stderr } = await core(project, ["check"]);
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^Error: The settings have 3 problems:\n {2}\(settings\.E001\) Unknown setting INSTALED_APPS\.\n {4}Hint: Did you mean INSTALLED_APPS\?\n/,
  );
  assert.doesNotMatch(stderr, /\n\s+at /);
});

test("check runs the checks; --deploy adds those of a deployment, and --fail-level decides the exit code", async (t) => {
  const project = makeProject(t, { "settings.ts": plainSettings() });
  assert.deepEqual(await core(project, ["check"]), {
    code: 0,
    stdout: "System check identified no issues (0 silenced).\n",
    stderr: "",
  });
  const mild = await core(project, ["check", "--deploy"]);
  assert.equal(mild.code, 0);
  assert.match(mild.stderr, /WARNINGS:\n\?: \(security\.W009\) SECRET_KEY is too short/);
  const failing = await core(project, ["check", "--deploy", "--fail-level", "WARNING"]);
  assert.equal(failing.code, 1);
  assert.match(failing.stderr, /identified 2 issues \(0 silenced\)\.\n$/);
  const json = JSON.parse((await core(project, ["check", "--deploy", "--json"])).stdout);
  assert.deepEqual(
    json.map(({ id }: { id: string }) => id),
    ["security.W009", "security.W020"],
  );
  assert.match((await core(project, ["check", "nope"])).stderr, /No installed app has the label "nope"/);
});

test("a weak secret key does not start in production", async (t) => {
  const project = makeProject(t, { "settings.ts": plainSettings() });
  const { code, stdout, stderr } = await core(project, ["run"], { NODE_ENV: "production" });
  assert.deepEqual([code, stdout], [1, ""]);
  assert.match(
    stderr,
    /^Error: \(settings\.E005\) SECRET_KEY is too short: 1 of at least 50 characters, and NODE_ENV is production\.\nHint: .*\n$/,
  );
});

test("the shell runs code with the project at hand", async (t) => {
  const project = makeProject(t, {
    "settings.ts": plainSettings({ DEBUG: true }),
    "lib.js": "export const answer = 42;",
  });
  const { stdout, stderr } = await core(project, [
    "shell",
    "-c",
    'console.log(settings.DEBUG, (await import("./lib.js")).answer)',
  ]);
  assert.equal(stdout, "true 42\n", stderr);
});

test("test runs the tests of the project and of its apps", async (t) => {
  const file = (name: string, body = "") => `import { test } from "node:test";\ntest("${name}", () => { ${body} });\n`;
  const project = makeProject(t, {
    "settings.ts": plainSettings({ INSTALLED_APPS: ["apps/shop"] }),
    "test/whole.test.ts": file("whole project", 'if (process.env.NODE_ENV !== "test") throw new Error("NODE_ENV")'),
    "apps/shop/test/deep/shop.test.ts": file("in the shop"),
    "apps/shop/test/helper.ts": failing,
  });
  const all = await core(project, ["test"]);
  assert.equal(all.code, 0, all.stdout);
  assert.match(all.stdout, /whole project[\s\S]*in the shop|in the shop[\s\S]*whole project/);
  assert.doesNotMatch((await core(project, ["test", "shop"])).stdout, /whole project/);
  project.write({ "test/bad.test.ts": file("bad", 'throw new Error("no")') });
  const failed = await core(project, ["test"]);
  assert.deepEqual([failed.code, failed.stderr], [1, "Error: Tests failed.\n"]);
  assert.match((await core(project, ["test", "nope"])).stderr, /"nope" is neither an installed app nor a file/);
});
