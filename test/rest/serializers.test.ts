import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { afterEach, test } from "node:test";
import { configureSettings, resetSettings } from "../../core/conf/settings.ts";
import { ValidationError } from "../../core/rest/exceptions.ts";
import { fields } from "../../core/rest/field_decorators.ts";
import { currentUserDefault, Field, type FieldContext, type IntegerField } from "../../core/rest/fields.ts";
import {
  compileSchema,
  declaredFields,
  InputSchema,
  type ParseOptions,
  Schema,
  type SchemaClass,
} from "../../core/rest/serializers.ts";
import { Duration } from "../../core/utils/datetime.ts";
import { parseJson, stringifyJson } from "../../core/utils/json.ts";

afterEach(resetSettings);

function compatibility(version: "3.14" | "3.18"): void {
  configureSettings({ SECRET_KEY: "x".repeat(50), REST_FRAMEWORK: { COMPATIBILITY: version } });
}

/** What comes of an input: `{ ok: … }` or `{ errors: … }`, as JSON has it. */
async function outcome(cls: SchemaClass, data: unknown, options: ParseOptions = {}): Promise<unknown> {
  const result = await compileSchema(cls).parse(data, options);
  return parseJson(stringifyJson(result.ok ? { ok: result.value } : { errors: result.errors }));
}

class PointSchema extends Schema {
  @fields.IntegerField() x!: number;
  @fields.IntegerField({ minValue: 0 }) y!: number;
  @fields.CharField({ maxLength: 10, required: false }) label?: string;
}

test("fields come in the order of their declaration, and a subclass replaces them in their place", () => {
  class Wider extends PointSchema {
    @fields.CharField() extra!: string;
    @fields.IntegerField({ maxValue: 5 }) override x!: number;
  }
  assert.deepEqual([...declaredFields(Wider).keys()], ["x", "y", "label", "extra"]);
  assert.equal((declaredFields(Wider).get("x") as IntegerField).maxValue, 5);
  assert.equal((declaredFields(PointSchema).get("x") as IntegerField).maxValue, undefined);
});

test("every field's errors come together, by wire name, in the order of the fields", async () => {
  class Event extends InputSchema {
    @fields.CharField() eventName!: string;
    @fields.DateField() startsOn!: string;
    @fields.Nested(PointSchema) where!: PointSchema;
  }
  assert.deepEqual(await outcome(Event, { starts_on: "soon", where: { x: "a" } }), {
    errors: {
      event_name: ["This field is required."],
      starts_on: ["Date has wrong format. Use one of these formats instead: YYYY-MM-DD."],
      where: { x: ["A valid integer is required."], y: ["This field is required."] },
    },
  });
});

test("what is not an object is told so", async () => {
  const expected = (type: string) => ({
    errors: { non_field_errors: [`Invalid data. Expected a dictionary, but got ${type}.`] },
  });
  assert.deepEqual(await outcome(PointSchema, []), expected("list"));
  assert.deepEqual(await outcome(PointSchema, 1.5), expected("float"));
  assert.deepEqual(await outcome(PointSchema, "x"), expected("str"));
  assert.deepEqual(await outcome(PointSchema, null), { errors: { non_field_errors: ["No data provided"] } });
});

test("values arrive under the property's name, or where source says", async () => {
  class Profile extends Schema {
    @fields.CharField({ source: "user.firstName" }) firstName!: string;
    @fields.IntegerField({ source: "user.age" }) userAge!: number;
    @fields.CharField({ source: "nickname" }) displayName!: string;
    @fields.Nested(PointSchema, { source: "*" }) place!: PointSchema;
  }
  const data = { first_name: "Ana", user_age: "7", display_name: "A", place: { x: 1, y: 2 } };
  assert.deepEqual(await outcome(Profile, data), {
    ok: { user: { firstName: "Ana", age: 7 }, nickname: "A", x: 1, y: 2 },
  });
});

