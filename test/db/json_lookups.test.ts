import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  Cast,
  type Connection,
  Count,
  connections,
  F,
  IntegerField,
  JSONField,
  KT,
  Max,
  Value,
} from "core-framework/db";
import { FieldError, NotSupportedError } from "../../core/exceptions.ts";
import { forEachDatabase } from "../support/databases.ts";
import { connectTo } from "./connect.ts";
import { Sample } from "./models.ts";
import { createTables } from "./schema.ts";

/** Keys that would break out of a literal or a path that is not quoted. */
const hostile = [
  "it's",
  'say "x"',
  "back\\slash",
  "a.b",
  "$",
  "[0]",
  "#-1",
  "?",
  "$1",
  "ü ñ",
  "'; DROP TABLE x; --",
  "%s",
];

forEachDatabase((name, makeUrl) => {
  let connection: Connection;

  const data = {
    ana: { owner: { name: "Ana", age: 30 }, tags: ["x", "y"], score: 10, ok: true, none: null },
    bob: { owner: { name: "Bob" }, tags: ["z"], score: 9.5, ok: false, list: [{ x: 1 }, { x: 2 }] },
    cleo: { owner: null, score: "10", text: "true", nested: { a: [1, 2, { b: "c" }] } },
    dora: [1, 2, "x"],
    eva: "text",
    sql: null,
  };

  before(async () => {
    connection = await connectTo(makeUrl);
    await createTables(connection, [Sample as never]);
    for (const [label, value] of Object.entries(data)) await Sample.objects.create({ label, data: value });
    await Sample.objects.create({ label: "null" });
    await Sample.objects.filter({ label: "null" }).update({ data: Value(null, { outputField: JSONField() }) });
    await Sample.objects.create({ label: "odd", data: Object.fromEntries(hostile.map((key, index) => [key, index])) });
  });
  after(() => connections.closeAll());

  const where = async (path: string, value: unknown) =>
    (await Sample.objects.where(path, value).orderBy("label")).map(({ label }) => label);
  const without = async (conditions: object) =>
    (await Sample.objects.exclude(conditions as never).orderBy("label")).map(({ label }) => label);

  describe("keys", () => {
    test("an object's member, an item, and what is inside them", async () => {
      assert.deepEqual(await where("data__owner__name", "Ana"), ["ana"]);
      assert.deepEqual(await where("data__tags__0", "z"), ["bob"]);
      assert.deepEqual(await where("data__tags__-1", "y"), ["ana"]);
      assert.deepEqual(await where("data__list__1__x", 2), ["bob"]);
      assert.deepEqual(await where("data__nested__a__2__b", "c"), ["cleo"]);
      assert.deepEqual(await where("data__2", "x"), ["dora"]);
      assert.deepEqual(await where("data__owner", { name: "Bob" }), ["bob"]);
      assert.deepEqual(await where("data__tags", ["x", "y"]), ["ana"]);
    });

    test("a value is compared by what JSON says: text, number, true and null are different things", async () => {
      assert.deepEqual(await where("data__score", 10), ["ana"]);
      assert.deepEqual(await where("data__score", "10"), ["cleo"]);
      assert.deepEqual(await where("data__ok", true), ["ana"]);
      assert.deepEqual(await where("data__text", "true"), ["cleo"]);
      assert.deepEqual(await where("data__ok", 1), []);
      assert.deepEqual(await where("data__score__in", [9.5, "10"]), ["bob", "cleo"]);
      assert.deepEqual(await where("data__owner__in", [{ name: "Bob" }, "x"]), ["bob"]);
      assert.deepEqual(await where("data__owner__name__in", []), []);
    });

    test("null is JSON's null, and isnull asks whether there is a key", async () => {
      assert.deepEqual(await where("data__none", null), ["ana"]);
      assert.deepEqual(await where("data__owner", null), ["cleo"]);
      assert.deepEqual(await where("data__owner__isnull", false), ["ana", "bob", "cleo"]);
      assert.deepEqual(await where("data__none__isnull", true), ["bob", "cleo", "dora", "eva", "null", "odd", "sql"]);
      assert.deepEqual(await where("data", null), ["null"]);
      assert.deepEqual(await where("data__isnull", true), ["sql"]);
      assert.equal((await Sample.objects.get({ label: "null" })).data, null);
    });

    test("exclude keeps the rows that have no such key", async () => {
      const others = ["bob", "cleo", "dora", "eva", "null", "odd", "sql"];
      assert.deepEqual(await without({ data__score: 10 }), others);
      assert.deepEqual(await without({ data__score__gt: 9.5 }), others);
      assert.deepEqual(await without({ data__owner__name__startswith: "A" }), others);
    });

    test("numbers have the order of numbers and texts that of texts", async () => {
      assert.deepEqual(await where("data__score__gt", 9), ["ana", "bob"]);
      assert.deepEqual(await where("data__score__lt", 10), ["bob"]);
      assert.deepEqual(await where("data__score__gte", "1"), ["cleo"]);
      assert.deepEqual(await where("data__owner__name__lte", "Ana"), ["ana"]);
      assert.deepEqual(await where("data__score__range", [9, 9.9]), ["bob"]);
      assert.throws(() => Sample.objects.where("data__score__gt", null), FieldError);
      await assert.rejects(where("data__score__gt", [1]), FieldError);
    });

    test("texts at keys are searched without their quotes", async () => {
      assert.deepEqual(await where("data__owner__name__icontains", "N"), ["ana"]);
      assert.deepEqual(await where("data__owner__name__istartswith", "b"), ["bob"]);
      assert.deepEqual(await where("data__owner__name__iexact", "ana"), ["ana"]);
      assert.deepEqual(await where("data__owner__name__regex", "^.o"), ["bob"]);
      assert.deepEqual(await where("data__owner__name__endswith", "a"), ["ana"]);
    });
  });

  describe("questions to the whole", () => {
    test("which keys there are", async () => {
      assert.deepEqual(await where("data__hasKey", "tags"), ["ana", "bob"]);
      assert.deepEqual(await where("data__owner__hasKey", "age"), ["ana"]);
      assert.deepEqual(await where("data__hasKeys", ["tags", "list"]), ["bob"]);
      assert.deepEqual(await where("data__hasAnyKeys", new Set(["list", "nested"])), ["bob", "cleo"]);
      assert.deepEqual(await where("data__hasKeys", ["none"]), ["ana"]);
      for (const key of hostile) assert.deepEqual(await where("data__hasKey", key), ["odd"], key);
      assert.deepEqual(await where("data__hasKeys", hostile), ["odd"]);
    });

    test("containment is PostgreSQL's, and refused on SQLite", async () => {
      const asked = [
        ["data__contains", { score: 10, ok: true }, ["ana"]],
        ["data__owner__contains", { name: "Bob" }, ["bob"]],
        ["data__owner__containedBy", { name: "Ana", age: 30, more: 1 }, ["ana"]],
      ] as const;
      for (const [path, value, labels] of asked) {
        if (name === "postgresql") assert.deepEqual(await where(path, value), labels);
        else await assert.rejects(where(path, value), NotSupportedError);
      }
    });

    test("the whole document", async () => {
      assert.deepEqual(await where("data", "text"), ["eva"]);
      assert.deepEqual(await where("data", [1, 2, "x"]), ["dora"]);
      assert.deepEqual(await where("data__icontains", "TEX"), ["cleo", "eva"]);
    });
  });

  describe("in the rest of a query", () => {
    test("keys are values of any type, and expressions", async () => {
      const rows = await Sample.objects
        .filter({ label__in: ["ana", "bob", "cleo"] })
        .annotate({ who: F("data__owner__name"), whoText: KT("data__owner__name"), tag: KT("data__tags") })
        .orderBy("label")
        .values("data__score", "data__ok", "who", "whoText");
      assert.deepEqual(rows, [
        { data__score: 10, data__ok: true, who: "Ana", whoText: "Ana" },
        { data__score: 9.5, data__ok: false, who: "Bob", whoText: "Bob" },
        { data__score: "10", data__ok: null, who: null, whoText: null },
      ]);
    });

    test("rows are ordered by keys, numbers as numbers", async () => {
      const scores = Sample.objects.filter({ data__score__lt: 100 });
      assert.deepEqual(await scores.orderBy("data__score").valuesList("data__score", { flat: true }), [9.5, 10]);
      assert.deepEqual(await scores.orderBy("-data__owner__name").valuesList("label", { flat: true }), ["bob", "ana"]);
    });

    test("KT may be cast, aggregated and grouped by", async () => {
      const ages = Sample.objects.annotate({ age: Cast(KT("data__owner__age"), IntegerField()) });
      assert.deepEqual(await ages.aggregate({ oldest: Max("age") }), { oldest: 30 });
      const groups = await Sample.objects
        .filter({ data__hasKey: "owner" })
        .alias({ who: KT("data__owner__name") })
        .values("who")
        .annotate({ n: Count("*") })
        .orderBy("who");
      assert.deepEqual(
        new Map(groups.map(({ who, n }) => [who, n])),
        new Map([
          ["Ana", 1],
          ["Bob", 1],
          [null, 1],
        ]),
      );
    });

    test("a key of an annotation, and a key next to another", async () => {
      const rows = Sample.objects.annotate({ owner: F("data__owner") }).filter({ owner__name: "Bob" });
      assert.deepEqual(await rows.valuesList("label", { flat: true }), ["bob"]);
      assert.equal(await Sample.objects.filter({ data__score: F("data__score") }).count(), 3);
    });
  });

  test("a key is a name and never SQL", async () => {
    for (const [index, key] of hostile.entries()) {
      const name = `data__${key}`;
      assert.deepEqual(await where(name, index), ["odd"], key);
      assert.deepEqual(await Sample.objects.orderByNames([name]).where(name, index).count(), 1, key);
    }
    assert.throws(() => Sample.objects.where("data__a\0b", 1).sql(), /NUL/);
    assert.equal(await Sample.objects.count(), 8);
  });
});
