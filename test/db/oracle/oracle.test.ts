import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Connection, connections } from "core-framework/db";
import fc from "fast-check";
import { forEachDatabase } from "../../support/databases.ts";
import { connectTo } from "../connect.ts";
import { createTables } from "../schema.ts";
import { Arbitrary } from "./arbitrary.ts";
import { askFramework, querySet } from "./ask.ts";
import { difference } from "./compare.ts";
import { load, randomData } from "./data.ts";
import { found } from "./found.ts";
import { randomQuery } from "./generate.ts";
import { models } from "./models.ts";
import { ask } from "./oracle.ts";
import type { Query } from "./query.ts";
import { rules } from "./rules.ts";
import type { Data } from "./schema.ts";
import { simpler } from "./shrink.ts";

// ORACLE_QUERIES=100000 asks more of each database; ORACLE_SEED repeats a run.
const queries = Number(process.env.ORACLE_QUERIES ?? 10_000);
const seed = Number(process.env.ORACLE_SEED ?? Date.now() % 2 ** 30);
/** How many queries are asked of the same rows. */
const perData = 250;

forEachDatabase((name, makeUrl) => {
  let connection: Connection;

  before(async () => {
    connection = await connectTo(makeUrl, name === "postgresql" ? { collation: "C" } : {});
    await createTables(connection, Object.values(models));
  });
  after(() => connections.closeAll());

  test("the oracle gives the same answers to what was wrong once", async () => {
    for (const data of fc.sample(new Arbitrary(randomData), { seed: 1, numRuns: 5 })) {
      await load(connection, data);
      for (const [about, query] of Object.entries(found)) {
        await check(query, data).catch((error) => assert.fail(`${about}: ${error.message}`));
      }
    }
  });

  describe(`the oracle gives the same answers, ORACLE_SEED=${seed}`, () => {
    for (let first = 0; first < queries; first += perData) {
      test(`to the queries ${first + 1} to ${first + perData}`, () => checkSome(seed + first));
    }
  });

  async function checkSome(seed: number): Promise<void> {
    const [data] = fc.sample(new Arbitrary(randomData), { seed, numRuns: 1 });
    await load(connection, data);
    const property = fc.asyncProperty(new Arbitrary(randomQuery, soundAndSimpler), (query) => check(query, data));
    await fc.assert(property, { seed, numRuns: perData });
  }

  async function check(query: Query, data: Data): Promise<void> {
    const expected = ask(query, data, rules[name]);
    const problem = await askFramework(query).then((actual) => difference(expected, actual), String);
    if (problem) assert.fail(`${problem}\n${statement(query)}`);
  }
});

const noData: Data = { tables: Object.fromEntries(Object.keys(models).map((name) => [name, []])), pairs: {} };

/** Simpler queries that still mean something: one that names what is no longer annotated does not. */
function soundAndSimpler(query: Query): Query[] {
  return [...simpler(query)].filter((simple) => {
    try {
      ask(simple, noData, rules.sqlite);
      return true;
    } catch {
      return false;
    }
  });
}

/** The SQL of a query, as far as it has come to any. */
function statement(query: Query): string {
  try {
    const { sql, params } = querySet(query).sql();
    return `${sql}\n${JSON.stringify(params)}`;
  } catch (error) {
    return String(error);
  }
}
