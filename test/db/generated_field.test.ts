import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { apps } from "core-framework";
import {
  CharField,
  connections,
  DecimalField,
  F,
  finalizeModels,
  GeneratedField,
  IntegerField,
  loadFixtures,
  type Manager,
  Model,
  type ModelClass,
  model,
  readFixture,
  Value,
} from "core-framework/db";
import { withSchemaEditor } from "core-framework/migrations";
import { checkModels } from "../../core/db/checks/model_checks.ts";
import { forEachDatabase } from "../support/databases.ts";
import { connectTo } from "./connect.ts";

@model({ appLabel: "computed" })
class Item extends Model {
  declare static objects: Manager<Item>;
  @CharField({ maxLength: 9 }) name!: string;
  @DecimalField({ maxDigits: 8, decimalPlaces: 2 }) price!: string;
  @IntegerField({ null: true, dbDefault: Value(2).multiply(3) }) stock!: number | null;
  @GeneratedField({
    expression: F("price").multiply(F("stock")),
    outputField: DecimalField({ maxDigits: 12, decimalPlaces: 2 }),
    dbPersist: true,
    null: true,
  })
  worth!: string | null;
}

@model({ appLabel: "computed" })
class Virtual extends Model {
  declare static objects: Manager<Virtual>;
  @IntegerField() a!: number;
  @GeneratedField({ expression: F("a").add(1), outputField: IntegerField(), dbPersist: false }) next!: number;
}

@model({ appLabel: "computed" })
class Plain extends Model {
  declare static objects: Manager<Plain>;
  @CharField({ maxLength: 9 }) name!: string;
  @IntegerField({ dbDefault: 5 }) stock!: number;
}

const models = [Item, Virtual, Plain] as unknown as ModelClass[];
finalizeModels(models);

before(async () => {
  await apps.populate([]);
  for (const each of models) apps.registerModel(each as never);
});

forEachDatabase((name, makeUrl) => {
  before(async () => {
    await connectTo(makeUrl);
    await withSchemaEditor(async (editor) => {
      await editor.createModel(Item);
      await editor.createModel(Plain);
    });
  });
  after(() => connections.closeAll());

  test("an object has what the database computed once it is saved, and again when it is changed", async () => {
    const item = new Item({ name: "Nail", price: "0.50", stock: 10 });
    assert.equal(item.worth, undefined);
    await item.save();
    assert.equal(item.worth, "5.00");
    item.price = "0.75";
    await item.save();
    assert.equal(item.worth, "7.50");
    item.stock = null;
    await item.save({ updateFields: ["stock", "worth"] });
    assert.equal(item.worth, null);
    assert.equal((await Item.objects.get({ id: item.id })).worth, null);
  });

  test("several at once, and those whose column is left to an expression", async () => {
    const items = await Item.objects.bulkCreate([
      new Item({ name: "A", price: "1.00", stock: 1 }),
      new Item({ name: "B", price: "2.00" }),
    ]);
    assert.deepEqual(
      items.map(({ stock, worth }) => [stock, worth]),
      [
        [1, "1.00"],
        [6, "12.00"],
      ],
    );
  });

  test("it is filtered and ordered by as any column, and not validated", async () => {
    await Item.objects.all().delete();
    await Item.objects.create({ name: "A", price: "3.00", stock: 1 });
    await Item.objects.create({ name: "B", price: "2.00", stock: 2 });
    assert.deepEqual(await Item.objects.orderBy("-worth").valuesList("name", { flat: true }), ["B", "A"]);
    assert.equal((await Item.objects.get({ worth__lt: "3.50" })).name, "A");
    await new Item({ name: "C", price: "1.00", stock: 1 }).fullClean();
  });

  test("an object that was read and not changed is not written", async () => {
    const item = await Item.objects.get({ name: "A" });
    await Item.objects.filter({ id: item.id }).update({ stock: 5 });
    await item.save();
    assert.equal((await Item.objects.get({ name: "A" })).worth, "15.00");
  });

  test("a fixture leaves it, and what has a default of its own, to the database", async () => {
    const row = (fields: object) => ({ model: "computed.item", pk: 77, fields });
    const fixture = [row({ name: "F", price: "2.00", stock: 4, worth: "0.00" })];
    await loadFixtures(readFixture(JSON.stringify(fixture), { source: "f.json" }));
    assert.equal((await Item.objects.get({ id: 77 })).worth, "8.00");
    const bare = [{ model: "computed.plain", pk: 1, fields: { name: "F" } }];
    await loadFixtures(readFixture(JSON.stringify(bare), { source: "f.json" }));
    assert.equal((await Plain.objects.get({ id: 1 })).stock, 5);
  });

  test("a column that is not stored is one of SQLite alone", async () => {
    const found = checkModels([Virtual] as unknown as ModelClass[]).map(({ id }) => id);
    assert.deepEqual(found, name === "sqlite" ? [] : ["fields.E221"]);
    if (name !== "sqlite") return;
    await withSchemaEditor((editor) => editor.createModel(Virtual));
    assert.equal((await Virtual.objects.create({ a: 1 })).next, 2);
  });
});
