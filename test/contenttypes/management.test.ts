import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ContentType } from "core-framework/contenttypes";
import { CharField, connections, finalizeModels, type Manager, Model, type ModelClass, model } from "core-framework/db";
import { withSchemaEditor } from "core-framework/migrations";
import { createContentTypes } from "../../core/contenttypes/management.ts";
import { ProjectState } from "../../core/db/migrations/state.ts";
import { connectTo } from "../db/connect.ts";
import { forEachDatabase } from "../support/databases.ts";

@model({ appLabel: "types" })
class Shelf extends Model {
  declare static objects: Manager<Shelf>;
  @CharField({ maxLength: 30 }) name!: string;
}

@model({ appLabel: "types", proxy: true })
class Rack extends Shelf {
  declare static objects: Manager<Rack>;
}

const models = [ContentType, Shelf, Rack] as unknown as ModelClass[];
finalizeModels(models);

forEachDatabase((_name, makeUrl) => {
  before(async () => {
    await connectTo(makeUrl);
    await withSchemaEditor((editor) => editor.createModel(ContentType as unknown as ModelClass));
  });
  after(() => connections.closeAll());

  const event = (known: readonly ModelClass[]) => ({
    app: { label: "types", path: "/nowhere" },
    using: "default",
    verbosity: 1,
    plan: [],
    apps: ProjectState.fromModels(known).apps,
  });

  test("migrate makes a content type for each model of an app, proxies included, once", async () => {
    await createContentTypes(event(models));
    await createContentTypes(event(models));
    const types = await ContentType.objects.filter({ appLabel: "types" }).orderBy("model");
    assert.deepEqual(
      types.map((type) => [type.model, type.modelClass()]),
      [
        ["rack", Rack],
        ["shelf", Shelf],
      ],
    );
  });

  test("nothing is made while the table of content types is not there", async () => {
    await ContentType.objects.all().delete();
    await createContentTypes(event(models.slice(1)));
    assert.equal(await ContentType.objects.count(), 0);
  });
});
