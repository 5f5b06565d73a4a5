import assert from "node:assert/strict";
import { after, before, beforeEach, describe, mock, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  atomic,
  connections,
  getAutocommit,
  getRollback,
  onCommit,
  savepoint,
  savepointCommit,
  savepointRollback,
  setRollback,
} from "core-framework/db";
import { IntegrityError, TransactionManagementError } from "../../core/exceptions.ts";
import { forEachDatabase } from "../support/databases.ts";
import { connectTo } from "./connect.ts";
import { Author, Book, Category, models } from "./models.ts";
import { createTables } from "./schema.ts";

class Undo extends Error {}

const names = async () => (await Category.objects.orderBy("name")).map(({ name }) => name);

forEachDatabase((name, makeUrl) => {
  before(async () => createTables(await connectTo(makeUrl), models));
  after(() => connections.closeAll());
  beforeEach(() => Category.objects.all().delete());

  test("what is thrown undoes everything, what is returned is given back", async () => {
    const value = await atomic(async () => {
      await Category.objects.create({ name: "a" });
      return 7;
    });
    assert.equal(value, 7);
    await assert.rejects(
      atomic(async () => {
        await Category.objects.create({ name: "b" });
        throw new Undo();
      }),
      Undo,
    );
    assert.deepEqual(await names(), ["a"]);
  });

  test("an inner block is undone alone", async () => {
    await atomic(async () => {
      await Category.objects.create({ name: "outer" });
      await assert.rejects(
        atomic(async () => {
          await Category.objects.create({ name: "inner" });
          throw new Undo();
        }),
        Undo,
      );
      await atomic(() => Category.objects.create({ name: "second" }));
    });
    assert.deepEqual(await names(), ["outer", "second"]);
  });

  test("an error of the database in an inner block leaves the outer one usable", async () => {
    await atomic(async () => {
      await Category.objects.create({ name: "a" });
      await assert.rejects(
        atomic(() => Category.objects.create({ name: "a" })),
        IntegrityError,
      );
      await Category.objects.create({ name: "b" });
    });
    assert.deepEqual(await names(), ["a", "b"]);
  });

  test("without a savepoint an error undoes the outer block as well", async () => {
    await atomic(async () => {
      await Category.objects.create({ name: "a" });
      await assert.rejects(
        atomic(() => Promise.reject(new Undo()), { savepoint: false }),
        Undo,
      );
      await assert.rejects(Category.objects.create({ name: "b" }), /You can't execute queries until the end/);
    });
    assert.deepEqual(await names(), []);
  });

  test("setRollback undoes without an error, and a durable block must be the outermost", async () => {
    await atomic(async () => {
      await Category.objects.create({ name: "a" });
      setRollback(true);
    });
    assert.deepEqual(await names(), []);
    await assert.rejects(
      atomic(() => atomic(() => 1, { durable: true })),
      /durable atomic block cannot be nested/,
    );
  });

  test("hooks run after the commit, in order, and never after a rollback", async () => {
    const seen: string[] = [];
    await atomic(async () => {
      await onCommit(() => seen.push("one"));
      await atomic(async () => {
        await Category.objects.create({ name: "a" });
        await onCommit(async () => seen.push(`two, ${(await names()).length} row`));
      });
      await assert.rejects(
        atomic(async () => {
          await onCommit(() => seen.push("never"));
          throw new Undo();
        }),
      );
      assert.deepEqual(seen, []);
    });
    assert.deepEqual(seen, ["one", "two, 1 row"]);
    await onCommit(() => seen.push("at once"));
    assert.equal(seen.at(-1), "at once");
  });

  test("a block without a query begins nothing", async () => {
    const connection = connections.get();
    const begin = connection.begin;
    let begun = 0;
    connection.begin = function () {
      begun++;
      return begin.call(this);
    };
    await atomic(() => atomic(() => 1));
    assert.equal(begun, 0);
    await atomic(() => names());
    assert.equal(begun, 1);
    connection.begin = begin;
  });

  test("a query that outlives its block is an error, not a write of its own", async () => {
    let late: Promise<unknown> = Promise.resolve();
    await atomic(async () => {
      late = sleep(20).then(() => Category.objects.create({ name: "late" }));
      late.catch(() => undefined);
      await Category.objects.create({ name: "in time" });
    });
    await assert.rejects(late, TransactionManagementError);
    assert.deepEqual(await names(), ["in time"]);
  });

  test("parallel inner blocks take turns", async () => {
    await atomic(async () => {
      await Promise.all(
        Array.from({ length: 8 }, (_, index) =>
          atomic(async () => {
            await Category.objects.create({ name: `n${index}` });
            await sleep(index % 3);
            if (index % 2) throw new Undo();
          }).catch(() => undefined),
        ),
      );
      await Category.objects.create({ name: "z" });
    });
    assert.deepEqual(await names(), ["n0", "n2", "n4", "n6", "z"]);
  });

  test("a reference is checked when the transaction commits", async () => {
    await assert.rejects(
      atomic(async () => {
        await Book.objects.create({ title: "x", authorId: 424_242 });
        assert.equal(await Book.objects.filter({ title: "x" }).count(), 1);
      }),
      (error: unknown) => error instanceof IntegrityError && error.kind === "foreignKey",
    );
    await atomic(async () => {
      await Book.objects.create({ title: "x", authorId: 424_242 });
      await new Author({ id: 424_242, name: "late" } as never).save();
    });
    assert.equal(await Book.objects.filter({ title: "x" }).count(), 1);
    await Author.objects.filter({ id: 424_242 }).delete();
  });

  const broken = {
    name: "TransactionManagementError",
    message:
      "An error occurred in the current transaction. You can't execute queries until the end of the 'atomic' block.",
  };
  const taken = () => Category.objects.create({ name: "a" });

  test("a write that has failed leaves nothing but the rollback, on either database", async () => {
    await atomic(async () => {
      await taken();
      await assert.rejects(taken(), IntegrityError);
      assert.equal(getRollback(), true);
      await assert.rejects(names(), broken);
      await assert.rejects(
        atomic(() => names()),
        broken,
      );
    });
    assert.deepEqual(await names(), []);
    await atomic(async () => {
      await taken();
      await Category.objects
        .filter({ name: "a" })
        .update({ name: null } as never)
        .catch(() => undefined);
    });
    assert.deepEqual(await names(), []);
  });

  test("the error of a broken block names its cause", async () => {
    await atomic(async () => {
      await taken();
      const first = await taken().catch((error) => error);
      const second = await names().catch((error) => error);
      assert.equal(second.cause, first);
    });
  });

  test("a statement of one's own that fails on PostgreSQL is not taken for a commit", async () => {
    const run = atomic(async () => {
      await taken();
      await connections
        .get()
        .execute("SELECT nonsense")
        .catch(() => undefined);
    });
    // SQLite goes on after it; PostgreSQL gives up the transaction, and would call that a commit.
    if (name === "sqlite") await run;
    else await assert.rejects(run, TransactionManagementError);
    assert.deepEqual(await names(), name === "sqlite" ? ["a"] : []);
  });

  test("a savepoint made by hand brings a broken block back to life", async () => {
    const seen: string[] = [];
    await atomic(async () => {
      await taken();
      await onCommit(() => seen.push("before"));
      const sid = await savepoint();
      await onCommit(() => seen.push("between"));
      await assert.rejects(taken(), IntegrityError);
      await savepointRollback(sid);
      setRollback(false);
      assert.equal(getRollback(), false);
      await Category.objects.create({ name: "b" });
      await onCommit(() => seen.push("after"));
    });
    assert.deepEqual(await names(), ["a", "b"]);
    assert.deepEqual(seen, ["before", "after"]);
  });

  test("savepoints made by hand keep or undo what came after them", async () => {
    await atomic(async () => {
      const kept = await savepoint();
      await Category.objects.create({ name: "kept" });
      await savepointCommit(kept);
      const undone = await savepoint();
      await Category.objects.create({ name: "undone" });
      await savepointRollback(undone);
      await Category.objects.create({ name: "more" });
      await savepointRollback(undone);
      await assert.rejects(savepointRollback(kept), /This block has no savepoint "m0_1"/);
      await assert.rejects(savepointCommit("x; DROP TABLE library_category"), TransactionManagementError);
    });
    assert.deepEqual(await names(), ["kept"]);
    assert.equal(await savepoint(), null);
    await savepointCommit(null);
    await savepointRollback(null);
  });

  test("whether statements commit by themselves, and whether the block will, can be asked", async () => {
    assert.equal(getAutocommit(), true);
    assert.throws(() => getRollback(), { message: "The rollback flag doesn't work outside of an 'atomic' block." });
    assert.throws(() => setRollback(true), TransactionManagementError);
    await atomic(async () => {
      assert.deepEqual([getAutocommit(), getRollback()], [false, false]);
      await atomic(() => setRollback(true));
      assert.equal(getRollback(), false);
      await atomic(() => setRollback(true), { savepoint: false });
      assert.equal(getRollback(), true);
    });
  });

  test("a hook's error comes out after the commit and stops the hooks after it, unless it is robust", async () => {
    const seen: unknown[] = [];
    const logged = mock.method(console, "error", () => undefined);
    const run = atomic(async () => {
      await taken();
      await onCommit(
        function failing() {
          throw new Undo("robust");
        },
        { robust: true },
      );
      await onCommit(() => seen.push("first"));
      await onCommit(() => Promise.reject(new Undo("plain")));
      await onCommit(() => seen.push("never"));
    });
    await assert.rejects(run, /plain/);
    assert.deepEqual(seen, ["first"]);
    assert.deepEqual(await names(), ["a"]);
    await onCommit(() => Promise.reject(new Undo("now")), { robust: true });
    await assert.rejects(
      onCommit(() => Promise.reject(new Undo("now"))),
      Undo,
    );
    const lines = logged.mock.calls.map(({ arguments: [line] }) => String(line));
    logged.mock.restore();
    assert.equal(lines[0], "Error calling failing in onCommit() during transaction (Error: robust).");
    assert.match(lines[1], /^Error calling a function in onCommit\(\) \(/);
    await assert.rejects(onCommit("no function" as never), /onCommit\(\)'s callback must be a callable\./);
  });

  test("hooks may write, and what they give to onCommit() runs at once", async () => {
    const seen: string[] = [];
    await atomic(async () => {
      await taken();
      await onCommit(async () => {
        await Category.objects.create({ name: "by hook" });
        await onCommit(() => seen.push("nested"));
        seen.push("outer");
      });
    });
    assert.deepEqual(seen, ["nested", "outer"]);
    assert.deepEqual(await names(), ["a", "by hook"]);
  });

  test("as a decorator it makes a block of each call", async () => {
    class Names {
      constructor(readonly suffix: string) {}

      @atomic
      async add(name: string): Promise<string> {
        const { name: added } = await Category.objects.create({ name: `${name}${this.suffix}` });
        if (name === "bad") throw new Undo();
        return added;
      }

      @atomic({ durable: true })
      async addForGood(name: string): Promise<void> {
        await this.add(name);
      }
    }
    const one = new Names("1");
    assert.equal(await one.add("a"), "a1");
    await assert.rejects(one.addForGood("bad"), Undo);
    await one.addForGood("b");
    await assert.rejects(
      atomic(() => one.addForGood("c")),
      /durable/,
    );
    assert.deepEqual(await names(), ["a1", "b1"]);
  });

  describe("many at once", () => {
    test("twenty transactions, half undone, beside twenty plain writers: nothing lost, nothing undone remains", async () => {
      const work = Array.from({ length: 20 }, (_, index) => [
        atomic(async () => {
          await Category.objects.create({ name: `t${index}a` });
          await sleep(Math.random() * 5);
          await Category.objects.create({ name: `t${index}b` });
          if (index % 2) throw new Undo();
        }).then(
          () => [`t${index}a`, `t${index}b`],
          () => [],
        ),
        sleep(Math.random() * 20).then(async () => [(await Category.objects.create({ name: `p${index}` })).name]),
      ]);
      const acknowledged = (await Promise.all(work.flat())).flat();
      assert.deepEqual((await names()).sort(), acknowledged.sort());
      assert.equal(acknowledged.length, 40);
    });

    test("reads beside an open transaction see what is committed", async () => {
      await atomic(async () => {
        await Category.objects.create({ name: "a" });
        assert.equal(await Category.objects.count(), 1);
        const { runOutsideTransactions } = await import("../../core/db/transaction.ts");
        assert.equal(await runOutsideTransactions(() => Category.objects.count()), 0);
      });
    });
  });
});
