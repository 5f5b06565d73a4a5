import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { after, before, beforeEach, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { atomic, type Connection, connections, F, runWithSignal } from "core-framework/db";
import { runOutsideTransactions } from "../../core/db/transaction.ts";
import { OperationalError } from "../../core/exceptions.ts";
import { forEachDatabase } from "../support/databases.ts";
import { connectTo } from "./connect.ts";
import { Author, Book, Category, models } from "./models.ts";
import { createTables } from "./schema.ts";

class Undo extends Error {}

const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
/** Those of `7a` and `7b` whose other half is missing. */
const halves = (present: ReadonlySet<string>) =>
  [...present].filter((each) => !present.has(each.replace(/[ab]$/, (end) => (end === "a" ? "b" : "a"))));
const isOperational = (error: unknown) => error instanceof OperationalError;

forEachDatabase((name, makeUrl) => {
  let url: string;
  let connection: Connection;
  const connect = async (options: Record<string, unknown> = {}) => {
    connection = await connectTo(() => url, options);
  };
  before(async () => {
    url = await makeUrl();
    await connect();
    await createTables(connection, models);
  });
  after(() => connections.closeAll());
  beforeEach(async () => {
    await connect();
    await Category.objects.all().delete();
  });

  const names = async () => (await Category.objects.orderBy("name")).map((category) => category.name).sort();
  /** Connections that nobody has given back. */
  const busy = () => {
    const { master: pool } = connection.dataSource.driver as unknown as {
      master?: { totalCount: number; idleCount: number; waitingCount: number };
    };
    return pool ? pool.totalCount - pool.idleCount + pool.waitingCount : 0;
  };

  test("fifty transactions on five connections, each with a query outside of it: all of them end", async () => {
    await connect({ poolSize: 5 });
    await Promise.all(
      times(50, (index) =>
        atomic(async () => {
          await Category.objects.create({ name: `c${index}` });
          await runOutsideTransactions(() => Category.objects.count());
        }),
      ),
    );
    assert.equal(await Category.objects.count(), 50);
    assert.equal(busy(), 0);
  });

  test("fifty clients that add one again and again, by F() and by selectForUpdate(), lose nothing", async () => {
    // A hundred rounds take PostgreSQL half a minute; the race is the same.
    const rounds = name === "sqlite" ? 40 : 10;
    const author = await Author.objects.create({ name: "Ana" });
    const book = await Book.objects.create({ title: "Sea", author, pages: 0 });
    const mine = () => Book.objects.filter({ id: book.id });
    const byExpression = () => mine().update({ pages: F("pages").add(1) });
    const byLock = () =>
      atomic(async () => {
        const locked = await mine().selectForUpdate().get();
        locked.pages += 1;
        await locked.save();
      });
    for (const increment of [byExpression, byLock]) {
      await mine().update({ pages: 0 });
      await Promise.all(
        times(50, async () => {
          for (let round = 0; round < rounds; round++) await increment();
        }),
      );
      assert.equal((await mine().get()).pages, 50 * rounds);
    }
    await author.delete();
  });

  describe("a signal that is aborted", () => {
    test("lets no further statement begin, and undoes the transaction", async () => {
      const abort = new AbortController();
      const run = runWithSignal(abort.signal, () =>
        atomic(async () => {
          await Category.objects.create({ name: "a" });
          abort.abort(new Undo("left"));
          await Category.objects.create({ name: "b" });
        }),
      );
      await assert.rejects(run, (error: Error) => {
        assert.ok(error.cause instanceof Undo);
        return isOperational(error) && /its signal was aborted/.test(error.message);
      });
      assert.deepEqual(await names(), []);
      await assert.rejects(connection.execute("SELECT 1", [], { signal: abort.signal }), OperationalError);
      assert.equal(busy(), 0);
    });

    if (name === "postgresql") {
      test("stops the statement that runs, in and outside of transactions", async () => {
        for (const within of [atomic, (fn: () => Promise<unknown>) => fn()]) {
          const started = performance.now();
          const slow = runWithSignal(AbortSignal.timeout(100), () =>
            within(() => connection.execute("SELECT pg_sleep(20)")),
          );
          await assert.rejects(slow, /its signal was aborted/);
          assert.ok(performance.now() - started < 5000);
        }
        await sleep(50);
        const { rows } = await connection.execute(
          "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND pid <> pg_backend_pid()",
        );
        assert.equal(Number(rows[0][0]), 0);
        assert.deepEqual(await names(), []);
        assert.equal(busy(), 0);
      });
    }
  });

  test("processes that are killed between their writes: no half transaction, nothing acknowledged is missing", async () => {
    const register = fileURLToPath(new URL("../../core/register/index.mjs", import.meta.url));
    const script = fileURLToPath(new URL("pair_writer.ts", import.meta.url));
    const acknowledged: string[] = [];
    const runAndKill = async (label: string) => {
      const child = spawn(process.execPath, ["--import", register, script, url, label], {
        stdio: ["ignore", "pipe", 2],
      });
      let text = "";
      child.stdout?.on("data", (chunk) => {
        if (text === "") setTimeout(() => child.kill("SIGKILL"), Math.random() * 100);
        text += chunk;
      });
      await once(child, "close");
      // What was cut off in the middle was not told.
      acknowledged.push(...text.split("\n").slice(0, -1));
    };
    await Promise.all(times(2, (index) => runAndKill(`k${index}`)));
    const present = new Set(await names());
    assert.ok(acknowledged.length > 0);
    assert.deepEqual(
      acknowledged.filter((each) => !present.has(each)),
      [],
    );
    assert.deepEqual(halves(present), []);
  });

  if (name === "postgresql") {
    test("transactions that wait for each other's connections end with an error, and give them back", async () => {
      await connect({ poolSize: 3, acquireTimeout: 200 });
      const results = await Promise.allSettled(
        times(6, (index) =>
          atomic(async () => {
            await Category.objects.create({ name: `outer${index}` });
            await sleep(20);
            await runOutsideTransactions(() => atomic(() => Category.objects.create({ name: `inner${index}` })));
          }),
        ),
      );
      const failed = results.filter((result) => result.status === "rejected");
      assert.ok(failed.length > 0 && failed.every(({ reason }) => isOperational(reason)));
      assert.match(String(failed[0].reason.hint), /raise the option poolSize/);
      assert.equal((await names()).filter((each) => each.startsWith("outer")).length, 6 - failed.length);
      assert.equal(busy(), 0);
    });

    test("a server that throws everybody out, five times: no half transaction, nothing acknowledged is missing", async () => {
      const acknowledged: string[] = [];
      const errors: unknown[] = [];
      let over = false;
      const client = async (id: number) => {
        for (let count = 0; !over; count++) {
          const names = [`${id}-${count}a`, `${id}-${count}b`];
          const pair = atomic(async () => {
            for (const each of names) await Category.objects.create({ name: each });
          });
          await pair.then(
            () => acknowledged.push(...names),
            (error) => errors.push(error),
          );
        }
      };
      const clients = Promise.all(times(10, client));
      for (let round = 0; round < 5; round++) {
        await sleep(60);
        await connection
          .execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()")
          .catch(() => undefined);
      }
      await sleep(60);
      over = true;
      await clients;
      assert.ok(
        errors.length > 0 && errors.every(isOperational),
        String(errors.find((error) => !isOperational(error))),
      );
      const present = new Set(await names());
      assert.deepEqual(
        acknowledged.filter((each) => !present.has(each)),
        [],
      );
      assert.deepEqual(halves(present), []);
      assert.equal(busy(), 0);
    });
  }

  if (name === "sqlite") {
    test("transactions, half undone, plain writers and two other processes on one file: all are right", async () => {
      const register = fileURLToPath(new URL("../../core/register/index.mjs", import.meta.url));
      const writer = fileURLToPath(new URL("writer.ts", import.meta.url));
      const others = ["one", "two"].map((label) =>
        promisify(execFile)(process.execPath, ["--import", register, writer, url, label]),
      );
      const acknowledged: string[] = [];
      const write = async (each: string) =>
        void acknowledged.push((await Category.objects.create({ name: each })).name);
      const transaction = (id: string, undone: boolean) =>
        atomic(async () => {
          for (const part of ["a", "b"]) await Category.objects.create({ name: `${id}${part}` });
          await sleep(Math.random() * 3);
          if (undone) throw new Undo();
        }).then(
          () => void acknowledged.push(`${id}a`, `${id}b`),
          (error) => assert.ok(error instanceof Undo, String(error)),
        );
      let running = true;
      const both = Promise.all(others).finally(() => {
        running = false;
      });
      // For as long as the other processes write.
      for (let round = 0; running; round++) {
        await Promise.all(
          times(20, (index) => [transaction(`t${round}-${index}`, index % 2 > 0), write(`p${round}-${index}`)]).flat(),
        );
      }
      for (const [index, { stdout }] of (await both).entries()) {
        assert.equal(stdout.trim(), "100");
        acknowledged.push(...times(100, (written) => `${["one", "two"][index]}${written}`));
      }
      assert.deepEqual(await names(), acknowledged.sort());
    });
  }
});
