// test/rest/fixtures/fields.json holds what DRF 3.14's fields answered; test/rest/oracle/fields.py wrote it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { configureSettings, resetSettings } from "../../core/conf/settings.ts";
import { type Detail, ErrorDetail } from "../../core/rest/error_detail.ts";
import { ValidationError } from "../../core/rest/exceptions.ts";
import * as fields from "../../core/rest/fields.ts";
import { Duration } from "../../core/utils/datetime.ts";
import { parseJson, stringifyJson } from "../../core/utils/json.ts";
import { camelCase } from "../../core/utils/text.ts";

type Options = Record<string, unknown>;
type Answer = [shown: string | null, errors: unknown];
type Group = [...Answer, inputs: number[]];
interface Section {
  field: string;
  options: Options;
  groups: Group[];
}

const text = readFileSync(new URL("fixtures/fields.json", import.meta.url), "utf8");
const table = parseJson(text) as unknown as { inputs: string[]; fields: Section[] };
const classes = fields as unknown as Record<string, new (options: Options) => fields.Field>;

function option([name, value]: [string, unknown]): [string, unknown] {
  if (name === "child") return [name, build(...(value as [string, Options]))];
  if (typeof value !== "object" || value === null || !("duration" in value)) return [camelCase(name), value];
  return [camelCase(name), new Duration(BigInt(value.duration as number))];
}

function build(name: string, options: Options): fields.Field {
  return new (classes[name] as new (options: Options) => fields.Field)(
    Object.fromEntries(Object.entries(options).map(option)),
  );
}

function pairs(detail: Detail): unknown {
  if (detail instanceof ErrorDetail) return [detail.message, detail.code];
  if (Array.isArray(detail)) return detail.map(pairs);
  return Object.fromEntries(Object.entries(detail).map(([key, value]) => [key, pairs(value)]));
}

function answer(field: fields.Field, input: string): Answer {
  const data = input === "absent" ? fields.empty : parseJson(input, { prototypeKeys: "keep" });
  try {
    const value = field.runValidation(data);
    if (value === fields.empty) return ["skipped", null];
    return [value === null ? "null" : field.toJson(value, fields.emptyContext), null];
  } catch (error) {
    if (error instanceof ValidationError) return [null, pairs(error.detail)];
    throw error;
  }
}

const notANumber = [["A valid number is required.", "invalid"]];
const tooLong = [["The number of days must be between -999999999 and 999999999.", "overflow"]];

/** Where DRF 3.14 ends in a 500, or shows what JSON cannot hold, the value is refused. Undefined where DRF's answer stands. */
function ours({ field, options }: Section, [shown]: Answer, input: string): Answer | undefined {
  // A boolean is an integer to Python, and UUID(int=True).int is True again.
  if (field === "UUIDField" && options.format === "int" && /^(true|false)$/.test(input))
    return [input === "true" ? "1" : "0", null];
  if (shown === null || !shown.endsWith("Error")) return undefined;
  if (field === "FloatField") return [null, notANumber];
  if (field === "JSONField") return [null, [["Value must be valid JSON.", "invalid"]]];
  if (field === "DurationField") return [null, tooLong];
  return undefined;
}

before(() => configureSettings({ SECRET_KEY: "x".repeat(50), REST_FRAMEWORK: { COMPATIBILITY: "3.14" } }));
after(resetSettings);

for (const section of table.fields) {
  test(`${section.field} ${stringifyJson(section.options)} answers as DRF does`, () => {
    const field = build(section.field, section.options);
    const differences = section.groups.flatMap(([shown, errors, inputs]) =>
      inputs.flatMap((index) => {
        const input = table.inputs[index] as string;
        const expected = ours(section, [shown, errors], input) ?? [shown, errors];
        const actual = answer(field, input);
        return JSON.stringify(actual) === JSON.stringify(expected)
          ? []
          : [{ input: input.slice(0, 60), actual, expected }];
      }),
    );
    assert.deepEqual(differences.slice(0, 8), []);
  });
}

function refusal(check: () => unknown): unknown {
  try {
    check();
  } catch (error) {
    if (error instanceof ValidationError) return pairs(error.detail);
    throw error;
  }
  return null;
}

test("numbers beyond a double are refused by every field that shows numbers", () => {
  const huge = parseJson("1e400");
  const own = [
    new fields.FloatField(),
    new fields.IntegerField(),
    new fields.DecimalField({ maxDigits: 5, decimalPlaces: 2 }),
  ];
  for (const field of own)
    assert.ok(
      refusal(() => field.runValidation(huge)),
      field.constructor.name,
    );
  assert.ok(refusal(() => new fields.JSONField().runValidation(parseJson('{"a": [1e400]}'))));
});

