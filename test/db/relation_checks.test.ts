import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  CASCADE,
  CharField,
  DB_CASCADE,
  DB_SET_DEFAULT,
  DB_SET_NULL,
  ForeignKey,
  finalizeModels,
  IntegerField,
  type Manager,
  type ManyRelated,
  ManyToManyField,
  Model,
  type ModelClass,
  model,
  type Related,
} from "core-framework/db";
import { checkModels } from "../../core/db/checks/model_checks.ts";

@model({ appLabel: "checked" })
class Person extends Model {
  declare static objects: Manager<Person>;
  @CharField({ maxLength: 9 }) nickname!: string;
}

@model({ appLabel: "checked" })
class Link extends Model {
  declare static objects: Manager<Link>;
  @ForeignKey(() => Person, { onDelete: CASCADE, relatedName: "+" }) one!: Related<Person>;
  @ForeignKey(() => Person, { onDelete: CASCADE, relatedName: "+" }) two!: Related<Person>;
  @IntegerField() weight!: number;
}

@model({ appLabel: "checked" })
class Club extends Model {
  declare static objects: Manager<Club>;
  @ForeignKey(() => Person, { onDelete: CASCADE, toField: "nickname", relatedName: "clubs_" }) head!: Related<Person>;
  @ForeignKey(() => Person, { onDelete: DB_SET_NULL, relatedName: "+" }) second!: Related<Person>;
  @ForeignKey(() => Person, { onDelete: DB_SET_DEFAULT, relatedName: "+" }) third!: Related<Person>;
  @ManyToManyField(() => Person, { through: () => Link, relatedName: "+" }) members!: ManyRelated<Person>;
  @ManyToManyField(() => Person, { through: () => Link, throughFields: ["weight", "none"], relatedName: "+" })
  guests!: ManyRelated<Person>;
  @ManyToManyField("self", { relatedName: "partners" }) allies!: ManyRelated<Club>;
}

@model({ appLabel: "checked" })
class Room extends Model {
  declare static objects: Manager<Room>;
  @ForeignKey(() => Person, { onDelete: DB_CASCADE, relatedName: "+" }) owner!: Related<Person>;
}

@model({ appLabel: "checked" })
class Key extends Model {
  declare static objects: Manager<Key>;
  @ForeignKey(() => Room, { onDelete: CASCADE }) room!: Related<Room>;
}

@model({ appLabel: "checked", proxy: true })
class Loud extends Person {
  declare static objects: Manager<Loud>;
  @IntegerField({ default: 0 }) volume!: number;
}

@model({ appLabel: "checked", orderWithRespectTo: "room", ordering: ["id"] })
class Chair extends Model {
  declare static objects: Manager<Chair>;
  @ForeignKey(() => Room, { onDelete: DB_CASCADE, relatedName: "+" }) room!: Related<Room>;
  @IntegerField({ dbColumn: "room_id" }) other!: number;
}

const models = [Person, Link, Club, Room, Key, Loud, Chair] as unknown as ModelClass[];
finalizeModels(models);

const idsOf = (...wanted: { _meta: { label: string } }[]) => {
  const labels = wanted.map(({ _meta }) => _meta.label);
  const found = checkModels(models).filter(({ obj }) => labels.some((label) => String(obj).startsWith(label)));
  return found.map(({ id, obj }) => `${id} ${obj}`).sort();
};

describe("checks of relations", () => {
  test("name what a foreign key and a many-to-many field lack, under Django's ids", () => {
    assert.deepEqual(idsOf(Club), [
      "fields.E308 checked.Club.head",
      "fields.E311 checked.Club.head",
      "fields.E320 checked.Club.second",
      "fields.E322 checked.Club.third",
      "fields.E338 checked.Club.guests",
      "fields.E339 checked.Club.guests",
      "fields.W345 checked.Club.allies",
    ]);
    assert.deepEqual(idsOf(Link), ["fields.E336 checked.Link"]);
  });

  test("find rows that the database deletes unseen, though the framework would have to see them", () => {
    assert.deepEqual(idsOf(Room), ["fields.E323 checked.Room.owner"]);
  });
});

describe("checks of options", () => {
  test("find proxies with fields, two orders, and two fields in one column", () => {
    assert.deepEqual(idsOf(Loud), ["models.E017 checked.Loud"]);
    assert.deepEqual(idsOf(Chair), ["models.E007 checked.Chair", "models.E021 checked.Chair"]);
  });
});
