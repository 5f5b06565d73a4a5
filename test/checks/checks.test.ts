import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import * as checks from "../../core/checks/index.ts";
import { withoutSilenced } from "../../core/checks/registry.ts";
import { registerSecurityChecks } from "../../core/checks/security.ts";
import type { SettingsInput } from "../../core/conf/global_settings.ts";
import { configureSettings, resetSettings } from "../../core/conf/settings.ts";

registerSecurityChecks();
afterEach(resetSettings);

const GOOD: SettingsInput = { SECRET_KEY: "0123456789abcdefghij".repeat(3), ALLOWED_HOSTS: ["api.example.com"] };

async function deployIds(values: SettingsInput): Promise<(string | undefined)[]> {
  configureSettings({ ...GOOD, ...values });
  const messages = await checks.runChecks({ tags: ["security"], includeDeploymentChecks: true });
  return withoutSilenced(messages).map(({ id }) => id);
}

test("a message says what it is about, its id, its sentence and its hint", () => {
  const message = new checks.Warning("Book has no ordering.", {
    obj: { name: "Book" },
    id: "library.W001",
    hint: "Set it.",
  });
  assert.equal(String(message), "Book: (library.W001) Book has no ordering.\n\tHint: Set it.");
  assert.equal(String(new checks.Error("Broken.")), "?: Broken.");
  assert.deepEqual(JSON.parse(JSON.stringify(message)), {
    id: "library.W001",
    level: "WARNING",
    msg: "Book has no ordering.",
    hint: "Set it.",
    obj: "Book",
  });
  assert.equal(message.isSerious(), false);
  assert.equal(message.isSerious(checks.LEVELS.WARNING), true);
});

test("a registered check runs once, asynchronous ones too, and its tag chooses it", async () => {
  configureSettings({});
  const check = async () => [new checks.Info("Here.", { id: "test.I001" })];
  checks.register(check, { tags: ["mine"] });
  checks.register(check, { tags: ["mine"] });
  assert.deepEqual(
    (await checks.runChecks({ tags: ["mine"] })).map(({ id }) => id),
    ["test.I001"],
  );
  await assert.rejects(checks.runChecks({ tags: ["mime"] }), { hint: "Did you mean mine?" });
});

test("checks of the database run only when one is named", async () => {
  configureSettings({});
  checks.register(({ databases }) => databases.map((alias) => new checks.Error(alias)), { tags: ["database"] });
  const found = async (databases: string[]) => (await checks.runChecks({ databases })).map(({ msg }) => msg);
  assert.ok(!(await found([])).includes("default"));
  assert.ok((await found(["default"])).includes("default"));
});

test("--deploy reports each insecure setting once, by Django's id, and nothing of a secure one", async () => {
  assert.deepEqual(await deployIds({}), []);
  assert.deepEqual(await deployIds({ SECRET_KEY: "" }), ["security.W009"]);
  assert.deepEqual(await deployIds({ SECRET_KEY: `insecure-${GOOD.SECRET_KEY}` }), ["security.W009"]);
  assert.deepEqual(await deployIds({ SECRET_KEY_FALLBACKS: ["short"] }), ["security.W025"]);
  assert.deepEqual(await deployIds({ DEBUG: true }), ["security.W018"]);
  assert.deepEqual(await deployIds({ ALLOWED_HOSTS: [] }), ["security.W020"]);
  assert.deepEqual(await deployIds({ DEBUG: true, SILENCED_SYSTEM_CHECKS: ["security.W018"] }), []);
});

test("without --deploy those are not run", async () => {
  configureSettings({ DEBUG: true });
  const ids = (await checks.runChecks()).map(({ id }) => id);
  assert.ok(!ids.includes("security.W018"));
});
