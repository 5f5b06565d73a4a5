import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { apps } from "core-framework";
import {
  ArrayField,
  BaseModel,
  BooleanField,
  CASCADE,
  CharField,
  connections,
  DateRangeField,
  DateTimeField,
  DateTimeRangeField,
  DecimalRangeField,
  ForeignKey,
  finalizeModels,
  IntegerField,
  IntegerRangeField,
  loadFixtures,
  Manager,
  type ManyRelated,
  ManyToManyField,
  Model,
  type ModelClass,
  m2mChanged,
  model,
  OneToOneField,
  postSave,
  preSave,
  type Range,
  type Related,
  readFixture,
  SET_NULL,
  serialize,
  UUIDField,
} from "core-framework/db";
import { parseDatabaseUrl } from "../../core/conf/service_urls.ts";
import { withSchemaEditor } from "../../core/db/schema/editor.ts";
import { dumpObjects, sortDependencies } from "../../core/db/serialization/dump.ts";
import { forEachDatabase } from "../support/databases.ts";
import { connectTo } from "./connect.ts";
import { Author, Book, Category, Country, Profile, Review, Sample } from "./models.ts";

class PersonManager extends Manager<Person> {
  getByNaturalKey(firstName: string, lastName: string): Promise<Person> {
    return this.get({ firstName, lastName });
  }
}

@model({ appLabel: "natural", uniqueTogether: [["firstName", "lastName"]] })
class Person extends Model {
  static readonly objects = new PersonManager();
  @CharField({ maxLength: 30 }) firstName!: string;
  @CharField({ maxLength: 30 }) lastName!: string;
  @ForeignKey(() => Person, { onDelete: SET_NULL, null: true }) friend!: Related<Person | null>;
  declare friendId: number | null;

  naturalKey(): string[] {
    return [this.firstName, this.lastName];
  }
}

class NovelManager extends Manager<Novel> {
  getByNaturalKey(title: string, firstName: string, lastName: string): Promise<Novel> {
    return this.get({ title, writer__firstName: firstName, writer__lastName: lastName });
  }
}

@model({ appLabel: "natural" })
class Novel extends Model {
  static readonly objects = new NovelManager();
  @CharField({ maxLength: 30 }) title!: string;
  @ForeignKey(() => Person, { onDelete: CASCADE }) writer!: Related<Person>;
  declare writerId: number;
  @ManyToManyField(() => Person, { relatedName: "liked" }) readers!: ManyRelated<Person>;

  async naturalKey(): Promise<string[]> {
    return [this.title, ...(await this.writer).naturalKey()];
  }

  static {
    Object.assign(Novel.prototype.naturalKey, { dependencies: ["natural.person"] });
  }
}

@model({ appLabel: "natural" })
class Device extends BaseModel {
  declare static objects: Manager<Device>;
  @UUIDField({ primaryKey: true }) serial!: string;
  @OneToOneField(() => Person, { onDelete: CASCADE, null: true }) owner!: Related<Person | null>;
  declare ownerId: number | null;
  @DateTimeField({ autoNow: true }) seenAt!: Date;
  @IntegerField({ default: 7 }) size!: number;
}

@model({ appLabel: "natural" })
class Badge extends BaseModel {
  declare static objects: Manager<Badge>;
  @OneToOneField(() => Device, { onDelete: CASCADE, primaryKey: true }) device!: Related<Device>;
  declare deviceId: string;
}

@model({ appLabel: "natural" })
class Place extends Model {
  declare static objects: Manager<Place>;
  @CharField({ maxLength: 30 }) name!: string;
  @ManyToManyField(() => Person) guests!: ManyRelated<Person>;
}

@model({ appLabel: "natural" })
class Restaurant extends Place {
  declare static objects: Manager<Restaurant>;
  @IntegerField({ default: 0 }) stars!: number;
  @ForeignKey(() => Person, { onDelete: SET_NULL, null: true }) chef!: Related<Person | null>;
  declare chefId: number | null;
}

@model({ appLabel: "natural", proxy: true })
class Diner extends Restaurant {
  declare static objects: Manager<Diner>;
}

