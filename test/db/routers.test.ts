import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { atomic, connections, type DatabaseRouter, type ModelClass, postSave, router } from "core-framework/db";
import { parseDatabaseUrl } from "../../core/conf/service_urls.ts";
import { FieldError, ImproperlyConfigured } from "../../core/exceptions.ts";
import { forEachDatabase } from "../support/databases.ts";
import { Author, Book, Category, models } from "./models.ts";
import { createTables } from "./schema.ts";

/** Everything is written to the default database and read from the replica; the tests themselves replicate nothing. */
class ReplicaRouter implements DatabaseRouter {
  dbForRead() {
    return "replica";
  }
  dbForWrite() {
    return "default";
  }
  allowRelation() {
    return true;
  }
}

/** Categories have a database of their own. */
class CategoryRouter implements DatabaseRouter {
  dbForRead(model: ModelClass) {
    return model === (Category as unknown as ModelClass) ? "replica" : null;
  }
  dbForWrite(model: ModelClass) {
    return this.dbForRead(model);
  }
}

forEachDatabase((_name, makeUrl) => {
  before(async () => {
    const [one, other] = [await makeUrl(), await makeUrl()].map((url) => parseDatabaseUrl(url, "/"));
    await connections.closeAll();
    connections.configure({ default: one, replica: other });
    for (const alias of connections.aliases) await createTables(connections.get(alias), models);
  });
  afterEach(async () => {
    router.configure([]);
    for (const alias of connections.aliases) {
      for (const { objects } of [Book, Author, Category]) await objects.using(alias).all().delete();
    }
  });
  after(() => connections.closeAll());

  const count = (alias: string) => Author.objects.using(alias).count();

  describe("without routers", () => {
    test("an object stays in the database that it came from, and so does what it leads to", async () => {
      const ana = await Author.objects.using("replica").create({ name: "Ana" });
      const sea = await ana.books.create({ title: "Sea" });
      await sea.categories.add(await Category.objects.using("replica").create({ name: "prose" }));
      assert.deepEqual([await count("default"), await count("replica")], [0, 1]);
      const book = await Book.objects.using("replica").get({ title: "Sea" });
      assert.equal((await book.author).name, "Ana");
      assert.equal(await ana.books.count(), 1);
      assert.equal((await book.categories).length, 1);
      await Object.assign(ana, { name: "Anna" }).save();
      await ana.refreshFromDb();
      assert.equal(ana.name, "Anna");
      const [loaded] = await Author.objects.using("replica").prefetchRelated("books");
      assert.equal(loaded.books.loaded?.length, 1);
      await ana.delete();
      assert.equal(await count("replica"), 0);
    });

    test("a new object is saved where the object is that it refers to", async () => {
      const ana = await Author.objects.using("replica").create({ name: "Ana" });
      await new Book({ title: "Sea", author: ana }).save();
      assert.equal(await Book.objects.using("replica").count(), 1);
    });

    test("an object saved to another database is written there whole", async () => {
      const ana = await Author.objects.create({ name: "Ana", email: "ana@example.org" });
      ana.name = "Anna";
      await ana.save({ using: "replica" });
      const copy = await Author.objects.using("replica").get({ id: ana.id });
      assert.deepEqual([copy.name, copy.email], ["Anna", "ana@example.org"]);
      copy.email = "anna@example.org";
      await copy.save({ using: "default" });
      assert.equal((await Author.objects.using("default").get({ id: ana.id })).name, "Anna");
      await copy.delete({ using: "replica" });
      assert.deepEqual([await count("default"), await count("replica")], [1, 0]);
    });

    test("objects of two databases cannot be related", async () => {
      const ana = await Author.objects.using("replica").create({ name: "Ana" });
      const ben = await Author.objects.create({ name: "Ben" });
      const sea = await ben.books.create({ title: "Sea" });
      assert.throws(
        () => {
          sea.author = ana;
        },
        (error: Error) =>
          error instanceof FieldError &&
          error.message === 'Cannot assign "Ana": the current database router prevents this relation.',
      );
      const prose = await Category.objects.using("replica").create({ name: "prose" });
      await assert.rejects(sea.categories.add(prose), {
        message: `Cannot add "${prose}": instance is on database "default", value is on database "replica"`,
      });
    });
  });

  describe("with a router", () => {
    test("what reads goes to the one database and what writes to the other", async () => {
      router.configure([ReplicaRouter]);
      const ana = await Author.objects.create({ name: "Ana" });
      assert.equal(await Author.objects.count(), 0);
      assert.equal(await count("default"), 1);
      assert.equal(await Author.objects.filter({ name: "Ana" }).update({ name: "Anna" }), 1);
      await Author.objects.bulkCreate([new Author({ name: "Ben" })]);
      await ana.books.create({ title: "Sea" });
      assert.deepEqual([await count("default"), await Book.objects.using("default").count()], [2, 1]);
      assert.equal(await ana.books.count(), 0);
      assert.equal((await Author.objects.all().delete())[0], 3);
      assert.equal(await count("default"), 0);
    });

    test("an object from the replica is saved and deleted where writes go", async () => {
      const kept = await Author.objects.using("replica").create({ name: "Ana", email: "a@example.org" });
      router.configure([new ReplicaRouter()]);
      const ana = await Author.objects.get({ name: "Ana" });
      ana.name = "Anna";
      await ana.save();
      const written = await Author.objects.using("default").get({ id: kept.id });
      assert.deepEqual([written.name, written.email], ["Anna", "a@example.org"]);
      await (await Author.objects.get({ name: "Ana" })).delete();
      assert.deepEqual([await count("default"), await count("replica")], [0, 1]);
    });

    test("getOrCreate() and updateOrCreate() look where they would write", async () => {
      await Author.objects.create({ name: "Ana" });
      router.configure([ReplicaRouter]);
      const [ana, created] = await Author.objects.getOrCreate({ name: "Ana" });
      assert.equal(created, false);
      await Author.objects.updateOrCreate({ name: "Ana" }, { email: "a@example.org" });
      assert.equal((await Author.objects.using("default").get({ id: ana.id })).email, "a@example.org");
      await Author.objects.using("replica").getOrCreate({ name: "Ben" });
      assert.deepEqual([await count("default"), await count("replica")], [1, 1]);
    });

    test("rows are locked where they would be written", async () => {
      await Author.objects.create({ name: "Ana" });
      router.configure([ReplicaRouter]);
      await atomic(async () => assert.equal((await Author.objects.selectForUpdate().all()).length, 1));
      assert.equal((await Author.objects.all()).length, 0);
    });

    test("using() and save({ using }) win", async () => {
      router.configure([ReplicaRouter]);
      await new Author({ name: "Ana" }).save({ using: "replica" });
      await Author.objects.using("replica").create({ name: "Ben" });
      assert.deepEqual([await count("default"), await count("replica")], [0, 2]);
    });

    test("the first router that has an answer decides, by the model and by the object", async () => {
      const asked: unknown[] = [];
      const other = {
        dbForRead(model: ModelClass, hints: { instance?: unknown }) {
          asked.push([model._meta.modelName, hints.instance]);
          return undefined;
        },
      };
      router.configure([CategoryRouter, other]);
      await Category.objects.create({ name: "prose" });
      assert.equal(await Category.objects.using("replica").count(), 1);
      const ana = await Author.objects.create({ name: "Ana" });
      await ana.books.count();
      assert.deepEqual(asked, [["book", ana]]);
    });

    test("it may allow relations between databases", async () => {
      const prose = await Category.objects.using("replica").create({ name: "prose" });
      const sea = await (await Author.objects.create({ name: "Ana" })).books.create({ title: "Sea" });
      router.configure([{ allowRelation: () => true }]);
      const ana = await Author.objects.using("replica").create({ name: "Ana" });
      sea.author = ana;
      assert.equal(sea.authorId, ana.id);
      await Category.objects.using("default").create({ name: "prose", id: prose.id });
      await sea.categories.add(prose);
      assert.equal(await sea.categories.count(), 1);
    });

    test("signals name the database that was written", async () => {
      const seen: string[] = [];
      const listen = ({ using }: { using: string }) => void seen.push(using);
      postSave.connect(listen);
      router.configure([CategoryRouter]);
      await Category.objects.create({ name: "prose" });
      postSave.disconnect(listen);
      assert.deepEqual(seen, ["replica"]);
    });

    test("inside atomic() of the writing database, what is read there sees what was written", async () => {
      router.configure([ReplicaRouter]);
      await atomic(async () => {
        await Author.objects.create({ name: "Ana" });
        assert.equal(await Author.objects.count(), 0);
        assert.equal(await Author.objects.using("default").count(), 1);
      });
    });
  });
});

test("a router without any of the four methods is refused", () => {
  class Nothing {}
  assert.throws(
    () => router.configure([Nothing]),
    (error: Error) =>
      error instanceof ImproperlyConfigured && /^Nothing in DATABASE_ROUTERS is no router/.test(error.message),
  );
});

test("whether a migration runs on a database is for the routers to say, and by default it does", () => {
  router.configure([]);
  assert.equal(router.allowMigrate("replica", "library"), true);
  router.configure([{ allowMigrate: (db: string, app: string) => (app === "audit" ? db === "audit" : null) }]);
  assert.deepEqual(
    [
      router.allowMigrate("audit", "audit"),
      router.allowMigrate("default", "audit"),
      router.allowMigrate("x", "library"),
    ],
    [true, false, true],
  );
  router.configure([]);
});
