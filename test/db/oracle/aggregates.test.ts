import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { forEachDatabase } from "../../support/databases.ts";
import { Arbitrary } from "./arbitrary.ts";
import { askFramework } from "./ask.ts";
import { load } from "./data.ts";
import { dataOf, oracleDatabase, seed } from "./database.ts";
import { aggregate, type Chain, randomChain } from "./generate_expressions.ts";
import { ask } from "./oracle.ts";
import type { Expressions, Query } from "./query.ts";
import type { Random } from "./random.ts";
import { rules } from "./rules.ts";
import type { Data } from "./schema.ts";

/** Aggregates over relations of one model, each over one of its own. */
interface Aggregates {
  model: string;
  expressions: Expressions;
}

/** A relation to many of each model. */
const nearest: Readonly<Record<string, Chain>> = {
  Author: { name: "books", model: "Book" },
  Book: { name: "reviews", model: "Review" },
  Tag: { name: "books", model: "Book" },
};

function randomAggregates(random: Random): Aggregates {
  const model = random.pick(Object.keys(nearest));
  const labels = ["x", "y", "z"].slice(0, random.integer(2, 3));
  const make = () => {
    const chain = randomChain(random, model) ?? nearest[model];
    return aggregate(random, chain.name, chain.model);
  };
  return { model, expressions: Object.fromEntries(labels.map((label) => [label, make()])) };
}

function* simpler({ model, expressions }: Aggregates): Generator<Aggregates> {
  for (const name of Object.keys(expressions)) {
    const { [name]: _, ...rest } = expressions;
    if (Object.keys(rest).length > 1) yield { model, expressions: rest };
  }
}

function queryOf({ model, expressions }: Aggregates): Query {
  const calls = [{ call: "annotate", expressions } as const, { call: "orderBy", names: ["id"] } as const];
  return { model, calls, end: { end: "valuesList", names: ["id", ...Object.keys(expressions)] } };
}

/** What each aggregate gives where it is the only one. */
function expected({ model, expressions }: Aggregates, data: Data, vendor: "sqlite" | "postgresql"): unknown[][] {
  const columns = Object.entries(expressions).map(([name, typed]) => {
    const query = queryOf({ model, expressions: { [name]: typed } });
    const { groups } = ask(query, data, rules[vendor]) as unknown as { groups: [number, unknown][][] };
    return new Map(groups.flat());
  });
  return data.tables[model].map(({ id }) => [id, ...columns.map((column) => column.get(id))]);
}

forEachDatabase((name, makeUrl) => {
  const database = oracleDatabase(name, makeUrl);

  test(`aggregates over several relations do not multiply each other's rows, ORACLE_SEED=${seed}`, async () => {
    for (let round = 0; round < 8; round++) {
      const data = dataOf(seed + round);
      await load(database.connection, data);
      const property = fc.asyncProperty(new Arbitrary(randomAggregates, simpler), async (aggregates) => {
        assert.deepEqual(await askFramework(queryOf(aggregates)), expected(aggregates, data, name));
      });
      await fc.assert(property, { seed: seed + round, numRuns: 60 });
    }
  });
});