@model({ appLabel: "natural" })
class Box extends Model {
  declare static objects: Manager<Box>;
  @ArrayField(IntegerField()) numbers!: number[];
  @ArrayField(ArrayField(CharField({ maxLength: 9 }))) words!: string[][];
  @ArrayField(BooleanField(), { null: true }) flags!: boolean[] | null;
  @ArrayField(DateTimeField()) moments!: Date[];
  @IntegerRangeField() range!: Range<number>;
  @DateRangeField({ null: true }) days!: Range<string> | null;
  @DateTimeRangeField() span!: Range<Date>;
  @DecimalRangeField() prices!: Range<string>;
}

class VisibleSecrets extends Manager<Secret> {
  override getQueryset() {
    return super.getQueryset().filter({ hidden: false });
  }
}

@model({ appLabel: "natural" })
class Secret extends Model {
  static readonly objects = new VisibleSecrets();
  @BooleanField({ default: false }) hidden!: boolean;
}

const library = [Author, Category, Book, Review, Profile, Sample, Country] as unknown as ModelClass[];
const models = [...library, Person, Novel, Device, Badge, Place, Restaurant, Diner, Secret] as unknown as ModelClass[];

const load = (objects: unknown) => loadFixtures(readFixture(JSON.stringify(objects), { source: "f.json" }));
const person = (pk: number | null, firstName: string, friend: unknown = null) => ({
  model: "natural.person",
  pk,
  fields: { first_name: firstName, last_name: "B", friend },
});

/** Values of every kind at the edge of what it holds, as Django writes them; the keys of JSON in PostgreSQL's order. */
const everyKind = `[
{
  "model": "library.sample",
  "pk": 3,
  "fields": {
    "label": "“\\\\ \\" \\n\u2028é",
    "description": null,
    "count": -2147483648,
    "big": 9223372036854775807,
    "ratio": 1e-07,
    "amount": "12345678.1200",
    "flag": true,
    "tri": null,
    "day": "0001-01-01",
    "clock": "23:59:59.123",
    "moment": "9999-12-31T23:59:59.999Z",
    "span": "-3 00:00:00.000001",
    "slug": "a-b_c",
    "uid": "12345678-1234-5678-1234-567812345678",
    "data": {
      "int": 9007199254740993,
      "list": [
        1,
        [],
        {}
      ],
      "text": "\\\\u0000",
      "float": 4.0
    },
    "blob": "AP9/"
  }
},
{
  "model": "library.sample",
  "pk": 4,
  "fields": {
    "label": "",
    "description": "",
    "count": 0,
    "big": null,
    "ratio": Infinity,
    "amount": "0.0000",
    "flag": false,
    "tri": true,
    "day": "9999-12-31",
    "clock": "00:00:00",
    "moment": "2026-11-23T10:00:00Z",
    "span": "00:00:00",
    "slug": "",
    "uid": "00000000-0000-0000-0000-000000000000",
    "data": "Infinity",
    "blob": ""
  }
}
]
`;

before(async () => {
  await apps.populate([]);
  const all = [...models, Box as unknown as ModelClass];
  for (const each of all) apps.registerModel(each);
  finalizeModels(all);
});

