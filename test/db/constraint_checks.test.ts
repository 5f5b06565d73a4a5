import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CASCADE,
  CharField,
  CheckConstraint,
  connections,
  Deferrable,
  F,
  ForeignKey,
  finalizeModels,
  Index,
  IntegerField,
  type Manager,
  Model,
  type ModelClass,
  model,
  Q,
  type Related,
  UniqueConstraint,
} from "core-framework/db";
import { checkModels } from "../../core/db/checks/model_checks.ts";
import { ImproperlyConfigured } from "../../core/exceptions.ts";

test("a model that requires what a database lacks is not warned of: it has no table there", () => {
  @model({
    appLabel: "hotel",
    requiredDbFeatures: ["supportsDeferrableUniqueConstraints"],
    constraints: [new UniqueConstraint({ fields: ["place"], deferrable: Deferrable.IMMEDIATE, name: "place_now" })],
  })
  class Lift extends Model {
    declare static objects: Manager<Lift>;
    @IntegerField() place!: number;
  }
  const empty = { host: "", port: null, user: "", password: "", options: {} };
  connections.configure({ default: { ...empty, engine: "sqlite", name: ":memory:" } });
  finalizeModels([Lift as unknown as ModelClass]);
  assert.deepEqual(checkModels([Lift as unknown as ModelClass]), []);
});

test("an index without a name has Django's", () => {
  @model({ appLabel: "hotel", indexes: [new Index({ fields: ["hotel", "-number"] })] })
  class Room extends Model {
    declare static objects: Manager<Room>;
    @ForeignKey("hotel.Hotel", { onDelete: CASCADE }) hotel!: Related<Model>;
    @IntegerField() number!: number;
  }
  const [index] = (Room as unknown as ModelClass)._meta.indexes;
  assert.equal(index.name, "hotel_room_hotel_i_e514e2_idx");
});

test("a child of an abstract model has constraints and indexes under its own name", () => {
  @model({
    abstract: true,
    appLabel: "hotel",
    indexes: [new Index({ fields: ["code"] }), new Index({ fields: ["code"], name: "%(app_label)s_%(class)s_code" })],
    constraints: [new CheckConstraint({ condition: Q({ code__gt: "" }), name: "%(app_label)s_%(class)s_coded" })],
  })
  abstract class Coded extends Model {
    @CharField({ maxLength: 9 }) code!: string;
  }

  @model({ appLabel: "hotel" })
  class Key extends Coded {
    declare static objects: Manager<Key>;
  }

  const { indexes, constraints } = (Key as unknown as ModelClass)._meta;
  assert.deepEqual(
    indexes.map((index) => index.name),
    ["hotel_key_code_de688f_idx", "hotel_key_code"],
  );
  assert.deepEqual(
    constraints.map((constraint) => constraint.name),
    ["hotel_key_coded"],
  );
});

test("wrong indexes and constraints are told under Django's ids", () => {
  const same = new UniqueConstraint({ fields: ["name"], name: "twice" });

  @model({
    appLabel: "wrong",
    indexes: [
      new Index({ fields: ["nope" as "name"], name: "_first" }),
      new Index({ fields: ["name"], name: "a_name_that_is_longer_than_30_characters" }),
      new Index({ fields: ["name"], name: "again" }),
      new Index({ fields: ["name"], name: "again" }),
    ],
    constraints: [
      same,
      new CheckConstraint({ condition: Q({ missing__gt: 1 } as object), name: "missing" }),
      new CheckConstraint({ condition: Q({ other__name: "x" }).or(Q({ name: F("other__name") })), name: "joined" }),
    ],
  })
  class Wrong extends Model {
    declare static objects: Manager<Wrong>;
    @CharField({ maxLength: 9 }) name!: string;
    @ForeignKey(() => Wrong, { onDelete: CASCADE }) other!: Related<Wrong>;
  }

  @model({ appLabel: "wrong", constraints: [same] })
  class Other extends Model {
    declare static objects: Manager<Other>;
    @CharField({ maxLength: 9 }) name!: string;
  }

  @model({
    appLabel: "wrong",
    constraints: [new UniqueConstraint({ fields: ["name", "size"], name: "of_two_tables" })],
  })
  class Child extends Other {
    declare static objects: Manager<Child>;
    @IntegerField() size!: number;
  }

  const wrong = [Wrong, Other, Child] as unknown as ModelClass[];
  finalizeModels(wrong);
  assert.deepEqual(
    checkModels(wrong).map(({ id, msg }) => `${id} ${msg}`),
    [
      "models.E033 The index name '_first' cannot start with an underscore or a number.",
      "models.E034 The index name 'a_name_that_is_longer_than_30_characters' cannot be longer than 30 characters.",
      "models.E012 'indexes' refers to the nonexistent field 'nope'.",
      "models.E041 'constraints' refers to the joined field 'other__name'.",
      "models.E041 'constraints' refers to the joined field 'other__name'.",
      "models.E012 'constraints' refers to the nonexistent field 'missing'.",
      "models.E016 'constraints' refers to field 'name' which is not local to model 'Child'.",
      "models.E029 index name 'again' is not unique for model wrong.Wrong.",
      "models.E032 constraint name 'twice' is not unique among models: wrong.Other, wrong.Wrong.",
    ],
  );
});

test("options that exclude each other are refused in Django's words", () => {
  const fields = ["a"];
  const condition = Q({ a: 1 });
  const deferrable = Deferrable.DEFERRED;
  const refused: [() => unknown, string][] = [
    [() => new Index({}), "At least one field or expression is required to define an index."],
    [() => new Index({ fields, condition }), "An index must be named to use condition."],
    [() => new Index({ fields, include: ["b"] }), "A covering index must be named."],
    [
      () => new Index({ fields, opclasses: ["x", "y"], name: "n" }),
      "Index.fields and Index.opclasses must have the same number of elements.",
    ],
    [
      () => new UniqueConstraint({ name: "n" }),
      "At least one field or expression is required to define a unique constraint.",
    ],
    [
      () => new UniqueConstraint({ fields, condition, deferrable, name: "n" }),
      "UniqueConstraint with conditions cannot be deferred.",
    ],
    [
      () => new UniqueConstraint({ fields, include: ["b"], deferrable, name: "n" }),
      "UniqueConstraint with include fields cannot be deferred.",
    ],
  ];
  for (const [make, message] of refused) {
    assert.throws(make, (error) => error instanceof ImproperlyConfigured && error.message === message, message);
  }
});
