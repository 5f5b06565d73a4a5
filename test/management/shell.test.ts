import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { after, before, test } from "node:test";
import { apps, connections, setup } from "core-framework";
import { Group } from "core-framework/auth";
import { callCommand } from "core-framework/management";
import { runPrompt, withoutBuiltIns } from "../../core/management/shell/prompt.ts";
import { SqlEcho } from "../../core/management/shell/sql_echo.ts";
import { createSqliteDatabase, type TestDatabase } from "../support/databases.ts";
import { makeProject, type Result, root, run } from "../support/projects.ts";
import { core, plainSettings } from "./cli.ts";

let database: TestDatabase;
before(async () => {
  database = await createSqliteDatabase();
  process.env.DATABASE_URL = database.url;
  await setup({ root: join(root, "test/projects/library") });
  await callCommand("migrate", [], { verbosity: 0 });
  await callCommand("loaddata", [join(root, "test/fixtures/library.json")], { verbosity: 0 });
});
after(async () => {
  await connections.closeAll();
  await database.drop();
});

/** Types lines at a prompt with the models at hand. Gives what each of them printed. */
async function type(...lines: string[]): Promise<string[]> {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const names = Object.fromEntries(apps.getModels().map((model) => [model.name, model]));
  const echo = new SqlEcho((line) => output.write(`${line}\n`));
  let printed = "";
  output.on("data", (chunk) => (printed += chunk));
  const ended = runPrompt({ names, echo, input, output });
  for (const line of lines) {
    const before = printed.length;
    input.write(`${line}\n`);
    // The prompt comes back when everything is printed.
    while (!/(^|\n)(> |\.\.\. |\| )$/.test(printed.slice(before))) await new Promise((go) => setTimeout(go, 5));
    printed += "\u0000";
  }
  input.end();
  await ended;
  echo.set(false);
  const answers = printed.split("\u0000").slice(0, lines.length);
  return answers.map((text) => text.replace(/^(> )+/, "").replace(/\n?(> |\.\.\. |\| )$/, ""));
}

test("a queryset is shown by its rows, as Django shows it", async () => {
  const [all, values, none] = await type(
    'Author.objects.orderBy("id")',
    'Category.objects.orderBy("id").values("slug")',
    "Note.objects.none()",
  );
  assert.equal(all, '<QuerySet [<Author: Gabriel García Márquez>, <Author: Mary "Wollstonecraft" Shelley>]>');
  assert.equal(values, "<QuerySet [{ slug: 'novels' }, { slug: 'fiction' }, { slug: 'nihon' }]>");
  assert.equal(none, "<QuerySet []>");
});

test("of many rows twenty are shown, and no more are asked for", async () => {
  await Group.objects.bulkCreate(Array.from({ length: 25 }, (_, index) => new Group({ name: `g${index}` })));
  const [, shown] = await type(".sql on", "Group.objects.all()");
  assert.match(
    shown!,
    /LIMIT \+\? +\[ 21 \]\n<QuerySet \[(<Group: \w+>, ){20}'\.{3}\(remaining elements truncated\)\.{3}'\]>$/,
  );
});

test("promises are awaited, and what was shown last is there as _", async () => {
  const [book, title, sum, missing] = await type(
    "Book.objects.get({ id: 13 })",
    "_.title",
    "Promise.all([Book.objects.count(), 40]).then(([a, b]) => a + b)",
    "Book.objects.get({ id: 99 })",
  );
  assert.equal(book, "<Book: Book object (13)>");
  assert.equal(title, "'Cien años de soledad'");
  assert.equal(sum, "42");
  assert.match(missing!, /Book\.DoesNotExist: Book matching query does not exist\./);
});

test("lines may be TypeScript, may import, and may go on", async () => {
  const [, sum, , , doubled, , base, wrong] = await type(
    "const n: number = await Book.objects.count();",
    "n + 1",
    "function twice(x: string) {",
    "  return x + x;",
    "}; twice('ab')",
    'import { basename as last } from "node:path"',
    'last("/a/b")',
    "const x: = 3",
  );
  assert.equal(sum, "3");
  assert.equal(doubled, "'abab'");
  assert.equal(base, "'b'");
  assert.match(wrong!, /SyntaxError/);
});

