import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { apps, connections, setup } from "core-framework";
import { Group, User } from "core-framework/auth";
import { callCommand } from "core-framework/management";
import { parseDatabaseUrl } from "../../core/conf/service_urls.ts";
import type * as library from "../projects/library/apps/library/models.ts";
import { forEachDatabase } from "../support/databases.ts";
import { makeProject, root } from "../support/projects.ts";
import { core } from "./cli.ts";

/** Made by Django 3.2's own dumpdata: see test/fixtures/django/dump.py. */
const dump = join(root, "test/fixtures/library.json");
const project = { folder: join(root, "test/projects/library") };

const model = <K extends keyof typeof library>(name: K) =>
  apps.getModel(`library.${name}`) as unknown as (typeof library)[K];

async function loaddata(...names: string[]): Promise<string> {
  const printed: string[] = [];
  const stdout = { write: (text: string) => printed.push(text) };
  await callCommand("loaddata", names, { stdout });
  return printed.join("");
}

forEachDatabase((_name, makeUrl) => {
  before(async () => {
    const url = await makeUrl();
    process.env.DATABASE_URL ??= url;
    await setup({ root: project.folder });
    connections.configure({ default: parseDatabaseUrl(url, root) });
    await callCommand("migrate", [], { verbosity: 0 });
  });
  after(() => connections.closeAll());

  test("what Django dumped is there, value for value", async () => {
    assert.equal(await loaddata(dump), "Installed 12 object(s) from 1 fixture(s)\n");
    const book = await model("Book").objects.selectRelated("author").get({ id: 12 });
    assert.equal(book.title, "Frankenstein\n“1818”");
    assert.equal(book.price, "12.50");
    assert.equal(book.rating, 4);
    assert.equal(book.author.name, 'Mary "Wollstonecraft" Shelley');
    assert.equal(book.uuid, "12345678-1234-4678-9234-567812345678");
    assert.equal(book.createdAt.toISOString(), "2021-01-01T00:00:00.000Z");
    assert.equal(book.updatedAt.toISOString(), "2022-02-02T02:02:02.500Z");
    const full = await model("Sample").objects.get({ id: 6 });
    assert.equal(full.big, -(2n ** 63n));
    assert.equal(full.ratio, 1e21);
    assert.equal(full.amount, "1234.5600");
    assert.equal(full.tri, false);
    assert.equal(full.clock, "13:45:30.090000");
    assert.equal(String(full.span), "-1 02:00:00.000005");
    assert.equal(full.ip, "2001:db8::1");
    assert.deepEqual((full.data as { list: unknown[] }).list[0], 9007199254740993n);
  });

  test("a row may refer to one that comes later, and relations to many are there", async () => {
    const novels = await model("Category").objects.selectRelated("parent").get({ slug: "novels" });
    assert.equal(novels.parent?.name, "Fiction");
    const book = await model("Book").objects.get({ id: 12 });
    assert.deepEqual((await book.categories).map(({ slug }) => slug).sort(), ["fiction", "novels"]);
    const [group] = await (await User.objects.get({ username: "ana" })).groups;
    assert.equal(group?.name, "Editors");
  });

  test("a password that Django hashed lets its user in", async () => {
    const ana = await User.objects.get({ username: "ana" });
    assert.equal(await ana.checkPassword("sésame"), true);
    assert.equal(await ana.checkPassword("sesame"), false);
  });

  test("loading twice is loading once, and the next key follows the largest one", async () => {
    await loaddata(dump);
    assert.equal(await model("Author").objects.count(), 2);
    const author = await model("Author").objects.create({ name: "Ana", email: "ana@example.com" });
    assert.equal(author.id, 10);
  });

  test("an error undoes everything, and names the file, the object and the field", async (t) => {
    const files = makeProject(t, {});
    const attempt = async (objects: unknown) => {
      writeFileSync(files.path("bad.json"), JSON.stringify(objects));
      return assert.rejects(loaddata(files.path("bad.json")), (error: Error) => {
        message = error.message.replace(/^.*bad\.json/, "bad.json");
        return true;
      });
    };
    let message = "";
    const before = await Group.objects.count();
    const good = { model: "auth.group", pk: 90, fields: { name: "Good" } };
    const bad = async (object: unknown) => {
      await attempt([good, object]);
      return message;
    };
    const book = { title: "T", isbn: "1", price: "1", pages: 1, created_at: "2024-01-01", updated_at: "2024-01-01" };
    assert.equal(
      await bad({ model: "library.book", pk: 77, fields: { ...book, author: 404 } }),
      'bad.json: library.Book (pk=77), field "author": there is no library.Author with the key "404".',
    );
    assert.match(
      await bad({ model: "library.book", pk: 77, fields: { ...book, author: 4, price: "dear" } }),
      /^bad\.json: library\.Book \(pk=77\), field "price": .*"dear"/,
    );
    assert.match(
      await bad({ model: "auth.group", pk: 91, fields: { name: "Editors" } }),
      /^bad\.json: auth\.Group \(pk=91\), field "name": /,
    );
    assert.match(
      await bad({ model: "library.boook", pk: 1 }),
      /^bad\.json: object 2 is of the model "library\.boook", which is not installed\.$/,
    );
    assert.match(
      await bad({ model: "library.author", pk: 1, fields: { nmae: "x" } }),
      /^bad\.json: library\.Author \(pk=1\) has the field "nmae", which its model has not\.$/,
    );
    await attempt({});
    assert.equal(message, "bad.json holds an object, not a list of objects.");
    assert.equal(await Group.objects.count(), before);
  });

  test("what is not there can be left out", async (t) => {
    const files = makeProject(t, {});
    const objects = [
      { model: "library.gone", pk: 1 },
      { model: "auth.group", pk: 95, fields: { name: "Kept", gone: 1 } },
    ];
    writeFileSync(files.path("some.json"), JSON.stringify(objects));
    assert.equal(
      await loaddata("--ignorenonexistent", files.path("some.json")),
      "Installed 1 object(s) from 1 fixture(s)\n",
    );
    assert.equal((await Group.objects.get({ id: 95 })).name, "Kept");
  });
});

test("a fixture is found by its name in an app, and a missing one is one sentence", async (t) => {
  const files = makeProject(t, {
    "settings.ts": `export default ${JSON.stringify({
      SECRET_KEY: "x",
      INSTALLED_APPS: ["core.contenttypes", "core.auth", "apps/staff"],
      DATABASES: { default: { engine: "sqlite", name: "db.sqlite3" } },
      FIXTURE_DIRS: ["seed"],
    })};`,
    "seed/more.default.jsonl": '{"model": "auth.group", "pk": 2, "fields": {"name": "More"}}',
    "apps/staff/fixtures/groups.json": '[{"model": "auth.group", "pk": 1, "fields": {"name": "Staff"}}]',
  });
  const migrated = await core(files, ["migrate"]);
  assert.equal(migrated.code, 0, migrated.stderr);
  for (const name of ["groups", "groups.json", "apps/staff/fixtures/groups.json", "more"]) {
    const { stdout, stderr } = await core(files, ["loaddata", name]);
    assert.equal(stdout, "Installed 1 object(s) from 1 fixture(s)\n", stderr);
  }
  const { code, stderr } = await core(files, ["loaddata", "nothing"]);
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^Error: No fixture named 'nothing' found\.\nHint: It was looked for as nothing\.json in .*every installed app/,
  );
});
