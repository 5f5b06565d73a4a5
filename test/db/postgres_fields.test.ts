import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  ArrayField,
  BigIntegerRangeField,
  BinaryField,
  BooleanField,
  CharField,
  connections,
  DateRangeField,
  DateTimeField,
  DateTimeRangeField,
  DecimalField,
  DecimalRangeField,
  finalizeModels,
  HStoreField,
  IntegerField,
  IntegerRangeField,
  JSONField,
  type Manager,
  Model,
  type ModelClass,
  model,
  Range,
  SearchVectorField,
  TextField,
  ValidationError,
} from "core-framework/db";
import { withSchemaEditor } from "core-framework/migrations";
import fc from "fast-check";
import { checkModels } from "../../core/db/checks/model_checks.ts";
import { DataError } from "../../core/exceptions.ts";
import { DateTime } from "../../core/utils/datetime.ts";
import { forEachDatabase } from "../support/databases.ts";
import { connectTo } from "./connect.ts";

@model({ appLabel: "pg" })
class Shelf extends Model {
  declare static objects: Manager<Shelf>;
  @ArrayField(TextField({ null: true, blank: true }), { blank: true, default: () => [] }) tags!: (string | null)[];
  @ArrayField(CharField({ maxLength: 3 }), { null: true, blank: true, size: 2 }) codes!: string[] | null;
  @ArrayField(ArrayField(IntegerField()), { null: true, blank: true }) grid!: number[][] | null;
  @ArrayField(DateTimeField(), { null: true, blank: true }) moments!: Date[] | null;
  @ArrayField(DecimalField({ maxDigits: 6, decimalPlaces: 2 }), { null: true, blank: true }) prices!: string[] | null;
  @ArrayField(BooleanField(), { null: true, blank: true }) flags!: boolean[] | null;
  @ArrayField(JSONField(), { null: true, blank: true }) data!: unknown[] | null;
  @ArrayField(BinaryField(), { null: true, blank: true }) blobs!: Uint8Array[] | null;
  @HStoreField({ null: true, blank: true }) facts!: Record<string, string | null> | null;
  @IntegerRangeField({ null: true, blank: true }) ints!: Range<number> | null;
  @BigIntegerRangeField({ null: true, blank: true }) bigs!: Range<bigint> | null;
  @DecimalRangeField({ null: true, blank: true }) decimals!: Range<string> | null;
  @DateRangeField({ null: true, blank: true }) days!: Range<string> | null;
  @DateTimeRangeField({ null: true, blank: true, default: new Range(new DateTime("2026-01-01T00:00:00Z"), null) })
  instants!: Range<Date> | null;
  @SearchVectorField({ null: true, blank: true }) words!: string | null;
}

const models = [Shelf] as unknown as ModelClass[];
finalizeModels(models);

async function roundTrip(values: object): Promise<Shelf> {
  const { id } = await Shelf.objects.create(values as never);
  return Shelf.objects.get({ id });
}

const text = fc.string({ unit: "binary", maxLength: 12 }).map((value) => value.replaceAll("\0", ""));

