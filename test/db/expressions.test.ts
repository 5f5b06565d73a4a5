import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  CASCADE,
  Case,
  Cast,
  CharField,
  Coalesce,
  Concat,
  type Connection,
  Count,
  connections,
  Expression,
  F,
  FloatField,
  ForeignKey,
  Func,
  type FuncKind,
  finalizeModels,
  Greatest,
  IntegerField,
  JSONField,
  Length,
  Lower,
  type Manager,
  type ManyRelated,
  Max,
  Model,
  type ModelClass,
  model,
  NullIf,
  OuterRef,
  Rank,
  type Related,
  Reverse,
  StringAgg,
  Subquery,
  Sum,
  Upper,
  Value,
  When,
  Window,
} from "core-framework/db";
import { forEachDatabase } from "../support/databases.ts";
import { connectTo } from "./connect.ts";
import { createTables } from "./schema.ts";

@model({ appLabel: "expressions" })
class Box extends Model {
  declare static objects: Manager<Box>;
  @CharField({ maxLength: 20 }) name!: string;
  @Reverse(() => Item, "box") items!: ManyRelated<Item>;
}

@model({ appLabel: "expressions" })
class Item extends Model {
  declare static objects: Manager<Item>;
  @CharField({ maxLength: 20 }) name!: string;
  @IntegerField() size!: number;
  @FloatField({ null: true }) weight!: number | null;
  @JSONField({ null: true }) data!: unknown;
  @ForeignKey(() => Box, { onDelete: CASCADE, relatedName: "items" }) box!: Related<Box>;
}

const models = [Box, Item] as unknown as ModelClass[];
finalizeModels(models);

