import { type ManyToManyPayload, m2mChanged } from "../signals.ts";
import { Pairs, type ThroughDefaults } from "./pairs.ts";
import type { RelatedSide } from "./related_side.ts";

/** How objects are related. */
export interface AddOptions {
  /** Values of the `through` model's other fields; a function is called for its value. */
  throughDefaults?: ThroughDefaults;
  /** Of a foreign key's way back: false saves each object by itself, a new one too, with its signals. Default true. */
  bulk?: boolean;
}

/** How a relation's objects are replaced. */
export interface SetOptions extends AddOptions {
  /** Remove all of them first, so that the rows between are new. */
  clear?: boolean;
}

/** Changes the pairs of a many-to-many relation, and tells of it by `m2mChanged`. */
export class ManyToManyWriter {
  readonly #side: RelatedSide;

  constructor(side: RelatedSide) {
    this.#side = side;
  }

  add(objects: readonly unknown[], options: AddOptions): Promise<void> {
    return this.#side.change(() => this.#addPairs(this.#side.allowedKeys(objects), options));
  }

  async remove(objects: readonly unknown[]): Promise<void> {
    const keys = this.#side.keysOf(objects);
    if (keys.length > 0) await this.#side.change(() => this.#removePairs(keys));
  }

  clear(): Promise<void> {
    return this.#side.change(() => this.#removePairs(null));
  }

  set(objects: readonly unknown[], options: SetOptions): Promise<void> {
    return this.#side.change(async () => {
      const keys = this.#side.allowedKeys(objects);
      const current = options.clear ? new Set<unknown>() : await this.#pairs.keys();
      const extra = [...current].filter((key) => !keys.includes(key));
      if (options.clear) await this.#removePairs(null);
      else if (extra.length > 0) await this.#removePairs(extra);
      const missing = keys.filter((key) => !current.has(key));
      if (missing.length > 0) await this.#addPairs(missing, options);
    });
  }

  get #pairs(): Pairs {
    return new Pairs(this.#side.connection, this.#side.relation, this.#side.ownKey());
  }

  /** What signals are sent for: the model of the table between, or the field where it has none. */
  get #sender(): object {
    const { field } = this.#side.relation;
    return field.throughModel ?? field;
  }

  /** A table of ours is written at once; where somebody wants to know, or other fields matter, it is read before. */
  async #addPairs(keys: readonly unknown[], { throughDefaults }: AddOptions): Promise<void> {
    const { field } = this.#side.relation;
    const pairs = this.#pairs;
    const isQuick = !field.throughModel && !m2mChanged.hasListenersFor(this.#sender);
    const fresh = isQuick ? keys : await missingFrom(pairs, keys);
    await this.#tell("preAdd", fresh);
    if (fresh.length > 0) await pairs.insert(fresh, throughDefaults);
    await this.#tell("postAdd", fresh);
    if (!field.isSymmetrical) return;
    const { mirrored } = pairs;
    const back = isQuick ? keys : await missingFrom(mirrored, keys);
    if (back.length > 0) await mirrored.insert(back, throughDefaults);
  }

  /** @param keys those to remove; null for all. */
  async #removePairs(keys: readonly unknown[] | null): Promise<void> {
    const pairs = this.#pairs;
    await this.#tell(keys ? "preRemove" : "preClear", keys);
    await pairs.delete(keys);
    if (this.#side.relation.field.isSymmetrical) await pairs.mirrored.delete(keys);
    await this.#tell(keys ? "postRemove" : "postClear", keys);
  }

  async #tell(action: ManyToManyPayload["action"], keys: readonly unknown[] | null): Promise<void> {
    if (!m2mChanged.hasListenersFor(this.#sender)) return;
    const { instance, connection, relation } = this.#side;
    const { reverse, model } = relation;
    const about = { instance, action, reverse, model, pkSet: keys && new Set(keys), using: connection.alias };
    await m2mChanged.send(about, this.#sender);
  }
}

/** The keys that have no pair yet. */
async function missingFrom(pairs: Pairs, keys: readonly unknown[]): Promise<unknown[]> {
  const current = await pairs.keys();
  return keys.filter((key) => !current.has(key));
}