forEachDatabase((name, makeUrl) => {
  after(() => connections.closeAll());

  if (name === "sqlite") {
    test("on SQLite they are errors of the checks, and have no column", async () => {
      await connectTo(makeUrl);
      const found = checkModels(models).map(({ id, msg }) => `${id} ${msg}`);
      assert.ok(found.includes("fields.E180 SQLite does not support ArrayFields."), found.join("\n"));
      assert.ok(found.includes("fields.E180 SQLite does not support SearchVectorFields."));
      await assert.rejects(
        withSchemaEditor((editor) => editor.createModel(Shelf)),
        /only PostgreSQL has/,
      );
    });
    return;
  }

  before(async () => {
    const connection = await connectTo(makeUrl);
    await connection.execute("CREATE EXTENSION IF NOT EXISTS hstore");
    await withSchemaEditor((editor) => editor.createModel(Shelf));
  });

  test("the checks find nothing", () => assert.deepEqual(checkModels(models), []));

  describe("come back as they were written", () => {
    const values: [title: string, values: Partial<Record<keyof Shelf, unknown>>][] = [
      [
        "texts with everything that the form of arrays uses",
        { tags: ['a "b" \\', "{x,y}", "NULL", "", null, " ", "😀"] },
      ],
      ["no items", { tags: [] }],
      [
        "numbers in two dimensions",
        {
          grid: [
            [1, 2],
            [3, -4],
          ],
        },
      ],
      ["instants", { moments: [DateTime.fromString("2026-01-31T12:00:00.000001Z")] }],
      ["decimals", { prices: ["1.50", "-0.01"] }],
      ["true and false", { flags: [true, false] }],
      ["JSON", { data: [{ a: '"}' }, [1, null], "x", 9007199254740993n] }],
      ["bytes", { blobs: [Buffer.from([0, 255]), Buffer.from([])] }],
      ["texts by text", { facts: { a: "1", 'b"=>\\': null, "": "", NULL: "NULL", "😀": ", " } }],
      ["nothing by text", { facts: {} }],
      ["integers", { ints: new Range(-1, 5) }],
      ["bigints", { bigs: new Range(-(2n ** 63n), 9007199254740993n) }],
      ["decimals between", { decimals: new Range("-1.50", "100000000000000000000.5", "(]") }],
      ["days", { days: new Range("0001-01-01", "9999-12-31") }],
      ["instants between", { instants: new Range(DateTime.fromString("2026-01-31T12:00:00.000001Z"), null) }],
      ["an open range", { ints: new Range<number>(null, null) }],
      ["an empty range", { ints: Range.empty() }],
      ["words", { words: "'a':1 'sea':2" }],
    ];
    for (const [title, given] of values) {
      test(title, async () => {
        const read = (await roundTrip(given)) as never as Record<string, unknown>;
        for (const [key, value] of Object.entries(given)) assert.deepEqual(read[key], value);
      });
    }

    test("whatever the texts are", async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(text, { maxLength: 4 }),
          fc.dictionary(text, fc.option(text)),
          async (tags, given) => {
            const facts = Object.fromEntries(Object.entries(given));
            const read = await roundTrip({ tags, facts });
            assert.deepEqual(read.tags, tags);
            assert.deepEqual(read.facts, facts);
          },
        ),
        { numRuns: 200 },
      );
    });

    test("ranges of whole numbers and days as PostgreSQL writes them", async () => {
      const { ints, days } = await roundTrip({
        ints: new Range(1, 5, "[]"),
        days: new Range("2026-01-30", "2026-01-31", "(]"),
      });
      assert.deepEqual([String(ints), String(days)], ["[1,6)", "[2026-01-31,2026-02-01)"]);
    });

    test("a default that is a Range is one", async () => {
      const shelf = new Shelf();
      assert.ok(shelf.instants instanceof Range);
      await shelf.save();
      assert.deepEqual((await Shelf.objects.get({ id: shelf.id })).instants, shelf.instants);
    });

    test("an unchanged array is not written again", async () => {
      const shelf = await roundTrip({ tags: ["a"] });
      await Shelf.objects.filter({ id: shelf.id }).update({ codes: ["x"] } as never);
      await shelf.save();
      assert.deepEqual((await Shelf.objects.get({ id: shelf.id })).codes, ["x"]);
    });
  });

  describe("are refused before they are sent", () => {
    const refused: [title: string, values: object][] = [
      ["a text for an array", { tags: "a" }],
      ["NUL in an item", { tags: ["a\0"] }],
      ["half of a surrogate pair in an item", { tags: ["\ud800"] }],
      ["an item that is too long", { codes: ["abcd"] }],
      ["nested arrays of different lengths", { grid: [[1], [2, 3]] }],
      ["nested arrays without items, which would vanish", { grid: [[], []] }],
      ["null for a nested array", { grid: [[1], null] }],
      ["an array for an object of texts", { facts: ["a"] }],
      ["NUL in a key", { facts: { "a\0": "b" } }],
      ["an object in an object of texts", { facts: { a: {} } }],
      ["a number for a range", { ints: 3 }],
      ["a range of numbers out of range", { ints: new Range(0, 2 ** 31) }],
      ["a range of fractions", { ints: new Range(0.5, 1) }],
      ["a range that ends before it begins", { days: new Range("2026-02-01", "2026-01-01") }],
      ["a range of days that are none", { days: new Range("2026-02-30", null) }],
    ];
    for (const [title, values] of refused) {
      test(title, () =>
        assert.rejects(roundTrip(values), (error: Error) => {
          assert.ok(error instanceof DataError, String(error));
          assert.match(error.message, /^Field "pg\.Shelf\./);
          return true;
        }),
      );
    }
  });

  describe("are validated", () => {
    const errorsOf = async (values: object) => {
      const error = await new Shelf(values).cleanFields({ exclude: ["tags"] }).then(
        () => null,
        (error) => error as ValidationError,
      );
      if (error) assert.ok(error instanceof ValidationError, String(error));
      return error?.messageDict ?? null;
    };

    test("items by their own field", async () => {
      assert.deepEqual(await errorsOf({ codes: ["abc", "abcd"] }), {
        codes: ["Item 2 in the array did not validate: Ensure this value has at most 3 characters (it has 4)."],
      });
      assert.deepEqual(await errorsOf({ grid: [[1], ["x"]] }), { grid: ["“x” value must be an integer."] });
      assert.deepEqual(await errorsOf({ grid: [[1], [2, 3]] }), { grid: ["Nested arrays must have the same length."] });
      assert.deepEqual(await errorsOf({ codes: ["a", "b", "c"] }), {
        codes: ["List contains 3 items, it should contain no more than 2."],
      });
      assert.deepEqual(await errorsOf({ codes: 7 }), { codes: ["“7” value must be an array."] });
    });

    test("texts of a form become items, ends and objects", async () => {
      const shelf = new Shelf({
        tags: ["x"],
        grid: "[[1, 2]]",
        facts: '{"a": null}',
        ints: new Range<unknown>("1", 5),
      });
      await shelf.cleanFields();
      assert.deepEqual([shelf.grid, shelf.facts, shelf.ints], [[[1, 2]], { a: null }, new Range(1, 5)]);
    });

    test("ranges and objects", async () => {
      assert.deepEqual(
        await errorsOf({ ints: new Range(5, 1), days: new Range("x", null), bigs: "1", facts: { a: 1 } }),
        {
          ints: ["The start of the range must not exceed the end of the range."],
          days: ["“x” value has an invalid date format. It must be in YYYY-MM-DD format."],
          bigs: ["“1” value must be a Range."],
          facts: ["The value of “a” is not a string or null."],
        },
      );
    });
  });
});
