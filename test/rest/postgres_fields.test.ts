import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ArrayField,
  CharField,
  finalizeModels,
  HStoreField,
  IntegerField,
  type Manager,
  Model,
  type ModelClass,
  model,
} from "core-framework/db";
import { compileSchema, ModelSchema } from "core-framework/rest";

@model({ appLabel: "shelves" })
class Shelf extends Model {
  declare static objects: Manager<Shelf>;
  @ArrayField(CharField({ maxLength: 3 }), { size: 2 }) codes!: string[];
  @ArrayField(ArrayField(IntegerField()), { null: true, blank: true }) grid!: number[][] | null;
  @HStoreField() facts!: Record<string, string | null>;
  @IntegerField({ dbDefault: 3 }) stock!: number;
}
finalizeModels([Shelf] as unknown as ModelClass[]);

class ShelfSchema extends ModelSchema(Shelf, { fields: ["codes", "grid", "facts", "stock"] }) {}

test("arrays and stores of a model are lists and dictionaries of a schema, with the limits of their fields", async () => {
  const good = { codes: ["a"], grid: [[1, 2]], facts: { a: "1", b: null } };
  const result = await compileSchema(ShelfSchema).parse(good);
  assert.deepEqual(result, { ok: true, value: good });
  const bad = await compileSchema(ShelfSchema).parse({ codes: ["abcd", "b", "c"], grid: [["x"]], facts: 3 });
  assert.ok(!bad.ok);
  assert.deepEqual(JSON.parse(JSON.stringify(bad.errors)), {
    codes: { 0: ["Ensure this field has no more than 3 characters."] },
    grid: { 0: { 0: ["A valid integer is required."] } },
    facts: ['Expected a dictionary of items but got type "int".'],
  });
});
