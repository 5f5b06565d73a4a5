import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import {
  BigIntegerField,
  CharField,
  connections,
  DateTimeField,
  finalizeModels,
  IntegerField,
  type Manager,
  Model,
  type ModelClass,
  model,
} from "core-framework/db";
import { withSchemaEditor } from "core-framework/migrations";
import { forEachDatabase } from "../support/databases.ts";
import { connectTo } from "./connect.ts";

@model({ appLabel: "defaults" })
class Order extends Model {
  declare static objects: Manager<Order>;
  @CharField({ maxLength: 9, dbDefault: "new" }) status!: string;
  @IntegerField({ null: true, dbDefault: 3 }) count!: number | null;
  @BigIntegerField({ dbDefault: 9007199254740993n }) big!: bigint;
  @IntegerField({ default: 1, dbDefault: 2 }) both!: number;
  @DateTimeField({ dbDefault: new Date("2026-01-31T12:00:00.000Z") }) at!: Date;
}

@model({ appLabel: "defaults" })
class Bare extends Model {
  declare static objects: Manager<Bare>;
  @IntegerField({ dbDefault: 5 }) count!: number;
}

const models = [Order, Bare] as unknown as ModelClass[];
finalizeModels(models);

const facts = ({ status, count, big, both, at }: Order) => [status, count, big, both, at.toISOString().slice(0, 10)];
const given = ["new", 3, 9007199254740993n, 1, "2026-01-31"];

forEachDatabase((_name, makeUrl) => {
  before(async () => {
    await connectTo(makeUrl);
    await withSchemaEditor(async (editor) => {
      for (const each of models) await editor.createModel(each);
    });
  });
  after(() => connections.closeAll());
  beforeEach(() => Order.objects.all().delete());

  test("what was not said of a field comes from the database, and back into the object", async () => {
    const order = new Order();
    assert.equal(order.status, undefined);
    await order.save();
    assert.deepEqual(facts(order), given);
    assert.deepEqual(facts(await Order.objects.get({ id: order.id })), given);
  });

  test("null is a value, and so is every other one", async () => {
    const order = await Order.objects.create({ count: null, status: "old" });
    const read = await Order.objects.get({ id: order.id });
    assert.deepEqual([read.count, read.status, read.big], [null, "old", 9007199254740993n]);
  });

  test("of several objects each gets what it lacks", async () => {
    const orders = await Order.objects.bulkCreate([new Order({ status: "a" }), new Order({ count: 9 }), new Order()]);
    assert.deepEqual(
      orders.map(({ status, count }) => [status, count]),
      [
        ["a", 3],
        ["new", 9],
        ["new", 3],
      ],
    );
    const rows = await Order.objects.orderBy("id").valuesList("status", "count");
    assert.deepEqual(rows, [
      ["a", 3],
      ["new", 9],
      ["new", 3],
    ]);
  });

  test("an object that came from a default is not written again until something changes", async () => {
    const order = await Order.objects.create({});
    await Order.objects.filter({ id: order.id }).update({ status: "other" });
    await order.save();
    assert.equal((await Order.objects.get({ id: order.id })).status, "other");
    order.count = 10;
    await order.save();
    const read = await Order.objects.get({ id: order.id });
    assert.deepEqual([read.status, read.count], ["other", 10]);
  });

  test("a model with nothing else can be saved, and a given key too", async () => {
    const bare = await Bare.objects.create({});
    assert.deepEqual([bare.count, (await Bare.objects.get({ id: bare.id })).count], [5, 5]);
    const keyed = new Bare({ id: 1000 });
    await keyed.save();
    assert.equal(keyed.count, 5);
  });

  test("a row that others insert has the default as well", async () => {
    const connection = connections.get();
    const { rows } = await connection.execute(`INSERT INTO "defaults_bare" DEFAULT VALUES RETURNING "count"`);
    assert.equal(Number(rows[0][0]), 5);
  });

  test("validation leaves to the database what it will fill", async () => {
    await new Order().fullClean();
    await assert.rejects(new Order({ status: null }).cleanFields(), /cannot be null/);
  });
});
