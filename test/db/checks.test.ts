import assert from "node:assert/strict";
import { before, test } from "node:test";
import {
  CASCADE,
  CharField,
  connections,
  DecimalField,
  ForeignKey,
  finalizeModels,
  type Manager,
  Model,
  type ModelClass,
  model,
  type Related,
  SET_NULL,
} from "core-framework/db";
import { checkModels } from "../../core/db/checks/model_checks.ts";
import { models } from "./models.ts";

@model({ appLabel: "wrong" })
class Target extends Model {
  declare static objects: Manager<Target>;
  @CharField({ maxLength: 10 }) name!: string;
}

@model({ appLabel: "wrong", ordering: ["-nope" as "-name"], uniqueTogether: [["name", "missing" as "name"]] })
class Wrong extends Model {
  declare static objects: Manager<Wrong>;
  @CharField({} as { maxLength: number }) name!: string;
  @CharField({ maxLength: 0 }) empty!: string;
  @DecimalField({ maxDigits: 2, decimalPlaces: 3 }) small!: string;
  @DecimalField({ maxDigits: 20, decimalPlaces: 3 }) long!: string;
  @ForeignKey(() => Target, { onDelete: CASCADE, relatedName: "name" }) one!: Related<Target>;
  @ForeignKey(() => Target, { onDelete: SET_NULL, relatedName: "same" }) two!: Related<Target>;
  @ForeignKey(() => Target, { onDelete: CASCADE, relatedName: "same" }) three!: Related<Target>;
}

before(() => {
  const empty = { host: "", port: null, user: "", password: "", options: {} };
  connections.configure({ default: { ...empty, engine: "sqlite", name: ":memory:" } });
});

test("good models pass", () => {
  assert.deepEqual(checkModels(models), []);
});

test("what is wrong with a model is told under Django's ids", () => {
  const wrong = [Target, Wrong] as unknown as ModelClass[];
  finalizeModels(wrong);
  const found = checkModels(wrong).map(({ id, obj }) => `${id} ${obj}`);
  assert.deepEqual(found.sort(), [
    "fields.E120 wrong.Wrong.name",
    "fields.E121 wrong.Wrong.empty",
    "fields.E134 wrong.Wrong.small",
    "fields.E302 wrong.Wrong.one",
    "fields.E303 wrong.Wrong.one",
    "fields.E304 wrong.Wrong.three",
    "fields.E304 wrong.Wrong.two",
    "fields.E305 wrong.Wrong.three",
    "fields.E305 wrong.Wrong.two",
    "fields.E320 wrong.Wrong.two",
    "models.E012 wrong.Wrong",
    "models.E015 wrong.Wrong",
    "sqlite.E001 wrong.Wrong.long",
  ]);
});