test("unknown keys are ignored, or refused where a schema or the settings say so", async () => {
  class Strict extends PointSchema {
    static override unknownFields = "reject" as const;
  }
  const data = { x: 1, y: 2, z: 3, constructor: 4 };
  assert.deepEqual(await outcome(PointSchema, data), { ok: { x: 1, y: 2 } });
  assert.deepEqual(await outcome(Strict, data), { errors: { z: ["Unknown field."], constructor: ["Unknown field."] } });
  configureSettings({ SECRET_KEY: "x".repeat(50), REST_FRAMEWORK: { UNKNOWN_FIELDS: "reject" } });
  assert.deepEqual(await outcome(PointSchema, data), {
    errors: { z: ["Unknown field."], constructor: ["Unknown field."] },
  });
});

test("FIELD_CASE decides how names are written on the wire", async () => {
  class Book extends Schema {
    @fields.DateField() publishedOn!: string;
  }
  assert.equal(compileSchema(Book).toJson({ publishedOn: "2024-01-01" }), '{"published_on":"2024-01-01"}');
  configureSettings({ SECRET_KEY: "x".repeat(50), REST_FRAMEWORK: { FIELD_CASE: "camelCase" } });
  assert.equal(compileSchema(Book).toJson({ publishedOn: "2024-01-01" }), '{"publishedOn":"2024-01-01"}');
  assert.deepEqual(await outcome(Book, { publishedOn: "2024-01-01" }), { ok: { publishedOn: "2024-01-01" } });
});

test("a class is compiled once for the same settings", () => {
  assert.equal(compileSchema(PointSchema), compileSchema(PointSchema));
  assert.notEqual(compileSchema(PointSchema), compileSchema(PointSchema, { fieldCase: "camelCase" }));
});

class BookingInput extends InputSchema {
  @fields.CharField({ maxLength: 10 }) title!: string;
  @fields.DateField() startsOn!: string;
  @fields.DateField() endsOn!: string;
  @fields.IntegerField({ default: 1 }) seats!: number;

  validateTitle(title: string) {
    if (title.includes("bad")) throw new ValidationError("No bad words, please.");
    return title.toUpperCase();
  }
  validateSeats(seats: number) {
    if (seats === 13) throw new ValidationError(["13 is unlucky.", "Choose another number."]);
    return seats;
  }
  override validate(attrs: BookingInput) {
    if (attrs.endsOn < attrs.startsOn) throw new ValidationError("end must not be before start.");
    if (attrs.title === "OBVIOUS") throw new ValidationError({ startsOn: "Too obvious.", other: ["Odd."] });
    return { ...attrs, days: 1 };
  }
}

const booking = { title: "trip", starts_on: "2024-01-01", ends_on: "2024-01-02" };

test("hooks check and change single values, then all of them together", async () => {
  assert.deepEqual(await outcome(BookingInput, booking), {
    ok: { title: "TRIP", startsOn: "2024-01-01", endsOn: "2024-01-02", seats: 1, days: 1 },
  });
  assert.deepEqual(await outcome(BookingInput, { ...booking, title: "bad", seats: 13 }), {
    errors: { title: ["No bad words, please."], seats: ["13 is unlucky.", "Choose another number."] },
  });
  // The field's own checks come first, and alone.
  assert.deepEqual(await outcome(BookingInput, { ...booking, title: "bad and much too long" }), {
    errors: { title: ["Ensure this field has no more than 10 characters."] },
  });
  assert.deepEqual(await outcome(BookingInput, { ...booking, ends_on: "2023-01-01" }), {
    errors: { non_field_errors: ["end must not be before start."] },
  });
  assert.deepEqual(await outcome(BookingInput, { ...booking, title: "obvious" }), {
    errors: { starts_on: ["Too obvious."], other: ["Odd."] },
  });
});

test("nothing is made to wait where nothing is async", () => {
  assert.ok(!(compileSchema(BookingInput).parse(booking) instanceof Promise));
});

test("a hook that forgets to return the value is told so", () => {
  class Forgetful extends Schema {
    @fields.CharField() title!: string;
    validateTitle(_title: string) {}
  }
  class Careless extends PointSchema {
    override validate(_attrs: object) {}
  }
  const parse = (cls: SchemaClass, data: object) => compileSchema(cls).parse(data);
  assert.throws(() => parse(Forgetful, { title: "x" }), /Forgetful\.validateTitle\(\) returned nothing/);
  assert.throws(() => parse(Careless, { x: 1, y: 1 }), /Careless\.validate\(\) returned nothing/);
});

