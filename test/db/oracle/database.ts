import { after, before } from "node:test";
import { type Connection, connections } from "core-framework/db";
import fc from "fast-check";
import type { DatabaseName, MakeUrl } from "../../support/databases.ts";
import { connectTo } from "../connect.ts";
import { createTables } from "../schema.ts";
import { Arbitrary } from "./arbitrary.ts";
import { randomData } from "./data.ts";
import { models } from "./models.ts";
import type { Data } from "./schema.ts";

// ORACLE_QUERIES=100000 asks more of each database; ORACLE_SEED=random asks others than the
// usual ones, and a number repeats a run.
export const queries = Number(process.env.ORACLE_QUERIES ?? 10_000);
const given = process.env.ORACLE_SEED ?? "20261123";
export const seed = given === "random" ? Date.now() % 2 ** 30 : Number(given);

/** Makes the tables of the oracle's models before the tests of a block. */
export function oracleDatabase(name: DatabaseName, makeUrl: MakeUrl): { readonly connection: Connection } {
  let connection: Connection;
  before(async () => {
    connection = await connectTo(makeUrl, name === "postgresql" ? { collation: "C" } : {});
    await createTables(connection, Object.values(models));
  });
  after(() => connections.closeAll());
  return {
    get connection() {
      return connection;
    },
  };
}

/** The random data of a seed. */
export function dataOf(dataSeed: number): Data {
  const [data] = fc.sample(new Arbitrary(randomData), { seed: dataSeed, numRuns: 1 });
  return data;
}