test(".sql on prints every statement with its time, until .sql off", async () => {
  const [on, echoed, off, quiet] = await type(".sql on", "Book.objects.count()", ".sql off", "Book.objects.count()");
  assert.equal(on, "SQL is printed.");
  assert.match(echoed!, /^\(\d+\.\d ms\) SELECT COUNT\(\*\) FROM "library_book"\n2$/);
  assert.equal(off, "SQL is not printed.");
  assert.equal(quiet, "2");
});

test("a model does not take the place of what the language has", () => {
  assert.deepEqual(Object.keys(withoutBuiltIns({ Book: 1, Map: 2, Date: 3, Event: 4 })), ["Book", "Event"]);
});

const shop = {
  "settings.ts": plainSettings({
    INSTALLED_APPS: ["core.contenttypes", "apps/shop", "apps/depot"],
    DATABASES: { default: { engine: "sqlite", name: "db.sqlite3" } },
  }),
  "apps/shop/models.ts":
    'import { CharField, type Manager, Model, model } from "core-framework/db";\n' +
    "@model() export class Item extends Model { declare static objects: Manager<Item>; @CharField({ maxLength: 9 }) name!: string; }\n",
  "apps/depot/models.ts":
    'import { type Manager, Model, model } from "core-framework/db";\n' +
    "@model() export class Item extends Model { declare static objects: Manager<Item>; }\n" +
    "@model() export class Shelf extends Model { declare static objects: Manager<Shelf>; }\n",
  "lib.ts": "export enum Size { Small = 1 }\nexport default 7;\n",
};

test("code may be TypeScript with imports from the project, and may declare names that are at hand", async (t) => {
  const project = makeProject(t, shop);
  const code = `
    import seven, { Size } from "./lib.ts";
    import type { Gone } from "./gone.ts";
    const Shelf: number = seven + Size.Small;
    console.log(Shelf, Item._meta.label, (await import("./lib.ts")).default);
  `;
  const { stdout, stderr } = await core(project, ["shell", "-c", code]);
  assert.deepEqual([stdout, stderr], ["8 shop.Item 7\n", ""]);
});

test("code comes from standard input where that is no terminal, and its errors end it", async (t) => {
  const project = makeProject(t, shop);
  const shell = (input: string, options = ""): Promise<Result> => {
    const command = `"${process.execPath}" "${join(root, "bin/core.mjs")}" shell ${options} <<'END'\n${input}\nEND`;
    return run("/bin/sh", ["-c", command], { cwd: project.folder, env: { DATABASE_URL: undefined } });
  };
  const counted = await shell(
    "const none: unknown = await connections.get().execute('SELECT 1');\nconsole.log(typeof none)",
    "--sql",
  );
  assert.equal(counted.stdout, "object\n");
  assert.match(counted.stderr, /^\(\d+\.\d ms\) SELECT 1\n$/);
  const unknown = await shell("Item;", "--no-imports");
  assert.equal(unknown.code, 1);
  assert.match(unknown.stderr, /ReferenceError: Item is not defined\n +at .*<shell>:1:1/);
  assert.match((await shell("const x = = 3;")).stderr, /<shell>:1:11: Expression expected/);
});

test("at a terminal the shell says what is at hand, and remembers its lines", async (t) => {
  const project = makeProject(t, shop);
  const file = project.path("typed");
  project.write({ typed: "Item._meta.label\n.exit\n" });
  const command = `script -qec '"${process.execPath}" "${join(root, "bin/core.mjs")}" shell -v 2' /dev/null < "${file}"`;
  const env = { DATABASE_URL: undefined, NODE_REPL_HISTORY: project.path("history"), TERM: "dumb" };
  const { stdout, code } = await run("/bin/sh", ["-c", command], { cwd: project.folder, env });
  if (code === 127) return t.skip("there is no program that makes a terminal");
  assert.match(stdout, /9 objects imported automatically:\r?\n/);
  assert.match(
    stdout,
    /import \{ Item \} from ".\/apps\/shop\/models\.ts";\r?\n +import \{ Shelf \} from ".\/apps\/depot\/models\.ts";/,
  );
  assert.match(stdout, /'shop\.Item'/);
  assert.match(readFileSync(project.path("history"), "utf8"), /Item\._meta\.label/);
});
