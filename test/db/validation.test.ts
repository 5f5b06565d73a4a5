import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { connections, F, NON_FIELD_ERRORS, ValidationError } from "core-framework/db";
import { withSchemaEditor } from "core-framework/migrations";
import { DateTime } from "../../core/utils/datetime.ts";
import { Duration } from "../../core/utils/duration.ts";
import { forEachDatabase } from "../support/databases.ts";
import { connectTo } from "./connect.ts";
import { Everything, House, Kiosk, models, Paper, Place, Size, Status } from "./validation_models.ts";

/** What is wrong, by field; null where nothing is. */
async function errorsOf(check: Promise<void>): Promise<Record<string, string[]> | null> {
  try {
    await check;
    return null;
  } catch (error) {
    assert.ok(error instanceof ValidationError, String(error));
    return error.messageDict;
  }
}

async function codesOf(check: Promise<void>): Promise<Record<string, string[]>> {
  const error = await check.then(
    () => assert.fail("nothing was wrong"),
    (error) => error as ValidationError,
  );
  return Object.fromEntries(
    Object.entries(error.errorDict ?? {}).map(([name, errors]) => [name, errors.map(({ code }) => code)]),
  );
}

/** The value of one field after cleaning, or its sentences. */
async function cleaned(name: string, value: unknown): Promise<unknown> {
  const object = new Everything({ [name]: value });
  const others = Everything._meta.fields.map((field) => field.name).filter((other) => other !== name);
  const errors = await errorsOf(object.cleanFields({ exclude: others }));
  return errors ? errors[name] : (object as never as Record<string, unknown>)[name];
}

describe("a field's value becomes one of its type", () => {
  const conversions: [name: string, value: unknown, result: unknown][] = [
    ["big", "9223372036854775807", 9223372036854775807n],
    ["big", 5, 5n],
    ["integer", " 1_000 ", 1000],
    ["integer", 7n, 7],
    ["binary", "AAEC", Buffer.from([0, 1, 2])],
    ["flag", "True", true],
    ["flag", "f", false],
    ["char", 12, "12"],
    ["date", "2026-2-9", "2026-02-09"],
    ["date", new Date("2026-02-09T23:00:00Z"), "2026-02-09"],
    ["moment", "2026-02-09", DateTime.fromString("2026-02-09T00:00:00Z")],
    ["moment", "2026-02-09 10:00:00.000001+02", DateTime.fromString("2026-02-09T08:00:00.000001Z")],
    ["decimal", 12.5, "12.5"],
    ["decimal", "1e1", "10"],
    ["span", "1 00:00:01", Duration.of({ days: 1, seconds: 1 })],
    ["float", "1e3", 1000],
    ["ip", " ::ffff:10.0.0.1", "10.0.0.1"],
    ["ip", "2001:0DB8::0001", "2001:db8::1"],
    ["time", "9:30", "09:30:00"],
    ["uuid", "{A987FBC94BED3078CF079141BA07C9F3}", "a987fbc9-4bed-3078-cf07-9141ba07c9f3"],
    ["unicodeSlug", "été-1", "été-1"],
    ["json", { a: [1] }, { a: [1] }],
  ];
  for (const [name, value, result] of conversions) {
    test(`${name}: ${typeof value === "bigint" ? `${value}n` : JSON.stringify(value)}`, async () =>
      assert.deepEqual(await cleaned(name, value), result));
  }
});

