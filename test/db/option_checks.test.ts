import assert from "node:assert/strict";
import { before, test } from "node:test";
import {
  CharField,
  connections,
  FileField,
  FilePathField,
  finalizeModels,
  type Manager,
  Model,
  type ModelClass,
  model,
  TextChoices,
} from "core-framework/db";
import { checkModels } from "../../core/db/checks/model_checks.ts";

@model({ appLabel: "options" })
class Wrong extends Model {
  declare static objects: Manager<Wrong>;
  @CharField({ maxLength: 9, choices: ["a", "b"] as never }) bare!: string;
  @CharField({ maxLength: 3, choices: TextChoices({ LONG: ["long", "Long"] }) }) short!: string;
  @CharField({ maxLength: 3, validators: [() => {}, "x" as never] }) checked!: string;
  @FilePathField({ allowFiles: false }) nothing!: string;
  @FileField({ uploadTo: "/covers" }) cover!: string;
}

@model({ appLabel: "options" })
class Right extends Model {
  declare static objects: Manager<Right>;
  @CharField({
    maxLength: 9,
    choices: [
      ["G", [["a", "A"]]],
      ["b", "B"],
    ],
  })
  grouped!: string;
  @CharField({ maxLength: 9, choices: () => ({ a: "A" }) }) called!: string;
  @FilePathField({ allowFiles: false, allowFolders: true }) folder!: string;
}

before(() => {
  const empty = { host: "", port: null, user: "", password: "", options: {} };
  connections.configure({ default: { ...empty, engine: "sqlite", name: ":memory:" } });
});

test("options that cannot be meant are told under Django's ids", () => {
  const models = [Wrong, Right] as unknown as ModelClass[];
  finalizeModels(models);
  assert.deepEqual(
    checkModels(models).map(({ id, obj }) => `${id} ${obj}`),
    [
      "fields.E005 options.Wrong.bare",
      "fields.E009 options.Wrong.short",
      "fields.E008 options.Wrong.checked",
      "fields.E140 options.Wrong.nothing",
      "fields.E202 options.Wrong.cover",
    ],
  );
});