forEachDatabase((name, makeUrl) => {
  let connection: Connection;

  before(async () => {
    connection = await connectTo(makeUrl);
    await createTables(connection, models);
    const [a, b] = await Box.objects.bulkCreate([new Box({ name: "a" }), new Box({ name: "b" })]);
    await Box.objects.create({ name: "empty" });
    await Item.objects.bulkCreate([
      new Item({ name: "one", size: 10, box: a, data: { x: 1, nil: null } }),
      new Item({ name: "Two", size: 20, weight: 2.5, box: a, data: { y: 2 } }),
      new Item({ name: "three", size: 30, box: b, data: null }),
    ]);
  });
  after(() => connections.closeAll());

  const items = () => Item.objects.orderBy("size");

  describe("functions in functions", () => {
    test("a function may be made of aggregates, and aggregates of functions", async () => {
      const boxes = await Box.objects
        .annotate({
          longest: Max(Length("items__name")),
          total: Coalesce(Sum("items__size"), 0),
          text: Concat("name", Value(":"), Cast(Count("items"), CharField({ maxLength: 9 }))),
        })
        .orderBy("name")
        .values("longest", "total", "text");
      assert.deepEqual(boxes, [
        { longest: 3, total: 30, text: "a:2" },
        { longest: 5, total: 30, text: "b:1" },
        { longest: null, total: 0, text: "empty:0" },
      ]);
      const all = await Item.objects.aggregate({ n: Sum(Case(When({ size__gt: 15 }, F("size")), { default: 0 })) });
      assert.deepEqual(all, { n: 50 });
    });

    test("StringAgg joins texts in an order with a place for nulls, each once if that is wanted", async () => {
      const options = { orderBy: F("items__weight").desc({ nullsLast: true }) };
      const boxes = await Box.objects
        .annotate({ names: StringAgg("items__name", " ORDER BY ", options), sizes: StringAgg("items__size", "-") })
        .orderBy("name");
      assert.deepEqual(
        boxes.map(({ names }) => names),
        ["Two ORDER BY one", "three", null],
      );
      assert.equal(boxes[1].sizes, "30");
      const all = await Item.objects.aggregate({
        boxes: StringAgg("box__name", ",", { distinct: true, orderBy: "-box__name" }),
        names: StringAgg(Lower("name"), ";", { filter: { size__lt: 30 }, orderBy: Lower("name") }),
      });
      assert.deepEqual(all, { boxes: "b,a", names: "one;two" });
    });

    test("rows are grouped and ordered by functions, with and without values in them", async () => {
      const groups = await Item.objects
        .annotate({ first: Lower(Concat("box__name", Value("!"))) })
        .values("first")
        .annotate({ n: Count("id") })
        .orderBy("first");
      assert.deepEqual(groups, [
        { first: "a!", n: 2 },
        { first: "b!", n: 1 },
      ]);
      const names = await Item.objects.orderBy(Lower("name").desc(), Length("name")).valuesList("name", { flat: true });
      assert.deepEqual(names, ["Two", "three", "one"]);
      assert.equal((await Item.objects.latest(Lower("name"))).name, "Two");
    });

    test("a number with a fraction next to whole ones makes a number with a fraction", async () => {
      const rows = await items().annotate({ x: Coalesce(NullIf("size", 10), 0.5), most: Greatest("size", 20.5) });
      assert.deepEqual(
        rows.map(({ x }) => x),
        [0.5, 20, 30],
      );
      assert.deepEqual(
        rows.map(({ most }) => most),
        [20.5, 20.5, 30],
      );
    });

    test("functions read the row around a subquery", async () => {
      const same = Box.objects
        .filter({ name: Lower(OuterRef("box__name")) })
        .values("name")
        .slice(0, 1);
      const rows = await items().annotate({ box_: Upper(Subquery(same.valuesList("name", { flat: true }))) });
      assert.deepEqual(
        rows.map(({ box_ }) => box_),
        ["A", "A", "B"],
      );
    });

    test("update() sets columns to functions of the row", async () => {
      await Item.objects.filter({ name: "Two" }).update({ name: Lower("name"), weight: Cast("size", FloatField()) });
      const two = await Item.objects.get({ size: 20 });
      assert.deepEqual([two.name, two.weight], ["two", 20]);
      await Item.objects.filter({ size: 20 }).update({ name: "Two", weight: 2.5 });
    });
  });

  describe("functions of one's own", () => {
    const initial: FuncKind = {
      name: "Initial",
      sql: ([text]) => `SUBSTR(${text}, 1, 1)`,
      output: ([text]) => text.output,
    };

    test("have a name, their SQL and the kind of what they give", async () => {
      const rows = await items().annotate({ initial: new Func<{ is: string }>(initial, [F("name")]) });
      assert.deepEqual(
        rows.map(({ initial }) => initial),
        ["o", "T", "t"],
      );
      const found = Item.objects.annotate({ i: new Func<{ is: string }>(initial, [Upper("name")]) }).filter({ i: "T" });
      assert.equal(await found.count(), 2);
    });

    test("may differ by database and take values", async () => {
      const either: FuncKind = {
        name: "Either",
        sql: ([left, right], { vendor }) => `${vendor === "sqlite" ? "MAX" : "GREATEST"}(${left}, ${right})`,
        output: ([left]) => left.output,
      };
      const rows = await items().annotate({ most: new Func<{ is: number }>(either, [F("size"), Value(15)]) });
      assert.deepEqual(
        rows.map(({ most }) => most),
        [15, 20, 30],
      );
      assert.ok(new Func(either, [1, 2]) instanceof Expression);
    });
  });

  describe("windows next to other conditions", () => {
    const ranked = () => Item.objects.annotate({ rank: Window(Rank(), { partitionBy: "box", orderBy: "-size" }) });

    test("or, relations, and updates and deletions of what a window finds", async () => {
      const first = ranked().filter({ rank: 1 });
      assert.deepEqual(await first.filter({ box__items__name: "one" }).valuesList("name", { flat: true }), ["Two"]);
      assert.equal(await first.update({ weight: 1 }), 2);
      assert.deepEqual(await items().valuesList("weight", { flat: true }), [null, 1, 1]);
      await Item.objects.filter({ name: "three" }).update({ weight: null });
      await Item.objects.filter({ name: "Two" }).update({ weight: 2.5 });
      assert.deepEqual(await ranked().aggregate({ worst: Max("rank") }), { worst: 2 });
    });

    test("a window beside Case, a subquery and a slice of a relation", async () => {
      const best = ranked().filter({ rank: 1, box: OuterRef("pk") });
      const boxes = Box.objects.annotate({ best: Subquery(best.valuesList("name", { flat: true }).slice(0, 1)) });
      assert.deepEqual(await boxes.orderBy("name").valuesList("best", { flat: true }), ["Two", "three", null]);
    });
  });

  describe("keys of JSON across a relation to many", () => {
    const without = async (conditions: object) =>
      (await Box.objects.exclude(conditions as never).orderBy("name")).map((box) => box.name);

    test("are found, and excluded as a whole", async () => {
      assert.deepEqual(await Box.objects.filter({ items__data__x: 1 }).valuesList("name", { flat: true }), ["a"]);
      assert.deepEqual(await without({ items__data__x: 1 }), ["b", "empty"]);
      assert.deepEqual(await without({ items__data__nil: null }), ["b", "empty"]);
      assert.deepEqual(await without({ items__data__x__isnull: false }), ["b", "empty"]);
      assert.deepEqual(await without({ items__data__x__isnull: true }), []);
      assert.equal(typeof name, "string");
    });
  });
});