test("an update that is partial leaves out what is not given, defaults and nested keys too", async () => {
  class Outer extends BookingInput {
    @fields.Nested(PointSchema) point!: PointSchema;
    override validate(attrs: Outer) {
      return { ...attrs, days: 2 };
    }
  }
  assert.deepEqual(await outcome(Outer, { title: "x", point: { y: 1 } }, { partial: true }), {
    ok: { title: "X", point: { y: 1 }, days: 2 },
  });
  assert.deepEqual(await outcome(PointSchema, {}, { partial: true }), { ok: {} });
});

test("read-only fields take no input; hidden ones take theirs from the context", async () => {
  class Review extends Schema {
    @fields.IntegerField({ readOnly: true }) id!: number;
    @fields.HiddenField({ default: currentUserDefault }) user!: unknown;
    @fields.IntegerField() stars!: number;
  }
  const context = { request: { user: "ana" } };
  assert.deepEqual(await outcome(Review, { id: 5, user: "eve", stars: 3 }, { context }), {
    ok: { user: "ana", stars: 3 },
  });
});

/** Looks a number up, as a relation looks up its row. */
class LookupField extends Field<number> {
  static override defaultErrorMessages = { missing: "Invalid pk." };
  toInternalValue(data: unknown) {
    return typeof data === "number" ? data : this.fail("null");
  }
  toRepresentation(value: number) {
    return value;
  }
  override async resolve(value: number, context: FieldContext) {
    (context.log as string[]).push(`start ${value}`);
    await new Promise((done) => setTimeout(done, 5));
    (context.log as string[]).push(`end ${value}`);
    return value > 0 ? value * 10 : this.fail("missing");
  }
}
const Lookup = fields.custom(LookupField);

class LinkInput extends InputSchema {
  @Lookup() first!: number;
  @fields.IntegerField() second!: number;
  @fields.ListField({ child: new LookupField() }) many!: number[];
  async validateSecond(value: number) {
    if (value < 0) throw new ValidationError("Must be positive.");
    return value + 1;
  }
  override async validate(attrs: object) {
    return { ...attrs, checked: true };
  }
}

test("what has to be waited for is waited for in order, one after the other", async () => {
  const log: string[] = [];
  assert.deepEqual(await outcome(LinkInput, { first: 1, second: 1, many: [2, 3] }, { context: { log } }), {
    ok: { first: 10, second: 2, many: [20, 30], checked: true },
  });
  assert.deepEqual(log, ["start 1", "end 1", "start 2", "end 2", "start 3", "end 3"]);
});

test("errors found while waiting stand in the order of the fields", async () => {
  const result = await compileSchema(LinkInput).parse(
    { first: -1, second: -1, many: [1, -2, "x"] },
    { context: { log: [] } },
  );
  assert.equal(
    stringifyJson(result.errors),
    '{"first":["Invalid pk."],"second":["Must be positive."],"many":{"1":["Invalid pk."],"2":["This field may not be null."]}}',
  );
});

test("schema validators run before validate(), async ones too, and their errors come together", async () => {
  const seen: unknown[] = [];
  class Checked extends PointSchema {
    static override validators = [
      async () => {
        throw new ValidationError("One.");
      },
      (attrs: object) => {
        seen.push(attrs);
        throw new ValidationError("Two.", "unique");
      },
    ];
    @fields.CharField({ readOnly: true, default: "fixed" }) kind!: string;
    override validate(_attrs: object): never {
      throw new Error("not reached");
    }
  }
  assert.deepEqual(await outcome(Checked, { x: 1, y: 1 }), { errors: { non_field_errors: ["One.", "Two."] } });
  assert.deepEqual(seen, [{ kind: "fixed", x: 1, y: 1 }]);
  assert.deepEqual(await outcome(Checked, { x: 1 }), { errors: { y: ["This field is required."] } });
});

test("an error that is none of the client's is thrown on", async () => {
  class Broken extends Schema {
    @fields.CharField() a!: string;
    async validateA(): Promise<string> {
      throw new RangeError("bug");
    }
  }
  await assert.rejects(async () => compileSchema(Broken).parse({ a: "x" }), /bug/);
});

class Polygon extends Schema {
  @fields.Nested(PointSchema, { many: true, allowEmpty: false, maxLength: 2 }) points!: PointSchema[];
}