forEachDatabase((name, makeUrl) => {
  before(async () => {
    await connectTo(makeUrl);
    await withSchemaEditor(async (editor) => {
      for (const each of models) if (!each._meta.proxy) await editor.createModel(each);
      if (name === "postgresql") await editor.createModel(Box as unknown as ModelClass);
    });
  });
  after(() => connections.closeAll());

  beforeEach(async () => {
    for (const each of [Place, Badge, Device, Novel, Person, Sample, Category, Author]) {
      await (each as unknown as typeof Person).objects.all().delete();
    }
  });

  test("every kind of value comes back as it was dumped, whichever database it was", async () => {
    await loadFixtures(readFixture(everyKind, { source: "f.json" }));
    assert.equal(await serialize("json", Sample.objects.orderBy("id"), { indent: 2 }), everyKind);
  });

  test("microseconds are cut to milliseconds, as Django's encoder does", async () => {
    await Sample.objects.create({ label: "x", clock: "10:00:00.123999", moment: new Date("2026-01-01T00:00:00Z") });
    const [{ fields }] = JSON.parse(await serialize("json", Sample.objects.all(), { fields: ["clock", "moment"] }));
    assert.deepEqual(fields, { clock: "10:00:00.123", moment: "2026-01-01T00:00:00Z" });
  });

  test("jsonl has one object to a line, and is read again", async () => {
    await Category.objects.create({ id: 1, name: "a" });
    await Category.objects.create({ id: 2, name: "b" });
    const text = await serialize("jsonl", Category.objects.orderBy("id"));
    assert.equal(
      text,
      '{"model": "library.category","pk": 1,"fields": {"name": "a"}}\n{"model": "library.category","pk": 2,"fields": {"name": "b"}}\n',
    );
    await Category.objects.all().delete();
    await loadFixtures(readFixture(text, { source: "f.jsonl", format: "jsonl" }));
    assert.deepEqual(await Category.objects.orderBy("id").valuesList("name", { flat: true }), ["a", "b"]);
    assert.throws(
      () => readFixture('\n{"model"\n', { source: "f.jsonl", format: "jsonl" }),
      /f\.jsonl, line 2, is not JSON/,
    );
  });

  test("no objects make an empty list", async () => {
    assert.equal(await serialize("json", Category.objects.none()), "[]");
    assert.equal(await serialize("json", [], { indent: 1 }), "[\n]\n");
    assert.equal(await serialize("jsonl", []), "");
    await assert.rejects(serialize("xml" as "json", []), /Unknown serialization format: xml/);
  });

  test("natural keys stand for keys, and rows without a key are found by theirs", async () => {
    const ana = await Person.objects.create({ firstName: "Ana", lastName: "B" });
    const bob = await Person.objects.create({ firstName: "Bob", lastName: "B", friend: ana });
    const novel = await Novel.objects.create({ title: "Sea", writer: bob });
    await novel.readers.add(bob, ana);
    const options = { useNaturalForeignKeys: true, useNaturalPrimaryKeys: true };
    const text = await serialize("json", dumpObjects([Person, Novel] as unknown as ModelClass[]), options);
    assert.deepEqual(JSON.parse(text), [
      { model: "natural.person", fields: { first_name: "Ana", last_name: "B", friend: null } },
      { model: "natural.person", fields: { first_name: "Bob", last_name: "B", friend: ["Ana", "B"] } },
      {
        model: "natural.novel",
        fields: {
          title: "Sea",
          writer: ["Bob", "B"],
          readers: [
            ["Ana", "B"],
            ["Bob", "B"],
          ],
        },
      },
    ]);
    await Novel.objects.all().delete();
    await bob.delete();
    await loadFixtures(readFixture(text, { source: "f.json" }));
    assert.equal(await Person.objects.count(), 2);
    assert.equal((await Person.objects.get({ firstName: "Ana" })).id, ana.id);
    const loaded = await Novel.objects.selectRelated("writer").get({ title: "Sea" });
    assert.equal(loaded.writer.firstName, "Bob");
    assert.deepEqual((await loaded.readers).map(({ firstName }) => firstName).sort(), ["Ana", "Bob"]);
    await loadFixtures(readFixture(text, { source: "f.json" }));
    assert.equal(await Novel.objects.count(), 1, "what has the same natural key is replaced");
  });

  test("a natural key may name what comes later, even in a circle", async () => {
    await load([
      { model: "natural.novel", fields: { title: "Sea", writer: ["Ana", "B"], readers: [["Cid", "B"]] } },
      person(null, "Ana", ["Bob", "B"]),
      person(null, "Bob", ["Ana", "B"]),
      person(500, "Cid", ["Cid", "B"]),
    ]);
    const friends = await Person.objects.orderBy("firstName").valuesList("firstName", "friend__firstName");
    assert.deepEqual(friends, [
      ["Ana", "Bob"],
      ["Bob", "Ana"],
      ["Cid", "Cid"],
    ]);
    const [reader] = await (await Novel.objects.get({ title: "Sea" })).readers;
    assert.equal(reader?.id, 500);
  });

  test("a natural key of nobody undoes everything, and says whose it was", async () => {
    const objects = [person(1, "Ana"), { model: "natural.novel", pk: 4, fields: { title: "S", writer: ["X", "Y"] } }];
    await assert.rejects(load(objects), {
      message:
        'f.json: natural.Novel (pk=4), field "writer": there is no natural.Person with the natural key ["X", "Y"].',
    });
    assert.equal(await Person.objects.count(), 0);
    assert.throws(
      () => readFixture('[{"model": "library.book", "fields": {"author": ["Ana"]}}]', { source: "f.json" }),
      /expected a key but got a list, which is a natural key/,
    );
  });

  test("keys of other kinds are dumped in their order, some rows at a time", async () => {
    const serial = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
    const numbers = Array.from({ length: 1100 }, (_, index) => (index * 7919) % 1100);
    await Device.objects.bulkCreate(numbers.map((number) => new Device({ serial: serial(number) })));
    await Badge.objects.bulkCreate(numbers.map((number) => new Badge({ deviceId: serial(number) })));
    const keys: unknown[] = [];
    for await (const { pk } of dumpObjects([Device, Badge] as unknown as ModelClass[])) keys.push(pk);
    const all = Array.from({ length: 1100 }, (_, index) => serial(index));
    assert.deepEqual(keys, [...all, ...all]);
  });

  test("rows that a manager leaves out are dumped on request", async () => {
    await Secret.objects.create({ id: 1 });
    await Secret.objects.create({ id: 2, hidden: true });
    const secrets = [Secret] as unknown as ModelClass[];
    const keys = async (options: { all?: boolean; pks?: string[] }) =>
      JSON.parse(await serialize("json", dumpObjects(secrets, options))).map(({ pk }: { pk: number }) => pk);
    assert.deepEqual(
      [await keys({}), await keys({ all: true }), await keys({ all: true, pks: ["2"] })],
      [[1], [1, 2], [2]],
    );
  });

  test("natural keys are looked up in the database that is loaded", async () => {
    const { config } = connections.get();
    connections.configure({ default: config, other: parseDatabaseUrl(await makeUrl(), "/") });
    await withSchemaEditor(
      async (editor) => {
        for (const each of [Person, Novel] as unknown as ModelClass[]) await editor.createModel(each);
      },
      { using: "other" },
    );
    const novel = { model: "natural.novel", fields: { title: "Sea", writer: ["Ana", "B"], readers: [] } };
    const text = JSON.stringify([person(null, "Ana"), novel]);
    const objects = readFixture(text, { source: "f.json" });
    for (let time = 0; time < 2; time++) await loadFixtures(objects, { using: "other" });
    const counts = [
      Person.objects.using("other").count(),
      Novel.objects.using("other").count(),
      Person.objects.count(),
    ];
    assert.deepEqual(await Promise.all(counts), [1, 1, 0]);
    const options = { useNaturalForeignKeys: true, useNaturalPrimaryKeys: true };
    const dump = dumpObjects([Person, Novel] as unknown as ModelClass[], { using: "other" });
    assert.deepEqual(JSON.parse(await serialize("json", dump, options))[1], novel);
  });

  test("models come behind those whose natural keys they need", () => {
    const sorted = sortDependencies([Novel, Device, Badge, Person] as unknown as ModelClass[]);
    assert.deepEqual(
      sorted.map(({ name }) => name),
      ["Badge", "Person", "Device", "Novel"],
    );
  });

  test("a child's own columns stand with the child, its parent's with the parent", async () => {
    const restaurant = new Restaurant({ name: "Sea", stars: 2, chefId: 3 });
    restaurant.pk = 7;
    assert.equal(
      await serialize("json", [restaurant]),
      '[{"model": "natural.restaurant", "pk": 7, "fields": {"stars": 2, "chef": 3}}]',
    );
    await load([
      { model: "natural.restaurant", pk: 7, fields: { stars: 2, chef: 3 } },
      // With the parent's key as a field, and by the name of a proxy.
      { model: "natural.diner", fields: { place_ptr: 8, stars: 1 } },
      { model: "natural.place", pk: 7, fields: { name: "Sea", guests: [3] } },
      { model: "natural.place", pk: 8, fields: { name: "Park" } },
      person(3, "Ana"),
    ]);
    const loaded = await Restaurant.objects.orderBy("id");
    assert.deepEqual(
      loaded.map((each) => [each.name, each.stars, each.chefId]),
      [
        ["Sea", 2, 3],
        ["Park", 1, null],
      ],
    );
    const places = [Place, Restaurant] as unknown as ModelClass[];
    const text = await serialize("json", dumpObjects(places));
    assert.deepEqual(JSON.parse(text), [
      { model: "natural.place", pk: 7, fields: { name: "Sea", guests: [3] } },
      { model: "natural.place", pk: 8, fields: { name: "Park", guests: [] } },
      { model: "natural.restaurant", pk: 7, fields: { stars: 2, chef: 3 } },
      { model: "natural.restaurant", pk: 8, fields: { stars: 1, chef: null } },
    ]);
    assert.deepEqual(
      (await (await Place.objects.get({ id: 7 })).guests).map(({ id }) => id),
      [3],
    );
    await assert.rejects(load([{ model: "natural.restaurant", pk: 999, fields: {} }]), {
      message: 'f.json: natural.Restaurant (pk=999), field "place_ptr": there is no natural.Place with the key "999".',
    });
  });

  if (name === "postgresql") {
    test("arrays and ranges are texts with JSON in them, as Django writes them", async () => {
      const fields = {
        numbers: '["1", "-2"]',
        words: '["[\\"\\\\u00e9\\", \\"\\\\\\"x\\"]"]',
        flags: '["True", "False"]',
        moments: '["2020-01-01T05:06:07.001234+00:00"]',
        range: '{"bounds": "[)", "lower": "1", "upper": "5"}',
        days: '{"empty": true}',
        span: '{"bounds": "[]", "lower": "2020-01-01T00:00:00+00:00", "upper": "2021-01-01T00:00:00+00:00"}',
        prices: '{"bounds": "[)", "lower": "1.10", "upper": null}',
      };
      const text = JSON.stringify([{ model: "natural.box", pk: 1, fields }]);
      await loadFixtures(readFixture(text, { source: "f.json" }));
      const box = await Box.objects.get({ id: 1 });
      assert.deepEqual([box.numbers, box.words, box.flags], [[1, -2], [["é", '"x']], [true, false]]);
      assert.deepEqual([box.range.lower, box.range.upper, box.days?.isEmpty, box.prices.lower], [1, 5, true, "1.10"]);
      const [dumped] = JSON.parse(await serialize("json", Box.objects.all()));
      assert.deepEqual(dumped.fields, fields);
      const bad = JSON.stringify([{ model: "natural.box", pk: 2, fields: { ...fields, numbers: '["x"]' } }]);
      assert.throws(() => readFixture(bad, { source: "f.json" }), /f\.json: natural\.Box \(pk=2\), field "numbers": /);
    });
  }

  test("signals are raw, tell what is new, and may change what is written", async () => {
    const heard: string[] = [];
    const changing = ({ instance, raw }: { instance: BaseModel; raw: boolean }) => {
      const device = instance as Device;
      heard.push(`pre ${raw} ${device.seenAt.toISOString()} ${device.size}`);
      device.size += 1;
    };
    const telling = ({ created, using }: { created: boolean; using: string }) => heard.push(`post ${created} ${using}`);
    preSave.connect(changing, { sender: Device });
    postSave.connect(telling, { sender: Device });
    const serial = "00000000-0000-4000-8000-000000000001";
    const object = { model: "natural.device", pk: serial, fields: { seen_at: "2020-01-01T00:00:00Z" } };
    try {
      await load([object]);
      await load([object]);
    } finally {
      preSave.disconnect(changing, { sender: Device });
      postSave.disconnect(telling, { sender: Device });
    }
    const pre = "pre true 2020-01-01T00:00:00.000Z 7";
    assert.deepEqual(heard, [pre, "post true default", pre, "post false default"]);
    const device = await Device.objects.get({ serial });
    assert.equal(device.size, 8);
    assert.equal(device.seenAt.toISOString(), "2020-01-01T00:00:00.000Z", "autoNow leaves it alone");
  });

  test("changes of relations to many are told as well", async () => {
    const actions: string[] = [];
    const telling = ({ action, pkSet }: { action: string; pkSet: ReadonlySet<unknown> | null }) =>
      actions.push(`${action} ${[...(pkSet ?? [])]}`);
    m2mChanged.connect(telling);
    try {
      await load([
        person(1, "Ana"),
        { model: "natural.novel", pk: 4, fields: { title: "S", writer: 1, readers: [1] } },
      ]);
    } finally {
      m2mChanged.disconnect(telling);
    }
    assert.deepEqual(actions, ["preAdd 1", "postAdd 1"]);
  });

  test("rows may refer to each other in a circle, and the next key is free", async () => {
    await load([person(8, "Ana", 9), person(9, "Bob", 8), person(null, "Cid"), person(null, "Dan")]);
    assert.equal((await Person.objects.get({ id: 8 })).friendId, 9);
    const next = await Person.objects.create({ firstName: "Eve", lastName: "B" });
    assert.ok(next.id > 9, `${name} gave ${next.id}`);
    assert.equal(await Person.objects.count(), 5);
  });
});
