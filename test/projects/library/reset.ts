import { apps, atomic, connections, type ExpressHandler, type ModelClass } from "core-framework";
import { type FixtureObject, loadFixtures, readFixture } from "core-framework/db";
import { djangoFixture } from "./fixture.ts";

let objects: Promise<FixtureObject[]> | undefined;

/** Puts rows and ids back to what the fixture says, in one transaction. The passwords are hashed the first time only. */
export async function loadFixture(): Promise<void> {
  objects ??= djangoFixture().then((items) => readFixture(JSON.stringify(items), { source: "fixture.json" }));
  const loaded = await objects;
  await atomic(async () => {
    await emptyTables(apps.getModels<ModelClass>());
    await loadFixtures(loaded);
  });
}

/** References are checked when the transaction ends, so the order of the tables does not matter. */
async function emptyTables(models: ModelClass[]): Promise<void> {
  const connection = connections.get();
  for (const { _meta } of models) {
    const pairs = _meta.manyToMany.map((field) => _meta.manyToManyTable(field));
    for (const table of [...pairs, _meta.dbTable])
      await connection.execute(`DELETE FROM ${connection.quoteName(table)}`);
  }
  // SQLite remembers the largest id it ever gave out; PostgreSQL's sequences are set by loading the fixture.
  if (connection.vendor === "sqlite") await connection.execute("DELETE FROM sqlite_sequence");
}

/** Express middleware: `POST /__reset__` loads the fixture again. */
export const reset: ExpressHandler = async (request, response, next) => {
  if (request.method !== "POST" || request.path !== "/__reset__") return next();
  await loadFixture();
  response.status(204).end();
};
