import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { atomic, type Connection, connections } from "core-framework/db";
import { DataError, OperationalError, ProgrammingError, TransactionManagementError } from "../../core/exceptions.ts";
import { forEachDatabase } from "../support/databases.ts";
import { connectTo } from "./connect.ts";

const ROWS = 100_000;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Bytes, garbage not counted. */
function heapInUse(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

forEachDatabase((name, makeUrl) => {
  let connection: Connection;
  before(async () => {
    // A transaction and a stream at a time, and no connection more, which would hide one that is not given back.
    connection = await connectTo(makeUrl, { poolSize: 3 });
    await connection.execute("CREATE TABLE big (id integer PRIMARY KEY, note text)");
    await connection.execute("CREATE TABLE log (id integer)");
    await connection.execute(
      `INSERT INTO big WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${ROWS})
       SELECT i, 'a note of some length, as rows have it, number ' || i FROM n`,
    );
  });
  after(() => connections.closeAll());
  beforeEach(() => connection.execute("DELETE FROM log"));

  const p = (position: number) => connection.placeholder(position);
  const writeLog = () => connection.execute("INSERT INTO log VALUES (1)");
  const logged = async () => Number((await connection.execute("SELECT COUNT(*) FROM log")).rows[0][0]);

  async function sizes(sql: string, params: unknown[] = [], options: { chunkSize?: number } = {}): Promise<number[]> {
    const found: number[] = [];
    for await (const rows of connection.stream(sql, params, options)) found.push(rows.length);
    return found;
  }

  for (const inside of [false, true]) {
    const where = inside ? "inside a transaction" : "outside of transactions";
    const run = <T>(fn: () => Promise<T>): Promise<T> => (inside ? atomic(fn) : fn());

    test(`rows come in order, so many at a time, ${where}`, () =>
      run(async () => {
        const sql = `SELECT id, note FROM big WHERE id <= ${p(1)} ORDER BY id DESC`;
        const ids: number[] = [];
        for await (const rows of connection.stream(sql, [5], { chunkSize: 2 })) {
          assert.ok(rows.length <= 2);
          for (const [id, note] of rows) {
            ids.push(Number(id));
            assert.equal(note, `a note of some length, as rows have it, number ${id}`);
          }
        }
        assert.deepEqual(ids, [5, 4, 3, 2, 1]);
        assert.deepEqual(await sizes(sql, [4], { chunkSize: 2 }), [2, 2]);
        assert.deepEqual(await sizes(sql, [0]), []);
        assert.deepEqual(await sizes(sql, [4001]), [2000, 2000, 1]);
      }));

    test(`values are what execute() gives, ${where}`, () =>
      run(async () => {
        const sql = "SELECT 9007199254740993 AS a, 1.5 AS a, NULL AS b, 'x' AS rowid, '1.50' AS _rowid_";
        const { rows } = await connection.execute(sql, [], { bigints: true });
        for await (const chunk of connection.stream(sql, [], { bigints: true })) assert.deepEqual(chunk, rows);
      }));

    test(`many rows take little memory, ${where}`, () =>
      run(async () => {
        let most = 0;
        let count = 0;
        const start = heapInUse();
        for await (const rows of connection.stream("SELECT id, note FROM big")) {
          count += rows.length;
          if (count % 10_000 === 0) most = Math.max(most, heapInUse() - start);
        }
        assert.equal(count, ROWS);
        // All rows at once are 17 MB on PostgreSQL and 19 MB on SQLite.
        assert.ok(most < 4e6, `${most} bytes`);
      }));

    test(`a loop that ends early or throws gives everything back, ${where}`, () =>
      run(async () => {
        for (let times = 0; times < 5; times++) {
          for await (const rows of connection.stream("SELECT * FROM big", [], { chunkSize: 10 })) {
            assert.equal(rows.length, 10);
            break;
          }
          await assert.rejects(async () => {
            for await (const _ of connection.stream("SELECT * FROM big")) throw new SyntaxError("mine");
          }, SyntaxError);
        }
        await writeLog();
        assert.equal(await logged(), 1);
      }));

    test(`rows that are written during the loop do not show, ${where}`, () =>
      run(async () => {
        await writeLog();
        let seen = 0;
        for await (const rows of connection.stream("SELECT id FROM log", [], { chunkSize: 1 })) {
          seen += rows.length;
          if (seen < 10) await writeLog();
        }
        assert.equal(seen, 1);
        assert.equal(await logged(), 2);
      }));

    test(`wrong SQL is told as by execute(), ${where}`, async () => {
      await assert.rejects(
        run(() => sizes("SELECT * FROM missing")),
        ProgrammingError,
      );
      await assert.rejects(
        run(() => sizes("SELECT 1", [], { chunkSize: 0 })),
        /Chunk size must be strictly positive/,
      );
      assert.deepEqual(await sizes("SELECT 1"), [1]);
    });
  }

  test("a transaction's own rows are in its stream, and in nobody else's", async () => {
    await atomic(async () => {
      await writeLog();
      assert.deepEqual(await sizes("SELECT * FROM log"), [1]);
      const { runOutsideTransactions } = await import("../../core/db/transaction.ts");
      assert.deepEqual(await runOutsideTransactions(() => sizes("SELECT * FROM log")), []);
    });
  });

  test("a slow reader keeps neither readers nor writers waiting", async () => {
    const rows = connection.stream("SELECT * FROM big ORDER BY id", [], { chunkSize: 10 });
    await rows.next();
    await atomic(writeLog);
    assert.equal(await logged(), 1);
    const { value } = await rows.next();
    assert.equal(Number((value as unknown[][])[0][0]), 11);
    await rows.return();
  });

  test("inner blocks may begin and be undone during the loop, and ask for the next rows", async () => {
    await atomic(async () => {
      const rows = connection.stream("SELECT id FROM big ORDER BY id", [], { chunkSize: 1 });
      const next = async () => Number(((await rows.next()).value as unknown[][])[0][0]);
      assert.equal(await next(), 1);
      await assert.rejects(
        atomic(async () => {
          await writeLog();
          assert.equal(await next(), 2);
          throw new SyntaxError("undo");
        }),
        SyntaxError,
      );
      assert.equal(await next(), 3);
      await rows.return();
      assert.equal(await logged(), 0);
    });
  });

  test("a stream that outlives its transaction is an error, and leaves nothing behind", async () => {
    const rows = connection.stream("SELECT id FROM big", [], { chunkSize: 1 });
    await atomic(() => rows.next());
    await assert.rejects(rows.next(), TransactionManagementError);
    const left =
      name === "sqlite" ? "SELECT name FROM temp.sqlite_master" : "SELECT name FROM pg_cursors WHERE name <> ''";
    assert.deepEqual((await atomic(() => connection.execute(left))).rows, []);
  });

  test("a statement that writes is refused outside of a transaction", async () => {
    const refused = (error: unknown) => error instanceof ProgrammingError || error instanceof OperationalError;
    await assert.rejects(sizes("DELETE FROM big RETURNING id"), refused);
    assert.equal(Number((await connection.execute("SELECT COUNT(*) FROM big")).rows[0][0]), ROWS);
  });

  if (name === "postgresql") {
    test("an error among later rows reaches the loop", async () => {
      await assert.rejects(sizes("SELECT 1 / (5 - id) FROM big ORDER BY id", [], { chunkSize: 2 }), DataError);
      assert.deepEqual(await sizes("SELECT 1"), [1]);
    });

    test("a lost connection ends the loop with an error", async () => {
      const rows = connection.stream("SELECT id, pg_backend_pid() FROM big", [], { chunkSize: 1 });
      const [[, pid]] = (await rows.next()).value as unknown[][];
      await connection.execute("SELECT pg_terminate_backend($1)", [pid]);
      await assert.rejects(rows.next(), OperationalError);
      assert.deepEqual(await sizes("SELECT 1"), [1]);
    });
  }
});
