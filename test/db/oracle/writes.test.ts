import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { atomic, setRollback } from "core-framework/db";
import fc from "fast-check";
import { forEachDatabase } from "../../support/databases.ts";
import { Arbitrary } from "./arbitrary.ts";
import { askFramework, querySet } from "./ask.ts";
import { load, randomValue } from "./data.ts";
import { dataOf, oracleDatabase, seed } from "./database.ts";
import { narrowing } from "./generate_lookups.ts";
import { ask } from "./oracle.ts";
import type { Query } from "./query.ts";
import type { Random } from "./random.ts";
import { rules } from "./rules.ts";
import { type Data, type Row, schema } from "./schema.ts";

/** Which rows are written, and what to one of their columns. */
interface Write {
  query: Query;
  column: string;
  value: unknown;
}

function randomWrite(random: Random): Write {
  const model = random.pick(Object.keys(schema));
  const calls = random.many(1, 2, () => narrowing(random, model));
  const columns = Object.entries(schema[model].columns).filter(([name]) => !/(^id|Id)$/.test(name));
  const [column, { kind, null: nullable }] = random.pick(columns);
  const value = nullable && random.chance(20) ? null : randomValue(random, kind);
  return { query: { model, calls, end: { end: "objects" } }, column, value };
}

/** What becomes of the rows that refer to one that is deleted; see models.ts. */
const references: Readonly<Record<string, { model: string; column: string; rule: "cascade" | "null" }[]>> = {
  Author: [
    { model: "Author", column: "mentorId", rule: "null" },
    { model: "Profile", column: "authorId", rule: "cascade" },
    { model: "Publisher", column: "headId", rule: "null" },
    { model: "Book", column: "authorId", rule: "cascade" },
    { model: "Book", column: "editorId", rule: "null" },
    { model: "Review", column: "reviewerId", rule: "null" },
  ],
  Tag: [
    { model: "Tag", column: "parentId", rule: "null" },
    { model: "Profile", column: "favouriteId", rule: "null" },
  ],
  Publisher: [{ model: "Book", column: "publisherId", rule: "null" }],
  Book: [{ model: "Review", column: "bookId", rule: "cascade" }],
  Profile: [],
  Review: [],
};

/** The data without some rows, and how many of each model went, those that refer to them included. */
function without(
  data: Data,
  model: string,
  ids: readonly number[],
): { tables: Data["tables"]; gone: Map<string, Set<number>> } {
  const gone = new Map<string, Set<number>>();
  const remove = (name: string, id: number): void => {
    const known = gone.get(name) ?? new Set();
    if (known.has(id)) return;
    gone.set(name, known.add(id));
    for (const { model: other, column, rule } of references[name]) {
      const rows = data.tables[other].filter((row) => row[column] === id);
      if (rule === "cascade") for (const row of rows) remove(other, row.id);
    }
  };
  for (const id of ids) remove(model, id);
  return { tables: Object.fromEntries(Object.keys(data.tables).map((name) => [name, kept(data, name, gone)])), gone };
}

function kept(data: Data, name: string, gone: ReadonlyMap<string, ReadonlySet<number>>): Row[] {
  const rows = data.tables[name].filter(({ id }) => !gone.get(name)?.has(id));
  return rows.map((row) => {
    const changed: Record<string, unknown> = { ...row };
    for (const [target, refs] of Object.entries(references)) {
      for (const { model, column } of refs) {
        if (model === name && gone.get(target)?.has(row[column] as number)) changed[column] = null;
      }
    }
    return changed as Row;
  });
}

forEachDatabase((name, makeUrl) => {
  const database = oracleDatabase(name, makeUrl);

  /** The ids that a query finds, each once. */
  function idsOf(query: Query, data: Data): number[] {
    const answer = ask(query, data, rules[name]) as unknown as { groups: unknown[][][] };
    return [...new Set(answer.groups.flat().map(([id]) => id as number))];
  }

  async function assertTables(tables: Data["tables"]): Promise<void> {
    for (const [model, rows] of Object.entries(tables)) {
      const columns = Object.keys(schema[model].columns);
      const found = await askFramework({ model, calls: [{ call: "orderBy", names: ["id"] }], end: { end: "objects" } });
      assert.deepEqual(
        found,
        rows.map((row) => columns.map((column) => row[column] ?? null)),
        model,
      );
    }
  }

  async function property(check: (write: Write, data: Data) => Promise<void>): Promise<void> {
    for (let round = 0; round < 4; round++) {
      const data = dataOf(seed + round);
      await load(database.connection, data);
      const run = fc.asyncProperty(new Arbitrary(randomWrite), (write) =>
        atomic(async () => {
          await check(write, data);
          setRollback(true);
        }),
      );
      await fc.assert(run, { seed: seed + round, numRuns: 40 });
    }
  }

  describe(`random rows are written as the oracle says, ORACLE_SEED=${seed}`, () => {
    test("by update()", () =>
      property(async ({ query, column, value }, data) => {
        const ids = idsOf(query, data);
        const rows = querySet(query) as unknown as { update(values: object): Promise<number> };
        assert.equal(await rows.update({ [column]: value }), ids.length);
        const changed = data.tables[query.model].map((row) =>
          ids.includes(row.id) ? { ...row, [column]: value } : row,
        );
        await assertTables({ ...data.tables, [query.model]: changed });
      }));

    test("by delete(), and what refers to them", () =>
      property(async ({ query }, data) => {
        const { tables, gone } = without(data, query.model, idsOf(query, data));
        const rows = querySet(query) as unknown as { delete(): Promise<[number, Record<string, number>]> };
        const [, counts] = await rows.delete();
        for (const model of Object.keys(data.tables)) {
          assert.equal(counts[`oracle.${model}`] ?? 0, gone.get(model)?.size ?? 0, model);
        }
        await assertTables(tables);
      }));
  });
});