describe("a value that is not of the field's type is refused in Django's words", () => {
  const refused: [name: string, value: unknown, ...sentences: string[]][] = [
    ["integer", "1.5", "“1.5” value must be an integer."],
    ["integer", 1.5, "“1.5” value must be an integer."],
    ["integer", null, "This field cannot be null."],
    ["integer", 2147483648, "Ensure this value is less than or equal to 2147483647."],
    ["integer", "99999999999999999999", "Ensure this value is less than or equal to 2147483647."],
    ["positive", -1, "Ensure this value is greater than or equal to 0."],
    ["positive", 32768, "Ensure this value is less than or equal to 32767."],
    ["big", 2n ** 63n, "Ensure this value is less than or equal to 9223372036854775807."],
    ["binary", "?", "“?” value must be bytes, or text in base64."],
    ["binary", Buffer.from("abcd"), "Ensure this value has at most 3 characters (it has 4)."],
    ["flag", "maybe", "“maybe” value must be either True or False."],
    ["flag", null, "“None” value must be either True or False."],
    ["flag", "true", "“true” value must be either True or False."],
    ["tri", "", "This field cannot be blank."],
    [
      "span",
      "9223372036854775808",
      "“9223372036854775808” value has an invalid format. It must be in [DD] [[HH:]MM:]ss[.uuuuuu] format.",
    ],
    ["float", "nan", "“nan” value must be a float."],
    ["tri", "maybe", "“maybe” value must be either True, False, or None."],
    ["char", "", "This field cannot be blank."],
    ["char", "abcd", "Ensure this value has at most 3 characters (it has 4)."],
    ["char", "a\0", "Null characters are not allowed."],
    ["text", "a\ud800", "Surrogate characters are not allowed: U+D800."],
    ["date", "9.2.2026", "“9.2.2026” value has an invalid date format. It must be in YYYY-MM-DD format."],
    ["date", "2026-02-30", "“2026-02-30” value has the correct format (YYYY-MM-DD) but it is an invalid date."],
    ["moment", "x", "“x” value has an invalid format. It must be in YYYY-MM-DD HH:MM[:ss[.uuuuuu]][TZ] format."],
    ["moment", "2026-02-30", "“2026-02-30” value has the correct format (YYYY-MM-DD) but it is an invalid date."],
    [
      "moment",
      "2026-02-09 25:00",
      "“2026-02-09 25:00” value has the correct format (YYYY-MM-DD HH:MM[:ss[.uuuuuu]][TZ]) but it is an invalid date/time.",
    ],
    ["decimal", "x", "“x” value must be a decimal number."],
    ["decimal", "NaN", "“NaN” value must be a decimal number."],
    ["decimal", "1e999999999", "“1e999999999” value must be a decimal number."],
    ["decimal", "123", "Ensure that there are no more than 2 digits before the decimal point."],
    ["decimal", "1.234", "Ensure that there are no more than 2 decimal places."],
    ["decimal", "12345", "Ensure that there are no more than 4 digits in total."],
    ["span", "x", "“x” value has an invalid format. It must be in [DD] [[HH:]MM:]ss[.uuuuuu] format."],
    ["email", "a@b", "Enter a valid email address."],
    ["float", "x", "“x” value must be a float."],
    ["ip", "1.2.3", "Enter a valid IPv4 or IPv6 address."],
    ["ip", "1::2::3", "Enter a valid IPv4 or IPv6 address."],
    ["ip4", "::1", "Enter a valid IPv4 address."],
    ["json", "\ud800", "Value must be valid JSON."],
    ["slug", "a b", "Enter a valid “slug” consisting of letters, numbers, underscores or hyphens."],
    ["slug", "été", "Enter a valid “slug” consisting of letters, numbers, underscores or hyphens."],
    ["time", "9h", "“9h” value has an invalid format. It must be in HH:MM[:ss[.uuuuuu]] format."],
    ["time", "25:00", "“25:00” value has the correct format (HH:MM[:ss[.uuuuuu]]) but it is an invalid time."],
    ["url", "x", "Enter a valid URL."],
    ["uuid", "x", "“x” is not a valid UUID."],
  ];
  for (const [name, value, ...sentences] of refused) {
    test(`${name}: ${String(value)}`, async () => assert.deepEqual(await cleaned(name, value), sentences));
  }
});

