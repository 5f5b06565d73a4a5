import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { atomic, connections, type QueryResult } from "core-framework/db";
import fc from "fast-check";
import { DatabaseError } from "../../core/exceptions.ts";
import { forEachDatabase } from "../support/databases.ts";
import { connectTo } from "./connect.ts";
import { models, Sample } from "./models.ts";
import { createTables } from "./schema.ts";

/** From nothing to what fills many packets, in one byte a character and in more. */
const texts = [
  "",
  "a",
  "ä",
  "日本",
  "x".repeat(63),
  `${"x".repeat(63)}é`,
  "y".repeat(64),
  "z".repeat(127),
  "w".repeat(255),
  "💚".repeat(90),
  "v".repeat(2000),
  `${"u".repeat(2000)}ü`,
  "t".repeat(70_000),
  "ß".repeat(200_000),
];

forEachDatabase((name, makeUrl) => {
  before(async () => createTables(await connectTo(makeUrl), models));
  after(() => connections.closeAll());

  const echo = (values: readonly (string | null)[]): Promise<QueryResult> => {
    const type = name === "sqlite" ? "" : "::text";
    const marks = values.map((_, index) => `${connections.get().placeholder(index + 1)}${type}`);
    return connections.get().execute(`SELECT ${marks.join(", ")}`, values);
  };

  describe("what a row holds comes back", () => {
    test("texts of every length and alphabet, and NULL between them", async () => {
      const values = texts.flatMap((text) => [text, null]);
      assert.deepEqual((await echo(values)).rows, [values]);
    });

    test("any texts", async () => {
      const text = fc.string({ unit: "binary", maxLength: 90 }).map((value) => value.replaceAll("\0", ""));
      const row = fc.array(fc.option(text), { minLength: 1, maxLength: 12 });
      await fc.assert(
        fc.asyncProperty(row, async (values) => assert.deepEqual((await echo(values)).rows, [values])),
        { numRuns: 200 },
      );
    });

    test("thousands of rows of all sizes, in their order", async () => {
      const written = Array.from({ length: 4000 }, (_, n) => `${n} ${"é".repeat(n % 7)}${"x".repeat((n * 37) % 300)}`);
      await Sample.objects.bulkCreate(written.map((description) => new Sample({ description })));
      const read = await Sample.objects.orderBy("id").valuesList("description", { flat: true });
      assert.deepEqual([...read], written);
    });
  });

  describe("statements that meet on one connection", () => {
    test("get each their own rows", async () => {
      await atomic(async () => {
        const all = await Promise.all(Array.from({ length: 20 }, (_, n) => echo([`${n}`, null, "ö".repeat(n * 500)])));
        assert.deepEqual(
          all.map(({ rows }) => rows[0][0]),
          Array.from({ length: 20 }, (_, n) => `${n}`),
        );
      });
    });

    test("do not mind that one of them fails", async () => {
      const broken = () => connections.get().execute("SELECT nothing_of_that_name");
      for (let round = 0; round < 3; round++) {
        await assert.rejects(broken(), DatabaseError);
        assert.deepEqual((await echo(["after"])).rows, [["after"]]);
      }
    });

    test("of TypeORM and of a model, in turns", async () => {
      const source = connections.get().dataSource;
      for (let round = 0; round < 3; round++) {
        const [[raw], [[own]]] = [await source.query("SELECT 'é' AS value"), (await echo(["è"])).rows];
        assert.deepEqual([raw.value, own], ["é", "è"]);
      }
    });
  });

  test("tell how many rows they changed", async () => {
    await Sample.objects.all().delete();
    await Sample.objects.bulkCreate([1, 2, 3].map((n) => new Sample({ description: `${n}` })));
    const { dbTable } = Sample._meta;
    const { rowCount } = await connections.get().execute(`UPDATE "${dbTable}" SET description = 'x' WHERE id > 0`);
    assert.equal(rowCount, 3);
    assert.equal((await connections.get().execute(`SELECT id FROM "${dbTable}"`)).rowCount, 3);
  });
});
