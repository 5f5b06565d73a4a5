// What `loaddata` does with the objects of a fixture: rows as they are given, all or none.
import { type Connection, connections } from "../connections.ts";
import type { Field } from "../fields/field.ts";
import type { ModelClass } from "../models.ts";
import { resetSequences } from "../sequences.ts";
import { atomic } from "../transaction.ts";
import { type FixtureObject, NaturalKey } from "./fixtures.ts";
import { isNatural, type Missing, NaturalReferences, unresolvable } from "./natural_references.ts";
import { writePairs } from "./pairs.ts";
import { checkReferences } from "./references.ts";
import { RowWriter } from "./rows.ts";

/**
 * Stores the objects of fixtures, in one transaction:
 *
 *  1. references are checked at the end, so that a row may refer to one that comes later;
 *  2. each model's rows are written as they are, nothing is set automatically, and a row with the same key is replaced;
 *  3. relations to many are made what the fixture says;
 *  4. objects that are named by natural keys, or refer to others by them, follow when those are there;
 *  5. a reference to nothing undoes everything;
 *  6. automatic keys go on behind the largest one.
 *
 * Signals are sent with `raw: true`.
 *
 * @throws DeserializationError that names the file, the object and, where it can be told, the field.
 */
export async function loadFixtures(objects: readonly FixtureObject[], options: { using?: string } = {}): Promise<void> {
  const connection = connections.get(options.using);
  const models = [...new Set(objects.map(({ model }) => model))];
  await atomic(async () => {
    await deferReferences(connection);
    const plain = objects.filter((object) => !isNatural(object));
    const written = await write(connection, plain);
    written.push(...(await new NaturalLoader(connection).load(objects.filter(isNatural))));
    for (const model of models) await checkReferences(connection, model, written);
    await resetSequences(models, options.using);
  }, options);
}

async function deferReferences(connection: Connection): Promise<void> {
  const sqlite = connection.vendor === "sqlite";
  await connection.execute(sqlite ? "PRAGMA defer_foreign_keys = ON" : "SET CONSTRAINTS ALL DEFERRED");
}

/** Writes rows and pairs, model by model. Gives the objects with their keys. */
async function write(connection: Connection, objects: readonly FixtureObject[]): Promise<FixtureObject[]> {
  const byModel = new Map<ModelClass, FixtureObject[]>();
  for (const object of lastOfEachKey(objects)) {
    const others = byModel.get(object.model);
    if (others) others.push(object);
    else byModel.set(object.model, [object]);
  }
  const all: FixtureObject[] = [];
  for (const [model, some] of byModel) {
    const written = await new RowWriter(connection, model).write(some);
    await writePairs(connection, written);
    for (const object of written) all.push(object);
  }
  return all;
}

/** An object that a fixture gives twice is what it was given last, as in Django. */
function lastOfEachKey(objects: readonly FixtureObject[]): FixtureObject[] {
  const keyOf = (object: FixtureObject) => (object.pk === null ? object : `${object.model._meta.label} ${object.pk}`);
  return [...new Map(objects.map((object) => [keyOf(object), object])).values()];
}

/** Writes objects one by one, each as soon as everything is there that it names by a natural key. */
class NaturalLoader {
  readonly #connection: Connection;
  readonly #references: NaturalReferences;
  readonly #written: FixtureObject[] = [];

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#references = new NaturalReferences(connection);
  }

  async load(objects: readonly FixtureObject[]): Promise<FixtureObject[]> {
    const unfinished: FixtureObject[] = [];
    let waiting = objects;
    while (waiting.length > 0) {
      const missing = await this.#writeFound(waiting);
      if (missing.length === waiting.length) unfinished.push(await this.#breakCircle(missing));
      waiting = missing.map(({ object }) => object).filter((object) => !unfinished.some((known) => known === object));
    }
    for (const object of unfinished) await this.#finish(object);
    return this.#written;
  }

  /** Writes what can be written. Gives what the others lack. */
  async #writeFound(objects: readonly FixtureObject[]): Promise<Missing[]> {
    const missing: Missing[] = [];
    for (const object of objects) {
      const found = await this.#references.resolve(object);
      if ("key" in found) missing.push(found);
      else await this.#write(found);
    }
    return missing;
  }

  async #write(object: FixtureObject): Promise<void> {
    for (const written of await write(this.#connection, [object])) this.#written.push(written);
  }

  /**
   * Writes one of several objects that wait for each other without the references that may be null.
   *
   * @throws DeserializationError where none can do without.
   */
  async #breakCircle(missing: readonly Missing[]): Promise<FixtureObject> {
    for (const { object } of missing) {
      const found = await this.#references.resolve(withoutNatural(object));
      if ("key" in found) continue;
      await this.#write(found);
      return object;
    }
    throw unresolvable(missing[0]);
  }

  /** By now everything is there, the object itself as well. */
  async #finish(object: FixtureObject): Promise<void> {
    const found = await this.#references.resolve(object);
    if ("key" in found) throw unresolvable(found);
    await this.#write(found);
  }
}

/** The object without the relations that it could live without. */
function withoutNatural(object: FixtureObject): FixtureObject {
  const columns = [...object.columns].map(([field, value]) => [field, spared(field, value)] as const);
  const many = [...object.many].filter(([, keys]) => !keys.some((key) => key instanceof NaturalKey));
  return { ...object, columns: new Map(columns), many: new Map(many) };
}

function spared(field: Field, value: unknown): unknown {
  return value instanceof NaturalKey && field.null ? null : value;
}