test("errors of a list of objects are keyed by position, or line up with the items as in DRF 3.14", async () => {
  const data = { points: [{ x: 1, y: 1 }, { x: 1 }] };
  compatibility("3.18");
  assert.deepEqual(await outcome(Polygon, data), { errors: { points: { 1: { y: ["This field is required."] } } } });
  compatibility("3.14");
  assert.deepEqual(await outcome(Polygon, data), { errors: { points: [{}, { y: ["This field is required."] }] } });
});

test("what is wrong with the list as a whole stands under its own non-field errors", async () => {
  const wrong = (...messages: string[]) => ({ errors: { points: { non_field_errors: messages } } });
  assert.deepEqual(await outcome(Polygon, { points: 5 }), wrong('Expected a list of items but got type "int".'));
  assert.deepEqual(await outcome(Polygon, { points: [] }), wrong("This list may not be empty."));
  assert.deepEqual(
    await outcome(Polygon, { points: [1, 2, 3] }),
    wrong("Ensure this field has no more than 2 elements."),
  );
  assert.deepEqual(await outcome(Polygon, {}), { errors: { points: ["This field is required."] } });
  assert.deepEqual(await outcome(Polygon, { points: null }), { errors: { points: ["This field may not be null."] } });
});

test("a list of inputs is checked as a whole", async () => {
  const schema = compileSchema(PointSchema);
  const bulk = async (data: unknown) => {
    const result = await schema.parseMany(data);
    return stringifyJson(result.ok ? result.value : result.errors);
  };
  assert.equal(await bulk([{ x: 1, y: "2" }]), '[{"x":1,"y":2}]');
  assert.equal(await bulk([]), "[]");
  assert.equal(await bulk({ x: 1 }), '{"non_field_errors":["Expected a list of items but got type \\"dict\\"."]}');
  assert.equal(await bulk(null), '{"non_field_errors":["No data provided"]}');
  assert.equal(
    await bulk([{ x: 1, y: 1 }, { y: 1 }, 5]),
    '{"1":{"x":["This field is required."]},"2":{"non_field_errors":["Invalid data. Expected a dictionary, but got int."]}}',
  );
});

class Node extends Schema {
  @fields.CharField() name!: string;
  @fields.Nested(() => Node, { many: true, required: false }) children?: Node[];
}

test("a schema may contain itself", async () => {
  const tree = { name: "a", children: [{ name: "b", children: [{ name: "c" }] }] };
  assert.deepEqual(await outcome(Node, tree), { ok: tree });
  assert.equal(compileSchema(Node).toJson(tree), JSON.stringify(tree));
});

class Person extends Schema {
  @fields.CharField({ source: "user.username" }) username!: string;
  @fields.ReadOnlyField({ source: "user.email" }) email!: string;
  @fields.SerializerMethodField() greeting!: string;
  @fields.ReadOnlyField({ source: "getAge" }) age!: number;
  @fields.CharField({ writeOnly: true }) secret!: string;
  @fields.DurationField({ allowNull: true }) span!: Duration | null;
  @fields.DictField({ required: false }) extra?: Record<string, unknown>;

  getGreeting(person: { user: { username: string } | null }): string {
    return `Hello ${person.user?.username}`;
  }
}

test("what goes out: paths, methods, nulls, and nothing that is write-only", () => {
  const schema = compileSchema(Person);
  const ana = {
    user: { username: "ana", email: "a@x.io" },
    secret: "s",
    span: new Duration(1n),
    getAge: () => 7,
    extra: { é: 4.5 },
  };
  const shown =
    '{"username":"ana","email":"a@x.io","greeting":"Hello ana","age":7,"span":"00:00:00.000001","extra":{"é":4.5}}';
  assert.equal(schema.toJson(ana), shown);
  assert.equal(stringifyJson(schema.represent(ana)), shown);
});

test("a path that leads nowhere shows nothing, or null, or the default; a required one is an error", () => {
  class Lenient extends Schema {
    @fields.ReadOnlyField({ source: "user.username" }) username!: string;
    @fields.CharField({ source: "user.name", allowNull: true }) name!: string | null;
    @fields.CharField({ source: "user.role", default: "none" }) role!: string;
  }
  assert.equal(compileSchema(Lenient).toJson({ user: null }), '{"name":null,"role":"none"}');
  assert.throws(() => compileSchema(Person).toJson({ user: null }), /Field "username" needs "user\.username"/);
});

