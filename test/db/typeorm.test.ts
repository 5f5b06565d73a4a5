import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { atomic, type Connection, connections, onCommit } from "core-framework/db";
import { runOutsideTransactions } from "../../core/db/transaction.ts";
import { forEachDatabase } from "../support/databases.ts";
import { connectTo } from "./connect.ts";
import { Author, Book, Category, models } from "./models.ts";
import { createTables } from "./schema.ts";

forEachDatabase((_name, makeUrl) => {
  let connection: Connection;
  before(async () => {
    connection = await connectTo(makeUrl);
    await createTables(connection, models);
  });
  after(() => connections.closeAll());

  test("a repository reads and writes what the models do", async () => {
    const author = await Author.objects.create({ name: "Ana" });
    const repository = connection.dataSource.getRepository(Book);
    const saved = await repository.save(repository.create({ title: "The Sea", authorId: author.id, price: "12.50" }));
    const book = await Book.objects.get({ id: saved.id });
    assert.equal(book.price, "12.50");
    await book.categories.add(await Category.objects.create({ name: "fiction" }));
    const found = await repository.findOneOrFail({
      where: { id: book.id },
      relations: { author: true, categories: true },
    });
    assert.equal((await found.author).name, "Ana");
    assert.deepEqual(
      (await found.categories).map(({ name }) => name),
      ["fiction"],
    );
    assert.equal(found.createdAt.getTime(), book.createdAt.getTime());
  });

  describe("transactions", () => {
    class Undo extends Error {}
    const repository = () => connection.dataSource.getRepository(Category);
    const save = (name: string) => repository().save(repository().create({ name }));
    const names = async () => (await Category.objects.orderBy("name")).map(({ name }) => name);
    beforeEach(() => Category.objects.all().delete());

    test("a repository inside atomic() is undone with it, and sees what it has written", async () => {
      await assert.rejects(
        atomic(async () => {
          await Category.objects.create({ name: "model" });
          await save("repository");
          assert.equal(await repository().count(), 2);
          assert.equal(await Category.objects.count(), 2);
          throw new Undo();
        }),
        Undo,
      );
      assert.deepEqual(await names(), []);
      await atomic(() => save("kept"));
      assert.deepEqual(await names(), ["kept"]);
    });

    test("a repository beside atomic() neither sees its rows nor is undone with it", async () => {
      let written: Promise<unknown> = Promise.resolve();
      await atomic(async () => {
        await Category.objects.create({ name: "inside" });
        written = runOutsideTransactions(() => save("beside"));
        assert.equal(await runOutsideTransactions(() => repository().countBy({ name: "inside" })), 0);
        await sleep(20);
        throw new Undo();
      }).catch(() => undefined);
      await written;
      assert.deepEqual(await names(), ["beside"]);
    });

    test("what a repository cannot save leaves the block around it usable", async () => {
      await save("taken");
      await atomic(async () => {
        await save("before");
        await assert.rejects(save("taken"));
        await save("after");
      });
      assert.deepEqual(await names(), ["after", "before", "taken"]);
    });

    test("dataSource.transaction() is a block: models join it, blocks nest in it, hooks wait for it", async () => {
      const seen: string[] = [];
      await connection.dataSource.transaction(async (manager) => {
        await manager.save(manager.create(Category, { name: "manager" }));
        await Category.objects.create({ name: "model" });
        await onCommit(() => seen.push("committed"));
        await assert.rejects(
          atomic(async () => {
            await manager.save(manager.create(Category, { name: "nested" }));
            throw new Undo();
          }),
          Undo,
        );
        await manager.transaction(async (inner) => void (await inner.save(inner.create(Category, { name: "inner" }))));
        assert.deepEqual(seen, []);
      });
      assert.deepEqual(seen, ["committed"]);
      assert.deepEqual(await names(), ["inner", "manager", "model"]);
      await assert.rejects(
        connection.dataSource.transaction("SERIALIZABLE", async () => {
          await Category.objects.create({ name: "undone" });
          throw new Undo();
        }),
        Undo,
      );
      assert.equal((await names()).length, 3);
    });

    test("a query runner's own transaction is its own", async () => {
      const runner = connection.dataSource.createQueryRunner();
      await runner.startTransaction();
      await runner.manager.save(runner.manager.create(Category, { name: "one" }));
      assert.equal(await Category.objects.count(), 0);
      await runner.rollbackTransaction();
      await runner.startTransaction();
      await runner.manager.save(runner.manager.create(Category, { name: "two" }));
      await runner.commitTransaction();
      await runner.release();
      assert.deepEqual(await names(), ["two"]);
    });

    test("many at once, of both kinds, half undone: nothing lost, nothing undone remains", async () => {
      const work = Array.from({ length: 20 }, (_, index) => [
        save(`r${index}`).then(({ name }) => [name]),
        Category.objects.create({ name: `m${index}` }).then(({ name }) => [name]),
        atomic(async () => {
          await save(`a${index}`);
          await sleep(index % 4);
          await Category.objects.create({ name: `b${index}` });
          if (index % 2) throw new Undo();
          return [`a${index}`, `b${index}`];
        }).catch(() => []),
        connection.dataSource
          .transaction(async (manager) => {
            await manager.save(manager.create(Category, { name: `t${index}` }));
            await sleep(index % 3);
            if (index % 2) throw new Undo();
            return [`t${index}`];
          })
          .catch(() => []),
      ]);
      const acknowledged = (await Promise.all(work.flat())).flat();
      assert.equal(acknowledged.length, 70);
      assert.deepEqual(await names(), acknowledged.sort());
    });

    test("its connections go back to the pool", async () => {
      for (let index = 0; index < 12; index++) await save(`n${index}`);
      await atomic(() => save("last"));
      const { master } = connection.dataSource.driver as unknown as {
        master?: { totalCount: number; idleCount: number };
      };
      if (master) assert.equal(master.idleCount, master.totalCount);
      else assert.equal(await repository().count(), 13);
    });
  });

  test("a relation is still the model's own property after connecting", async () => {
    const book = await Book.objects.selectRelated("author").get({ title: "The Sea" });
    assert.ok(!(book.author instanceof Promise));
  });
});
