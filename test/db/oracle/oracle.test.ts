import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { forEachDatabase } from "../../support/databases.ts";
import { Arbitrary } from "./arbitrary.ts";
import { askFramework, querySet } from "./ask.ts";
import { difference } from "./compare.ts";
import { load } from "./data.ts";
import { dataOf, oracleDatabase, queries, seed } from "./database.ts";
import { found } from "./found.ts";
import { randomQuery } from "./generate.ts";
import { models } from "./models.ts";
import { ask } from "./oracle.ts";
import type { Query } from "./query.ts";
import { rules } from "./rules.ts";
import type { Data } from "./schema.ts";
import { simpler } from "./shrink.ts";

/** How many queries are asked of the same rows. */
const perData = 250;

forEachDatabase((name, makeUrl) => {
  const database = oracleDatabase(name, makeUrl);

  test("the oracle gives the same answers to what was wrong once", async () => {
    for (const data of [1, 2, 3, 4, 5].map(dataOf)) {
      await load(database.connection, data);
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
    const data = dataOf(seed);
    await load(database.connection, data);
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