forEachDatabase((_name, makeUrl) => {
  let house: House;

  before(async () => {
    await connectTo(makeUrl);
    await withSchemaEditor(async (editor) => {
      for (const each of models) await editor.createModel(each);
    });
  });
  after(() => connections.closeAll());
  beforeEach(async () => {
    await Paper.objects.all().delete();
    await House.objects.all().delete();
    house = await House.objects.create({ name: "Ana & Co" });
  });

  const paper = (values: object = {}) => new Paper({ title: "News", slug: "news", house, headline: "Hi", ...values });

  test("fullClean() lets a good object through and converts what it holds", async () => {
    const good = paper({ title: 12, price: 3 as never, houseId: String(house.id) });
    await good.fullClean();
    assert.deepEqual([good.title, good.price, good.houseId], ["12", "3", house.id]);
    await good.save();
    assert.equal((await Paper.objects.get({ id: good.id })).price, "3.00");
  });

  test("all errors come together: fields, clean(), what other rows have", async () => {
    await paper().save();
    const error = await errorsOf(paper({ title: "Hi", price: "0", size: 7, status: "x" as never }).fullClean());
    assert.deepEqual(error, {
      slug: ["Taken."],
      status: ["Value 'x' is not a valid choice."],
      size: ["Value 7 is not a valid choice."],
      price: ["Ensure this value is greater than or equal to 0.01."],
      headline: ["Headline must be unique for Day date.", "Headline must be unique for Day month."],
      issue: ["Issue must be unique for Day year."],
      __all__: ["Title and headline are the same."],
    });
  });

  test("clean() may name fields, and its codes are kept", async () => {
    assert.deepEqual(await codesOf(paper({ title: "bad", slug: "a b" }).fullClean()), {
      slug: ["invalid"],
      title: ["bad"],
    });
  });

  test("a field's own text counts more than that of its kind and of its validators", async () => {
    assert.deepEqual(await errorsOf(paper({ slug: "a b" }).fullClean()), { slug: ["Letters only."] });
  });

  test("a field that is excluded is not looked at, nor is anything that needs it", async () => {
    await paper().save();
    const exclude = ["slug", "title", "headline", "day"];
    assert.equal(await errorsOf(paper({ slug: "" }).fullClean({ exclude })), null);
    assert.deepEqual(Object.keys((await errorsOf(paper({ slug: "" }).fullClean({ validateUnique: false }))) ?? {}), [
      "slug",
    ]);
  });

  test("values that are unique together are the object's error", async () => {
    await paper().save();
    const error = await errorsOf(paper({ slug: "other", headline: "", issue: 2 }).validateUnique());
    assert.deepEqual(error, { [NON_FIELD_ERRORS]: ["Paper with this House and Title already exists."] });
  });

  test("a unique field's sentence names the model and the field, and the row itself is no other", async () => {
    assert.equal(await errorsOf(house.fullClean()), null);
    const other = new House({ name: house.name });
    assert.deepEqual(await errorsOf(other.fullClean()), { name: ["Publishing house with this Name already exists."] });
    assert.deepEqual(await codesOf(other.fullClean()), { name: ["unique"] });
    const sameKey = new House({ id: house.id, name: "Other" });
    assert.deepEqual(await errorsOf(sameKey.fullClean()), { id: ["Publishing house with this ID already exists."] });
  });

  test("uniqueForDate, uniqueForMonth and uniqueForYear look at the part of the date that they name", async () => {
    await paper().save();
    const sameMonth = paper({ title: "B", slug: "b", day: "2026-01-01", issue: 2 });
    assert.deepEqual(await errorsOf(sameMonth.validateUnique()), {
      headline: ["Headline must be unique for Day month."],
    });
    const sameYear = paper({ title: "B", slug: "b", day: "2026-02-01" });
    assert.deepEqual(await errorsOf(sameYear.validateUnique()), { issue: ["Issue must be unique for Day year."] });
    assert.equal(await errorsOf(paper({ title: "B", slug: "b", day: "2027-02-28" }).validateUnique()), null);
  });

  test("a foreign key must lead to a row that may be chosen", async () => {
    const missing = { house: ["publishing house instance with id 99 does not exist."] };
    assert.deepEqual(await errorsOf(paper({ house: undefined, houseId: 99 }).fullClean()), missing);
    const closed = await House.objects.create({ name: "Closed", active: false });
    const error = await errorsOf(paper({ house: closed }).fullClean());
    assert.deepEqual(error, { house: [`publishing house instance with id ${closed.id} does not exist.`] });
    assert.deepEqual(await errorsOf(paper({ house: undefined }).fullClean()), {
      house: ["This field cannot be null."],
    });
  });

  test("constraints that can validate are asked; one of a single field is that field's error", async () => {
    const seen: unknown[] = [];
    const failing = (message: string, fields: string[], code?: string) => ({
      fields,
      name: message,
      validate(...args: unknown[]) {
        seen.push(args[0]);
        throw new ValidationError(message, code ? { code } : {});
      },
    });
    const constraints = [failing("One.", ["title"], "unique"), failing("Two.", ["title"]), { name: "x", fields: [] }];
    Object.defineProperty(Paper._meta, "constraints", { value: constraints, configurable: true });
    try {
      assert.deepEqual(await errorsOf(paper().fullClean()), { title: ["One."], [NON_FIELD_ERRORS]: ["Two."] });
      assert.deepEqual(seen, [Paper, Paper]);
      assert.equal(await errorsOf(paper().fullClean({ validateConstraints: false })), null);
    } finally {
      delete (Paper._meta as { constraints?: unknown }).constraints;
    }
  });

  test("save() does not validate", async () => {
    await paper({ size: 99, slug: "a b" }).save();
    assert.equal(await Paper.objects.filter({ size: 99 }).count(), 1);
  });

  test("what is unique in a multi-table parent is unique among all of its rows, and named after it", async () => {
    await Place.objects.create({ name: "A", city: "X", street: "1" });
    await Kiosk.objects.create({ name: "B", city: "X", street: "2", name2: "b", stars: 1 });
    const kiosk = new Kiosk({ name: "A", city: "X", street: "1", name2: "b", stars: 1 });
    assert.deepEqual(await errorsOf(kiosk.fullClean()), {
      name: ["Place with this Name already exists."],
      stars: ["Kiosk with this Stars already exists."],
      __all__: ["Kiosk with this Name2 and Stars already exists.", "Place with this City and Street already exists."],
    });
    assert.deepEqual(await errorsOf(kiosk.validateUnique({ exclude: ["name", "name2", "stars"] })), {
      __all__: ["Place with this City and Street already exists."],
    });
    const saved = await Kiosk.objects.get({ name: "B" });
    assert.equal(await errorsOf(saved.fullClean()), null);
    saved.name = "A";
    assert.deepEqual(await errorsOf(saved.fullClean()), { name: ["Place with this Name already exists."] });
  });

  test("what the database is to compute is not validated", async () => {
    const saved = await House.objects.create({ name: "X" });
    saved.name = F("name") as never;
    assert.equal(await errorsOf(saved.fullClean()), null);
  });

  describe("choices", () => {
    test("have members, values, labels and names", () => {
      assert.deepEqual([Status.DRAFT, Status.IN_PRINT, Size.VERY_LARGE], ["draft", "print", 30]);
      assert.deepEqual(Status.choices, [
        [null, "(Unknown)"],
        ["draft", "Draft"],
        ["print", "In Print"],
      ]);
      assert.deepEqual(
        [Size.values, Size.labels, Size.names],
        [
          [1, 30],
          ["Small", "Huge"],
          ["SMALL", "VERY_LARGE"],
        ],
      );
      assert.deepEqual([Status.label("print"), Status.label(null)], ["In Print", "(Unknown)"]);
    });

    test("get<Field>Display() gives the label, and the value where it has none", async () => {
      const saved = paper({ status: "print", size: 30 });
      await saved.save();
      const read = await Paper.objects.get({ id: saved.id });
      assert.deepEqual([read.getStatusDisplay(), read.getSizeDisplay()], ["In Print", "Huge"]);
      assert.deepEqual([paper({ size: 8 }).getSizeDisplay(), paper().getStatusDisplay()], ["8", "(Unknown)"]);
    });
  });

  test("getNextBy<Field>() and getPreviousBy<Field>() go through rows of the same day by their keys", async () => {
    const [a, b, c] = await Promise.all(
      ["2026-01-01", "2026-01-02", "2026-01-02"].map(async (day, index) => {
        const saved = paper({ title: `T${index}`, slug: `s${index}`, day });
        await saved.save();
        return saved;
      }),
    );
    const [first, second] = [b, c].sort((one, other) => one.id - other.id);
    assert.equal((await a.getNextByDay()).id, first.id);
    assert.equal((await first.getNextByDay()).id, second.id);
    assert.equal((await second.getPreviousByDay()).id, first.id);
    assert.equal((await a.getNextByDay({ slug: second.slug })).id, second.id);
    await assert.rejects(a.getPreviousByDay(), Paper.DoesNotExist);
    await assert.rejects(paper().getNextByDay(), /unsaved/);
  });
});
