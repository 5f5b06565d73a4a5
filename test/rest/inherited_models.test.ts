import assert from "node:assert/strict";
import { test } from "node:test";
import {
  BooleanField,
  CharField,
  finalizeModels,
  type Manager,
  Model,
  type ModelClass,
  model,
} from "core-framework/db";
import { ModelSchema } from "core-framework/rest";

@model({ appLabel: "places" })
class Place extends Model {
  declare static objects: Manager<Place>;
  @CharField({ maxLength: 50 }) name!: string;
}

@model({ appLabel: "places" })
class Restaurant extends Place {
  declare static objects: Manager<Restaurant>;
  @BooleanField({ default: false }) servesPizza!: boolean;
}

finalizeModels([Place, Restaurant] as unknown as ModelClass[]);

test("a schema of a model with a parent has the parent's fields, and not the reference to it, as DRF's", () => {
  class Output extends ModelSchema(Restaurant, { fields: "__all__" }) {}
  assert.deepEqual([...Output.getFields().keys()], ["id", "name", "servesPizza"]);
});
