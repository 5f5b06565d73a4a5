import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { env } from "../../core/conf/env.ts";
import type { SettingsInput } from "../../core/conf/global_settings.ts";
import type { InvalidSettings } from "../../core/conf/problems.ts";
import { setProjectRoot } from "../../core/conf/project.ts";
import {
  configureSettings,
  defineSettings,
  loadReferences,
  resetSettings,
  settings,
} from "../../core/conf/settings.ts";

const before = { ...process.env };
afterEach(() => {
  process.env = { ...before };
  setProjectRoot(undefined);
  resetSettings();
});

function problemsOf(values: object): InvalidSettings {
  try {
    defineSettings(values as SettingsInput);
  } catch (error) {
    return error as InvalidSettings;
  }
  return assert.fail("the settings were accepted");
}

test("what is left out takes its default, inside nested settings too", () => {
  const values = defineSettings({ REST_FRAMEWORK: { PAGE_SIZE: 20 } });
  assert.equal(values.REST_FRAMEWORK.PAGE_SIZE, 20);
  assert.equal(values.REST_FRAMEWORK.MAX_PAGE_SIZE, 200);
  assert.equal(values.DEBUG, false);
  assert.equal(values.DATA_UPLOAD_MAX_MEMORY_SIZE, 2621440);
});

test("an unknown setting and a wrong value are reported together, each with its id, sentence and hint", () => {
  const error = problemsOf({
    INSTALED_APPS: [],
    DEBUG: "yes",
    REST_FRAMEWORK: { PAGESIZE: 3, PAGE_SIZE: "ten", COMPATIBILITY: "2" },
  });
  assert.equal(error.name, "InvalidSettings");
  assert.deepEqual(
    error.problems.map(({ id, message }) => `${id} ${message}`),
    [
      "settings.E001 Unknown setting INSTALED_APPS.",
      'settings.E002 DEBUG must be true or false, not "yes".',
      "settings.E001 Unknown setting REST_FRAMEWORK.PAGESIZE.",
      'settings.E002 REST_FRAMEWORK.PAGE_SIZE must be an integer of at least 1, or null, not "ten".',
      'settings.E002 REST_FRAMEWORK.COMPATIBILITY must be "3.18" or "3.14", not "2".',
    ],
  );
  assert.equal(error.problems[0].hint, "Did you mean INSTALLED_APPS?");
  assert.match(
    error.message,
    /^The settings have 5 problems:\n {2}\(settings\.E001\) Unknown setting INSTALED_APPS\.\n/,
  );
});

test("a single problem is one sentence and one hint", () => {
  const error = problemsOf({ DEBUGG: true });
  assert.equal(error.message, "(settings.E001) Unknown setting DEBUGG.");
  assert.equal(error.hint, "Did you mean DEBUG?");
});

test("missing and malformed variables are reported with everything else", () => {
  delete process.env.NO_SUCH_KEY;
  process.env.NO_SUCH_PORT = "many";
  const error = problemsOf({
    SECRET_KEY: env.string("NO_SUCH_KEY"),
    DATA_UPLOAD_MAX_MEMORY_SIZE: env.integer("NO_SUCH_PORT"),
    TYPO: 1,
  });
  assert.deepEqual(
    error.problems.map(({ id, setting }) => [id, setting]),
    [
      ["settings.E003", "NO_SUCH_KEY"],
      ["settings.E004", "NO_SUCH_PORT"],
      ["settings.E001", "TYPO"],
    ],
  );
  assert.match(error.message, /Set NO_SUCH_KEY in the environment or in \.env\./);
});

test("lists and records are checked item by item", () => {
  const error = problemsOf({
    INSTALLED_APPS: ["apps/a", 3],
    ALLOWED_HOSTS: "example.com",
    DATABASES: { default: { engine: "mysql", name: "x", port: 0 }, other: {} },
  });
  assert.deepEqual(
    error.problems.map(({ message }) => message),
    [
      'ALLOWED_HOSTS must be a list, each item a string, not "example.com".',
      "INSTALLED_APPS[1] must be a string, not 3.",
      'DATABASES.default.engine must be "sqlite" or "postgresql", not "mysql".',
      "DATABASES.default.port must be an integer of at least 1, or null, not 0.",
      'DATABASES.other.engine is missing; it must be "sqlite" or "postgresql".',
      "DATABASES.other.name is missing; it must be a string.",
    ],
  );
});

test("no secret is ever quoted", () => {
  const error = problemsOf({
    SECRET_KEY_FALLBACKS: "top-secret-fallback",
    DATABASES: {
      default: "postgresql://ana:hunter2@db/shop",
      other: { engine: "sqlite", name: "x", password: ["hunter2"] },
    },
  });
  assert.doesNotMatch(error.message, /hunter2|top-secret/);
});

test("in production a weak secret key stops the boot, and elsewhere it does not", () => {
  const weak = ["", "changeme", "x".repeat(31), "ab".repeat(40), `insecure-${"abcdefgh".repeat(8)}`];
  for (const SECRET_KEY of weak) assert.doesNotThrow(() => defineSettings({ SECRET_KEY }));
  process.env.NODE_ENV = "production";
  for (const SECRET_KEY of weak) {
    const error = problemsOf({ SECRET_KEY });
    assert.equal(error.problems[0].id, "settings.E005");
    if (SECRET_KEY) assert.ok(!error.message.includes(SECRET_KEY));
  }
  assert.doesNotThrow(() => defineSettings({ SECRET_KEY: "0123456789abcdefghij".repeat(3) }));
});

test("settings are frozen, readable after configuration only, and never assignable", () => {
  assert.throws(() => settings.DEBUG, { code: "settings_not_configured" });
  configureSettings({ DEBUG: true, ALLOWED_HOSTS: ["a"] });
  assert.equal(settings.DEBUG, true);
  assert.throws(() => (settings.ALLOWED_HOSTS as string[]).push("b"), TypeError);
  assert.throws(() => Object.assign(settings, { DEBUG: false }), { message: /DEBUG was assigned/ });
});

test("a class may be given by its name, which setup replaces with the class", async () => {
  configureSettings({ REST_FRAMEWORK: { DEFAULT_PERMISSION_CLASSES: ["package#Mine", Map] }, MIDDLEWARE: ["pkg#x"] });
  await loadReferences(async (name) => ({ name }));
  assert.deepEqual(settings.REST_FRAMEWORK.DEFAULT_PERMISSION_CLASSES, [{ name: "package#Mine" }, Map]);
  assert.deepEqual(settings.MIDDLEWARE, [{ name: "pkg#x" }]);
  assert.equal(settings.REST_FRAMEWORK.DEFAULT_PARSER_CLASSES, undefined);
});

test("several databases need one called default", () => {
  const error = problemsOf({ DATABASES: { main: { engine: "sqlite", name: "a" } } });
  assert.equal(error.problems[0].id, "settings.E006");
});