test("a big integer field gives bigints of any size and may show them as text", () => {
  const field = new fields.BigIntegerField({ maxValue: 2n ** 64n, coerceToString: true });
  assert.equal(field.runValidation(7), 7n);
  assert.equal(field.toJson(2n ** 60n, fields.emptyContext), '"1152921504606846976"');
  assert.deepEqual(
    refusal(() => field.runValidation("1.5")),
    [["A valid biginteger is required.", "invalid"]],
  );
  assert.deepEqual(
    refusal(() => field.runValidation(2n ** 65n)),
    [["Ensure this value is less than or equal to 18446744073709551616.", "max_value"]],
  );
});

test("datetimes without an offset are in the field's zone, which may not have had that time", () => {
  const field = new fields.DateTimeField({ defaultTimezone: "Europe/Madrid" });
  const value = field.runValidation("2026-01-15T12:00:00") as Date;
  assert.equal(value.toISOString(), "2026-01-15T11:00:00.000Z");
  assert.equal(field.toRepresentation(value as never, fields.emptyContext), "2026-01-15T12:00:00+01:00");
  assert.deepEqual(
    refusal(() => field.runValidation("2026-03-29T02:30")),
    [['Invalid datetime for the timezone "Europe/Madrid".', "make_aware"]],
  );
});

test("a file needs content, a name, and not too long a one", () => {
  class Upload implements fields.UploadedFile {
    readonly name: string;
    readonly size: number;
    constructor(name: string, size: number) {
      this.name = name;
      this.size = size;
    }
  }
  const field = new fields.FileField({ maxLength: 5 });
  assert.deepEqual(
    refusal(() => field.runValidation(new Upload("a.txt", 0))),
    [["The submitted file is empty.", "empty"]],
  );
  assert.deepEqual(
    refusal(() => field.runValidation(new Upload("", 1))),
    [["No filename could be determined.", "no_name"]],
  );
  assert.deepEqual(
    refusal(() => field.runValidation(new Upload("ab.txt", 1))),
    [["Ensure this filename has at most 5 characters (it has 6).", "max_length"]],
  );
  assert.equal(
    refusal(() => new fields.FileField({ allowEmptyFile: true }).runValidation(new Upload("é", 0))),
    null,
  );
});

test("a hidden field takes its default and nothing else; a create-only default is none for an update", () => {
  const field = new fields.HiddenField({ default: fields.currentUserDefault });
  const context = { partial: false, instance: null, request: { user: "ana" } };
  assert.equal(field.getValue(), fields.empty);
  assert.equal(field.runValidation(fields.empty, context), "ana");
  assert.equal(field.runValidation(fields.empty, { ...context, partial: true }), fields.empty);
  const once = new fields.HiddenField({ default: fields.createOnlyDefault(() => 5) });
  assert.equal(once.runValidation(fields.empty, context), 5);
  assert.equal(once.runValidation(fields.empty, { ...context, instance: {} }), fields.empty);
});

test("options that contradict each other are refused when the field is made", () => {
  assert.throws(() => new fields.CharField({ readOnly: true, writeOnly: true }), /both readOnly and writeOnly/);
  assert.throws(() => new fields.CharField({ readOnly: true, required: true }), /both readOnly and required/);
  assert.throws(() => new fields.CharField({ required: true, default: "x" }), /both required and have a default/);
});

test("keys that mean something to JavaScript are ordinary keys of a dictionary", () => {
  const value = parseJson('{"__proto__": 1, "constructor": 2}', { prototypeKeys: "keep" });
  const checked = new fields.DictField({ child: new fields.IntegerField() }).runValidation(value) as object;
  assert.deepEqual(Object.keys(checked), ["__proto__", "constructor"]);
  assert.equal(({} as Record<string, unknown>)[1], undefined);
});

test("no field takes long over hostile text", () => {
  const own = table.fields.map(({ field, options }) => build(field, options));
  const hostile = [
    "a".repeat(100_000),
    "9".repeat(100_000),
    `a@${"a.".repeat(50_000)}`,
    " ".repeat(100_000),
    ".0".repeat(50_000),
    "1:".repeat(50_000),
    "P1".repeat(50_000),
    "-".repeat(100_000),
  ];
  for (const field of own) {
    for (const input of hostile) {
      const start = performance.now();
      refusal(() => field.runValidation(input));
      assert.ok(performance.now() - start < 250, `${field.constructor.name} ${input.slice(0, 5)}`);
    }
  }
});
