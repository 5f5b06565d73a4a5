import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fields, Index } from "core-framework/migrations";
import { connections } from "../../core/db/connections.ts";
import { createSqliteDatabase, type TestDatabase } from "../support/databases.ts";
import { configureDatabases, model, Project } from "./project.ts";

let database: TestDatabase;
let project: Project;
before(async () => {
  database = await createSqliteDatabase();
  configureDatabases({ default: database.url });
  project = await Project.create("library");
});
after(async () => {
  await connections.closeAll();
  await project.remove();
  await database.drop();
});

const parent = (name: ReturnType<typeof fields.CharField>) =>
  model(
    "library.Author",
    { name, code: fields.SlugField({ unique: true }) },
    { indexes: [new Index({ fields: ["-name"], name: "name_idx" })] },
  );
const child = (name: string) =>
  model(`library.${name}`, {
    author: fields.ForeignKey("library.Author", { onDelete: "CASCADE" }),
    text: fields.TextField(),
  });

const handmade = [
  "CREATE UNIQUE INDEX partly ON library_author (name) WHERE code <> 'x'",
  "CREATE INDEX lowered ON library_author (lower(name))",
  "CREATE TABLE log (what text)",
  "CREATE TRIGGER own AFTER INSERT ON library_author BEGIN INSERT INTO log VALUES (new.name); END",
  "CREATE TRIGGER others AFTER INSERT ON library_book BEGIN UPDATE library_author SET name = name WHERE id = new.author_id; END",
  "CREATE VIEW authors AS SELECT name FROM library_author",
];

/** Everything that the rebuild of one table must not change. */
async function facts() {
  const connection = connections.get();
  const rows = async (sql: string) => (await connection.execute(sql)).rows;
  const tables = ["library_author", "library_book", "library_film", "library_song"];
  return {
    counts: await Promise.all(tables.map((table) => rows(`SELECT count(*), sum(id) FROM ${table}`))),
    references: await Promise.all(
      tables.slice(1).map((table) => rows(`SELECT "table", "from", "to" FROM pragma_foreign_key_list('${table}')`)),
    ),
    objects: await rows(
      "SELECT type, name, tbl_name FROM sqlite_master WHERE type <> 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
    ),
    children: await rows(
      "SELECT sql FROM sqlite_master WHERE type = 'table' AND name IN ('library_book', 'library_film', 'library_song') ORDER BY name",
    ),
    broken: await rows("PRAGMA foreign_key_check"),
    sequence: await rows("SELECT name, seq FROM sqlite_sequence WHERE name LIKE 'library%' ORDER BY name"),
  };
}

test("a table with children, triggers and indexes of all kinds is rebuilt and nothing else changes", async () => {
  const connection = connections.get();
  const children = ["Book", "Film", "Song"].map(child);
  await project.make([parent(fields.CharField({ maxLength: 50 })), ...children]);
  await project.migrate(connection);
  for (const sql of handmade) await connection.execute(sql);
  await connection.execute(
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) INSERT INTO library_author (name, code) SELECT 'a' || i, 'c' || i FROM n",
  );
  for (const table of ["book", "film", "song"]) {
    await connection.execute(`INSERT INTO library_${table} (author_id, text) SELECT id, name FROM library_author`);
  }
  await connection.execute("DELETE FROM library_song WHERE author_id = 1000");
  await connection.execute("DELETE FROM library_film WHERE author_id = 1000");
  await connection.execute("DELETE FROM library_book WHERE author_id = 1000");
  await connection.execute("DELETE FROM library_author WHERE id = 1000");
  const before = await facts();

  await project.make([parent(fields.CharField({ maxLength: 90 })), ...children]);
  await project.migrate(connection);
  assert.deepEqual(await facts(), before);
  const [[sql]] = (await connection.execute("SELECT sql FROM sqlite_master WHERE name = 'library_author'")).rows;
  assert.match(String(sql), /"name" varchar\(90\)/);

  await connection.execute("INSERT INTO library_author (name, code) VALUES ('new', 'new')");
  assert.deepEqual(
    (await connection.execute("SELECT max(id) FROM library_author")).rows,
    [[1001]],
    "a key is not given twice",
  );
  assert.deepEqual((await connection.execute("SELECT count(*) FROM log")).rows, [[1001]], "the trigger still runs");
  await assert.rejects(connection.execute("INSERT INTO library_book (author_id, text) VALUES (5000, '')"), {
    name: "IntegrityError",
  });
});

test("adding, renaming and dropping a plain column rebuilds nothing", async () => {
  const state = (declared: object) => [model("library.Plain", { title: fields.TextField(), ...declared })];
  const plain = await Project.create("library");
  await plain.make(state({}));
  await plain.make(state({ note: fields.TextField({ null: true }) }));
  const connection = connections.get();
  const added = await plain.sql(connection, "library", "0002");
  assert.deepEqual(added.at(-1), 'ALTER TABLE "library_plain" ADD COLUMN "note" text NULL;');
  const removed = await plain.sql(connection, "library", "0002", true);
  assert.deepEqual(removed.at(-1), 'ALTER TABLE "library_plain" DROP COLUMN "note";');
  await plain.make(state({ remark: fields.TextField({ null: true }) }), { renames: new Set(["plain.note=remark"]) });
  const renamed = await plain.sql(connection, "library", "0003");
  assert.deepEqual(renamed.at(-1), 'ALTER TABLE "library_plain" RENAME COLUMN "note" TO "remark";');
  await plain.remove();
});
