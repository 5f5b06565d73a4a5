import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { apps, connections, setup } from "core-framework";
import { Group } from "core-framework/auth";
import { callCommand } from "core-framework/management";
import { type MigrateEvent, postMigrate } from "core-framework/migrations";
import { parseDatabaseUrl } from "../../core/conf/service_urls.ts";
import type * as library from "../projects/library/apps/library/models.ts";
import { forEachDatabase } from "../support/databases.ts";
import { makeProject, root } from "../support/projects.ts";
import { core } from "./cli.ts";

const model = <K extends keyof typeof library>(name: K) =>
  apps.getModel(`library.${name}`) as unknown as (typeof library)[K];

async function printed(name: string, ...args: string[]): Promise<string> {
  const lines: string[] = [];
  const stream = { write: (text: string) => lines.push(text) };
  await callCommand(name, args, { stdout: stream, stderr: stream });
  return lines.join("");
}

forEachDatabase((name, makeUrl) => {
  before(async () => {
    const url = await makeUrl();
    process.env.DATABASE_URL ??= url;
    await setup({ root: join(root, "test/projects/library") });
    connections.configure({ default: parseDatabaseUrl(url, root) });
    await printed("migrate", "-v0");
  });
  after(() => connections.closeAll());

  beforeEach(async () => {
    await printed("flush", "--noinput");
    await callCommand("loaddata", [join(root, "test/fixtures/library.json")], { verbosity: 0 });
  });

  test("flush empties every table, and keys begin with 1 again", async () => {
    assert.equal(await model("Book").objects.count(), 2);
    await printed("flush", "--noinput");
    assert.equal(await model("Book").objects.count(), 0);
    assert.equal(await Group.objects.count(), 0);
    assert.equal((await model("Author").objects.create({ name: "A", email: "a@example.org" })).id, 1);
    const { rows } = await connections.get().execute("SELECT count(*) FROM django_migrations");
    assert.ok(Number(rows[0]![0]) > 0, "what has been migrated stays known");
  });

  test("flush tells every app, as a migration would, unless it is told not to", async () => {
    const heard: string[] = [];
    const listener = ({ app, using, plan }: MigrateEvent) => heard.push(`${app.label} ${using} ${plan.length}`);
    postMigrate.connect(listener);
    try {
      await printed("flush", "--noinput");
      await callCommand("flush", ["--noinput"], { inhibitPostMigrate: true });
    } finally {
      postMigrate.disconnect(listener);
    }
    assert.deepEqual(heard, ["contenttypes default 0", "auth default 0", "library default 0"]);
  });

  test("flush without a terminal wants to be told that it is meant", async () => {
    await assert.rejects(printed("flush"), /nobody can be asked/);
    assert.equal(await model("Book").objects.count(), 2);
  });

  test("sqlflush prints what flush runs", async () => {
    const lines = (await printed("sqlflush")).trimEnd().split("\n");
    assert.equal(lines[0], "BEGIN;");
    assert.equal(lines.at(-1), "COMMIT;");
    const statements = JSON.parse(await printed("sqlflush", "--json")) as string[];
    assert.deepEqual(lines.slice(1, -1), statements);
    if (name === "postgresql") assert.match(statements.join(), /^TRUNCATE ("\w+", )+"\w+" RESTART IDENTITY;$/);
    else {
      assert.ok(statements.includes('DELETE FROM "library_book_categories";'));
      assert.match(
        statements.at(-1)!,
        /^UPDATE "sqlite_sequence" SET "seq" = 0 WHERE "name" IN \('.*'library_book'.*\);$/,
      );
    }
    assert.doesNotMatch(statements.join(), /django_migrations/);
  });

  test("tables that refer to others are emptied with them, where that is wanted", async () => {
    const { executeFlush, flushSql } = await import("../../core/db/flush.ts");
    const connection = connections.get();
    if (name === "sqlite") {
      await assert.rejects(executeFlush("default", await flushSql(connection, ["library_author"])), /FOREIGN KEY/);
      assert.equal(await model("Author").objects.count(), 2);
    }
    await executeFlush("default", await flushSql(connection, ["library_author"], { allowCascade: true }));
    assert.equal(await model("Book").objects.count(), 0);
    assert.equal(await model("Category").objects.count(), 3);
  });

  test("sqlsequencereset prints Django's statements on PostgreSQL, and none are needed on SQLite", async () => {
    if (name === "sqlite") return assert.equal(await printed("sqlsequencereset", "library"), "No sequences found.\n");
    const text = await printed("sqlsequencereset", "library");
    assert.ok(
      text.includes(
        `SELECT setval(pg_get_serial_sequence('"library_book"','id'), coalesce(max("id"), 1), max("id") IS NOT null) FROM "library_book";`,
      ),
    );
    assert.ok(text.includes("'\"library_book_categories\"'"));
    const statements = JSON.parse(await printed("sqlsequencereset", "auth", "library", "--json")) as string[];
    for (const statement of statements) await connections.get().execute(statement);
    assert.equal((await Group.objects.create({ name: "next" })).id, 2);
    await assert.rejects(printed("sqlsequencereset", "nothing"), /No installed app has the label "nothing"/);
  });
});

test("a database without tables has nothing to flush", async (t) => {
  const files = makeProject(t, {
    "settings.ts": `export default ${JSON.stringify({
      SECRET_KEY: "x",
      INSTALLED_APPS: ["core.contenttypes", "core.auth"],
      DATABASES: { default: { engine: "sqlite", name: "db.sqlite3" } },
    })};`,
  });
  const { stdout, stderr, code } = await core(files, ["sqlflush"]);
  assert.deepEqual([code, stdout, stderr], [0, "", "No tables found.\n"]);
  assert.equal((await core(files, ["flush", "--noinput"])).code, 0);
});
