import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { connections } from "core-framework/db";
import { configureSettings, resetSettings } from "../../core/conf/settings.ts";
import { ImproperlyConfigured } from "../../core/exceptions.ts";
import { forEachDatabase } from "../support/databases.ts";
import { connectTo } from "./connect.ts";
import { Author, models } from "./models.ts";
import { createTables } from "./schema.ts";

forEachDatabase((name, makeUrl) => {
  let url: string;
  before(async () => {
    url = await makeUrl();
    await createTables(await connectTo(() => url), models);
    for (const text of ["b", "A", "a", "B", "é"]) await Author.objects.create({ name: text });
    await Author.objects.filter({ name: "A" }).update({ email: "a@example.org" });
  });
  afterEach(resetSettings);
  after(() => connections.closeAll());

  const first = async (term: "email" | "-email") => (await Author.objects.orderBy(term, "id").first())?.email ?? null;
  const withSetting = async (ORDERING_NULLS: "lowest" | "highest", options = {}) => {
    configureSettings({ SECRET_KEY: "x".repeat(50), ORDERING_NULLS });
    await connectTo(() => url, options);
    return [await first("email"), await first("-email")];
  };

  test("NULL stands where ORDERING_NULLS says, on every database", async () => {
    assert.deepEqual(await withSetting("lowest"), [null, "a@example.org"]);
    assert.deepEqual(await withSetting("highest"), ["a@example.org", null]);
  });

  test("a database's own option wins", async () => {
    assert.deepEqual(await withSetting("lowest", { orderingNulls: "highest" }), ["a@example.org", null]);
  });

  test('the collation "C" is the order by code point on every database', async () => {
    await connectTo(() => url, { collation: "C" });
    const names = await Author.objects.orderBy("name").valuesList("name", { flat: true });
    assert.deepEqual([...names], ["A", "B", "a", "b", "é"]);
    assert.equal(await Author.objects.filter({ name__gt: "Z" }).count(), 3);
  });

  if (name === "sqlite") {
    test("a collation that only PostgreSQL has is refused", async () => {
      await connectTo(() => url, { collation: "de-x-icu" });
      await assert.rejects(
        async () => await Author.objects.orderBy("name"),
        (error: Error) =>
          error instanceof ImproperlyConfigured &&
          error.message === 'DATABASES["default"] asks for the collation "de-x-icu", which SQLite does not have.',
      );
      await connectTo(() => url, { collation: "NOCASE" });
      assert.equal(await Author.objects.filter({ name: "A" }).count(), 2);
    });
  }
});
