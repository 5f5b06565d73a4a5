import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { connections } from "../../core/db/connections.ts";
import { ProjectState } from "../../core/db/migrations/state.ts";
import { withSchemaEditor } from "../../core/db/schema/editor.ts";
import { forEachDatabase } from "../support/databases.ts";
import { type KindOfChange, kindsOfChange } from "./kinds_of_change.ts";
import { kindsOfConstraint } from "./kinds_of_constraint.ts";
import { kindsOfFieldOption } from "./kinds_of_field_option.ts";
import { kindsOfInheritance } from "./kinds_of_inheritance.ts";
import { answers, clearDatabase, configureDatabases, Project } from "./project.ts";
import { describeSchema, dumpRows } from "./schema.ts";

forEachDatabase((_name, makeUrl) => {
  before(async () => configureDatabases({ default: await makeUrl(), fresh: await makeUrl() }));
  beforeEach(async () => {
    for (const alias of ["default", "fresh"]) await clearDatabase(connections.get(alias));
  });
  after(() => connections.closeAll());

  for (const kind of [...kindsOfChange, ...kindsOfFieldOption, ...kindsOfConstraint, ...kindsOfInheritance]) {
    test(kind.title, async () => {
      const project = await Project.create("library");
      try {
        await check(kind, project);
      } finally {
        await project.remove();
      }
    });
  }
});

/** Up, down, up; the tables are then those that the models alone would have made, and the rows are as they were. */
async function check(kind: KindOfChange, project: Project): Promise<void> {
  const connection = connections.get();
  await project.make(kind.before());
  await project.migrate(connection);
  await fill();
  const rowsBefore = await readRows();
  const schemaBefore = await describeSchema(connection);

  const written = await project.make(kind.after(), answers(kind));
  if (kind.names)
    assert.deepEqual(
      [...written.keys()],
      kind.names.map((name) => `library.${name}`),
    );
  assert.deepEqual(
    [...(await project.make(kind.after(), answers(kind))).keys()],
    [],
    "a second time there is nothing to write",
  );

  await project.migrate(connection);
  const schemaAfter = await describeSchema(connection);
  assert.deepEqual(schemaAfter, await freshSchema(kind));
  if (kind.oneWay) return;

  await project.migrate(connection, ["library", "0001_initial"]);
  assert.deepEqual(await describeSchema(connection), schemaBefore);
  assert.deepEqual(await readRows(), rowsBefore);
  await project.migrate(connection);
  assert.deepEqual(await describeSchema(connection), schemaAfter);
}

async function fill(): Promise<void> {
  const connection = connections.get();
  await connection.execute("INSERT INTO library_author (name) VALUES ('Ana'), ('Bo')");
  await connection.execute(
    "INSERT INTO library_book (title, pages, author_id) VALUES ('Sea', 100, 1), ('Sand', 200, 2)",
  );
}

/** What no change may lose. */
function readRows() {
  const columns = { library_author: ["id", "name"], library_book: ["id", "title", "pages", "author_id"] };
  return dumpRows(connections.get(), columns);
}

async function freshSchema(kind: KindOfChange) {
  const state = ProjectState.fromModels(kind.after());
  await withSchemaEditor(
    async (editor) => {
      for (const model of state.models.values()) {
        if (!model.proxy) await editor.createModel(state.apps.getModel(model.label));
      }
    },
    { using: "fresh" },
  );
  return describeSchema(connections.get("fresh"));
}
