import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { BaseModel } from "core-framework/db";
import fc from "fast-check";
import { forEachDatabase } from "../../support/databases.ts";
import { statementsOf } from "../statements.ts";
import { Arbitrary } from "./arbitrary.ts";
import { load } from "./data.ts";
import { dataOf, oracleDatabase, seed } from "./database.ts";
import { models } from "./models.ts";
import type { Random } from "./random.ts";
import { type Data, follow, type Row, schema } from "./schema.ts";

/** Relations of a model to load: paths of names. */
interface Loading {
  model: string;
  paths: readonly (readonly string[])[];
}

function randomPathOf(random: Random, model: string, many: boolean, depth: number): string[] {
  const links = Object.entries(schema[model].links).filter(([, link]) => many || !link.many);
  if (links.length === 0) return [];
  const [name, { to }] = random.pick(links);
  return depth > 1 && random.chance(60) ? [name, ...randomPathOf(random, to, many, depth - 1)] : [name];
}

function randomLoading(many: boolean): (random: Random) => Loading {
  return (random) => {
    const model = random.pick(Object.keys(schema).filter((name) => many || hasOne(name)));
    return { model, paths: random.many(1, 3, () => randomPathOf(random, model, many, 3)) };
  };
}

function hasOne(model: string): boolean {
  return Object.values(schema[model].links).some(({ many }) => !many);
}

type Loaded = BaseModel & Record<string, unknown>;

interface AnyObjects extends PromiseLike<Loaded[]> {
  all(): AnyObjects;
  orderBy(name: string): AnyObjects;
  selectRelated(...names: string[]): AnyObjects;
  prefetchRelated(...names: string[]): AnyObjects;
}

function objectsOf(model: string): AnyObjects {
  return (models[model] as unknown as { objects: AnyObjects }).objects.orderBy("id");
}

forEachDatabase((name, makeUrl) => {
  const database = oracleDatabase(name, makeUrl);

  /** Every object that a path leads to is there, and is the row that the data says it is. */
  async function checkPath(
    data: Data,
    model: string,
    object: Loaded,
    row: Row,
    path: readonly string[],
  ): Promise<void> {
    assert.equal(object.id, row.id);
    const [first, ...rest] = path;
    if (first === undefined) return;
    const link = schema[model].links[first];
    const expected = follow(data, link, row);
    const found = await related(object, first, link.many);
    assert.deepEqual(
      found.map(({ id }) => id).sort(),
      expected.map(({ id }) => id).sort(),
      `${model}.${first} of ${row.id}`,
    );
    for (const next of found) {
      const nextRow = expected.find(({ id }) => id === next.id) as Row;
      await checkPath(data, link.to, next, nextRow, rest);
    }
  }

  async function related(object: Loaded, name: string, many: boolean): Promise<Loaded[]> {
    if (many) return [...((await object[name]) as Loaded[])];
    try {
      const one = (await object[name]) as Loaded | null;
      return one === null ? [] : [one];
    } catch (error) {
      // The other side of a one-to-one relation is not null where it is not there.
      assert.match(String(error), /has no/);
      return [];
    }
  }

  async function checkAll(data: Data, { model, paths }: Loading, objects: readonly Loaded[]): Promise<void> {
    assert.equal(objects.length, data.tables[model].length);
    for (const [index, row] of data.tables[model].entries()) {
      for (const path of paths) await checkPath(data, model, objects[index], row, path);
    }
  }

  async function property(many: boolean, ask: (loading: Loading, data: Data) => Promise<void>): Promise<void> {
    for (let round = 0; round < 8; round++) {
      const data = dataOf(seed + round);
      await load(database.connection, data);
      const run = fc.asyncProperty(new Arbitrary(randomLoading(many)), (loading) => ask(loading, data));
      await fc.assert(run, { seed: seed + round, numRuns: 40 });
    }
  }

  describe(`relations of random objects are loaded as the data says, ORACLE_SEED=${seed}`, () => {
    test("by selectRelated() with one statement", () =>
      property(false, async (loading, data) => {
        const names = loading.paths.map((path) => path.join("__"));
        const sent = await statementsOf(database.connection, async () => {
          await checkAll(data, loading, await objectsOf(loading.model).selectRelated(...names));
        });
        assert.equal(sent.length, 1, sent.map(({ sql }) => sql).join("\n"));
      }));

    test("by prefetchRelated() with one statement more for each relation", () =>
      property(true, async (loading, data) => {
        const steps = loading.paths.flatMap((path) => path.map((_, index) => path.slice(0, index + 1).join("__")));
        const sent = await statementsOf(database.connection, async () => {
          const names = loading.paths.map((path) => path.join("__"));
          await checkAll(data, loading, await objectsOf(loading.model).prefetchRelated(...names));
        });
        assert.ok(sent.length <= 1 + new Set(steps).size, sent.map(({ sql }) => sql).join("\n"));
      }));

    test("by awaiting them, once for all objects of a result", () =>
      property(true, async (loading, data) => {
        const [path] = loading.paths;
        const objects = await objectsOf(loading.model);
        const sent = await statementsOf(database.connection, async () => {
          await checkAll(data, { ...loading, paths: [path.slice(0, 1)] }, objects);
        });
        assert.ok(sent.length <= 1, sent.map(({ sql }) => sql).join("\n"));
      }));
  });
});