test("a value that was not loaded is named", () => {
  class Owned extends Schema {
    @fields.ReadOnlyField({ source: "owner.name" }) ownerName!: string;
  }
  class Book {
    owner = Promise.resolve({ name: "x" });
  }
  assert.throws(() => compileSchema(Owned).toJson(new Book()), /"ownerName" needs Book\.owner, which is not loaded/);
  assert.throws(() => compileSchema(Polygon).toJson({ points: {} }), /Load the relation/);
});

test("a method field without its method is an error of the class", () => {
  class Broken extends Schema {
    @fields.SerializerMethodField({ methodName: "getNothing" }) total!: unknown;
  }
  assert.throws(() => compileSchema(Broken), /Broken\.total needs a method getNothing/);
});

// The kitchen sink of the conformance application, field by field.
class KitchenSchema extends Schema {
  @fields.CharField({ required: false, minLength: 2, maxLength: 10 }) char?: string;
  @fields.CharField({ required: false, allowBlank: true }) charBlank?: string;
  @fields.CharField({ required: false, trimWhitespace: false }) charRaw?: string;
  @fields.CharField({ required: false, allowNull: true }) charNull?: string | null;
  @fields.EmailField({ required: false }) email?: string;
  @fields.URLField({ required: false }) url?: string;
  @fields.SlugField({ required: false }) slug?: string;
  @fields.RegexField({ regex: /^[A-Z]{3}-[0-9]{3}$/, required: false }) regex?: string;
  @fields.UUIDField({ required: false }) uuid?: string;
  @fields.UUIDField({ required: false, format: "hex" }) uuidHex?: string;
  @fields.IPAddressField({ required: false }) ip?: string;
  @fields.IPAddressField({ required: false, protocol: "IPv4" }) ipv4?: string;
  @fields.IntegerField({ required: false, minValue: -10, maxValue: 100 }) integer?: number;
  @fields.FloatField({ required: false, minValue: 0, maxValue: 1 }) number?: number;
  @fields.DecimalField({ required: false, maxDigits: 6, decimalPlaces: 2 }) decimal?: string;
  @fields.DecimalField({ required: false, maxDigits: 6, decimalPlaces: 2, coerceToString: false })
  decimalNumber?: string;
  @fields.DecimalField({ required: false, maxDigits: 6, decimalPlaces: 2, minValue: "-5.50", maxValue: "5.50" })
  decimalRange?: string;
  @fields.BooleanField({ required: false }) boolean?: boolean;
  @fields.BooleanField({ required: false, allowNull: true }) booleanNull?: boolean | null;
  @fields.DateField({ required: false }) date?: string;
  @fields.DateField({ required: false, format: "%d/%m/%Y", inputFormats: ["%d/%m/%Y", "iso-8601"] })
  dateCustom?: string;
  @fields.TimeField({ required: false }) time?: string;
  @fields.DateTimeField({ required: false }) datetime?: Date;
  @fields.DateTimeField({ required: false, format: "%Y-%m-%d %H:%M" }) datetimeCustom?: Date;
  @fields.DurationField({ required: false }) duration?: Duration;
  @fields.ChoiceField({ required: false, choices: ["small", "medium", "large"] }) choice?: "small" | "medium" | "large";
  @fields.ChoiceField({
    required: false,
    choices: [
      [1, "One"],
      [2, "Two"],
    ],
  })
  choiceInt?: 1 | 2;
  @fields.ChoiceField({ required: false, choices: ["small", "large"], allowBlank: true }) choiceBlank?:
    | ""
    | "small"
    | "large";
  @fields.ChoiceField({ required: false, choices: ["small", "large"], allowNull: true }) choiceNull?:
    | "small"
    | "large"
    | null;
  @fields.MultipleChoiceField({ required: false, choices: ["a", "b", "c"], allowEmpty: false }) multi?: (
    | "a"
    | "b"
    | "c"
  )[];
  @fields.ListField({ required: false }) listAny?: unknown[];
  @fields.ListField({ required: false, child: fields.IntegerField({ minValue: 0 }), minLength: 1, maxLength: 3 })
  listInt?: number[];
  @fields.ListField({ required: false, child: fields.CharField(), allowEmpty: false }) listFull?: string[];
  @fields.DictField({ required: false }) dictAny?: Record<string, unknown>;
  @fields.DictField({ required: false, child: fields.IntegerField() }) dictInt?: Record<string, number>;
  @fields.JSONField({ required: false }) json?: unknown;
  @fields.Nested(PointSchema, { required: false }) nested?: PointSchema;
  @fields.Nested(PointSchema, { many: true, required: false }) nestedMany?: PointSchema[];
  @fields.DateField({ required: false }) start?: string;
  @fields.DateField({ required: false }) end?: string;
  @fields.CharField({ required: false, writeOnly: true }) secret?: string;
  @fields.CharField({ readOnly: true, default: "fixed" }) constant!: string;
  @fields.IntegerField({ default: 7 }) withDefault!: number;
  @fields.HiddenField({ default: "hidden value" }) hidden!: string;

