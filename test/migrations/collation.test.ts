import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fields } from "core-framework/migrations";
import { type Connection, connections } from "../../core/db/connections.ts";
import { ImproperlyConfigured } from "../../core/exceptions.ts";
import { forEachDatabase } from "../support/databases.ts";
import { configureDatabases, model, Project } from "./project.ts";

const word = (dbCollation?: string) => [
  model("library.Word", {
    text: fields.CharField({ maxLength: 20, ...(dbCollation === undefined ? {} : { dbCollation }) }),
  }),
];

forEachDatabase((name, makeUrl) => {
  let project: Project;
  let connection: Connection;
  before(async () => {
    await configureDatabases({ default: await makeUrl() });
    connection = connections.get();
    project = await Project.create("library");
  });
  after(async () => {
    await project.remove();
    await connections.closeAll();
  });

  const order = async () =>
    (await connection.execute("SELECT text FROM library_word ORDER BY text")).rows.flat().join("");
  const remake = async (dbCollation?: string) => {
    await project.make(word(dbCollation));
    return project.migrate(connection);
  };

  test("a column is made in its field's collation, and keeps its rows where that changes", async () => {
    await remake("C");
    for (const text of ["b", "A", "a", "B"])
      await connection.execute(`INSERT INTO library_word (text) VALUES ('${text}')`);
    assert.equal(await order(), "ABab");
    const other = name === "sqlite" ? "NOCASE" : "en-x-icu";
    assert.deepEqual(await remake(other), ["library.0002_alter_word_text"]);
    assert.equal((await order()).toLowerCase(), "aabb");
    assert.equal((await remake()).length, 1);
    assert.equal((await order()).length, 4);
    assert.deepEqual(await remake(), []);
  });

  if (name === "sqlite") {
    test("a collation that SQLite lacks is refused by the field's name", async () => {
      await assert.rejects(
        remake("de-x-icu"),
        (error: Error) =>
          error instanceof ImproperlyConfigured &&
          error.message === 'library.Word.text asks for the collation "de-x-icu", which SQLite does not have.',
      );
    });
  }
});