  validateChar(value: string) {
    if (value.includes("bad")) throw new ValidationError("No bad words, please.");
    return value;
  }
  validateInteger(value: number) {
    if (value === 13) throw new ValidationError(["13 is unlucky.", "Choose another number."]);
    return value;
  }
  override validate(attrs: KitchenSchema) {
    if (attrs.start && attrs.end && attrs.end < attrs.start) throw new ValidationError("end must not be before start.");
    if (attrs.secret === "field-error") throw new ValidationError({ secret: "Too obvious." });
    return attrs;
  }
}

class StrictSchema extends Schema {
  @fields.CharField({ maxLength: 20 }) name!: string;
  @fields.IntegerField({ minValue: 0 }) age!: number;
  @fields.BooleanField() active!: boolean;
  @fields.ListField({ child: fields.CharField({ maxLength: 5 }) }) tags!: string[];
  @fields.CharField({ allowNull: true, allowBlank: true, errorMessages: { required: "Say at least null." } })
  nickname!: string | null;
  @fields.BooleanField({ default: false }) terms!: boolean;
}

interface Case {
  id: string;
  request: { method: string; path: string; body?: string; headers: Record<string, string> };
  expect: { status: number; body: unknown };
  newer?: { expect: { status: number; body: unknown } };
}

const corpus = process.env.DRF_CORPUS ?? "";
const areas = [
  "boolean",
  "choice",
  "collections",
  "date",
  "datetime",
  "decimal",
  "float",
  "integer",
  "json",
  "string",
  "time",
  "uuid",
];
const files = [...areas.map((area) => `fields-${area}`), "validation"].map((name) => `${corpus}/${name}.json`);
const skip = existsSync(files[0] as string) ? false : "DRF_CORPUS names no folder of recorded answers";

/** Lists whose order is free, and objects, in one order. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([key, item]) => [key, ordered(item)]),
  );
}

const schemas: Record<string, SchemaClass> = { "/api/kitchen/": KitchenSchema, "/api/strict/": StrictSchema };

for (const version of ["3.14", "3.18"] as const) {
  test(`what the recorded application answered is answered, as DRF ${version} does`, { skip }, async () => {
    compatibility(version);
    let count = 0;
    for (const file of files) {
      const { scenarios } = JSON.parse(readFileSync(file, "utf8")) as { scenarios: { cases: Case[] }[] };
      for (const { id, request, expect, newer } of scenarios.flatMap(({ cases }) => cases)) {
        const cls = schemas[request.path];
        if (!cls || !request.body || !/json/.test(request.headers["Content-Type"] ?? "")) continue;
        const schema = compileSchema(cls);
        const partial = request.method === "PATCH";
        const result = await schema.parse(parseJson(request.body), { partial });
        const { status, body } = (version === "3.18" && newer ? newer : { expect }).expect;
        const answer = result.ok ? (partial ? result.value : schema.represent(result.value)) : result.errors;
        assert.equal(result.ok, status < 400, id);
        assert.deepEqual(ordered(JSON.parse(stringifyJson(answer))), ordered(body), id);
        count++;
      }
    }
    assert.ok(count > 150, String(count));
  });
}
