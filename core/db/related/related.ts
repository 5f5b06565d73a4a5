import { FieldError } from "../../exceptions.ts";
import type { Deleted } from "../deletion/collector.ts";
import { defaultManager, Manager } from "../manager.ts";
import { stateOf } from "../meta/model_state.ts";
import type { BaseModel, ModelClass } from "../models.ts";
import type { CheckLookups, Conditions, Creation, LeadsToMany } from "../query_types.ts";
import { QuerySet } from "../queryset.ts";
import { makeLeaf } from "../sql/conditions.ts";
import { cacheName } from "../sql/plans.ts";
import { restrictions } from "./generic.ts";
import { GenericWriter } from "./generic_writer.ts";
import { inverseLookup } from "./inverse.ts";
import { type AddOptions, ManyToManyWriter, type SetOptions } from "./many_to_many_writer.ts";
import { takeToMany } from "./peers.ts";
import { RelatedSide } from "./related_side.ts";
import type { Relation } from "./relations.ts";
import { ReverseWriter } from "./reverse_writer.ts";

/** An object, or its key. */
type OrKey<M> = M | string | number | bigint;

export type { AddOptions, SetOptions } from "./many_to_many_writer.ts";

/** Objects, and perhaps options behind them. */
type AddArguments<M> = readonly OrKey<M>[] | readonly [...OrKey<M>[], AddOptions];

/**
 * The rows at the other side of one object's relation to many: `author.books`, `book.categories`. It is a manager, so it
 * can be filtered, and it can be awaited for all rows.
 *
 * @example
 * for (const category of await book.categories) console.log(category.name);
 * await book.categories.add(fiction, 7);
 * await author.books.filter({ status: "draft" }).count();
 */
export class RelatedManager<M extends BaseModel> extends Manager<M> implements PromiseLike<M[]>, LeadsToMany<M> {
  declare readonly "~many"?: M;
  readonly #side: RelatedSide;

  constructor(instance: BaseModel, relation: Relation) {
    super();
    this.#side = new RelatedSide(instance, relation);
    this.contributeTo(relation.model as unknown as ModelClass<M>, QuerySet);
  }

  get #relation(): Relation {
    return this.#side.relation;
  }

  get #instance(): BaseModel {
    return this.#side.instance;
  }

  get #writer(): ManyToManyWriter | ReverseWriter | GenericWriter {
    if (this.#relation.field.isManyToMany) return new ManyToManyWriter(this.#side);
    const rows = { related: () => this.getQueryset(), all: () => this.#baseQueryset() };
    return this.#relation.generic ? new GenericWriter(this.#side, rows) : new ReverseWriter(this.#side, rows);
  }

  /** The object's rows; those that `prefetchRelated()` loaded are there already. */
  override getQueryset(): QuerySet<M> {
    const leaf = makeLeaf(inverseLookup(this.#relation, "exact"), this.#rowsKey());
    const base = this.#baseQueryset();
    const where = [...base.queryState.where, leaf, ...restrictions(this.#relation)];
    const sticky = this.#relation.field.isManyToMany;
    return base.withState({ where, sticky, isScoped: true, hints: { instance: this.#instance } });
  }

  /** Begins with the model's default manager, whose methods its queries have. */
  #baseQueryset(): QuerySet<M> {
    return defaultManager(this.#relation.model).getQueryset() as unknown as QuerySet<M>;
  }

  /** The rows, where `prefetchRelated()` or an await has loaded them; else null. */
  get loaded(): readonly M[] | null {
    return (stateOf(this.#instance).related?.get(cacheName(this.#relation)) as M[] | undefined) ?? null;
  }

  /** The rows that are loaded, without waiting. Throws where they are not. */
  [Symbol.iterator](): Iterator<M> {
    if (this.loaded) return this.loaded[Symbol.iterator]();
    const { objectName } = (this.#instance.constructor as ModelClass)._meta;
    throw new FieldError(`The relation "${this.#relation.name}" of this ${objectName} is not loaded.`, {
      hint: "Await it, or load it with prefetchRelated().",
    });
  }

  override all(): QuerySet<M> {
    const { loaded } = this;
    const queryset = this.getQueryset().all();
    return loaded ? queryset.withRows([...loaded]) : queryset;
  }

  // biome-ignore lint/suspicious/noThenProperty: awaiting a relation gives its rows
  then<A = M[], B = never>(
    resolve?: ((rows: M[]) => A | PromiseLike<A>) | null,
    reject?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#rows().then(resolve, reject);
  }

  async *[Symbol.asyncIterator](): AsyncIterator<M> {
    yield* await this.#rows();
  }

  async #rows(): Promise<M[]> {
    const { loaded } = this;
    if (loaded) return [...loaded];
    this.#side.ownKey();
    return (await takeToMany(this.#instance, this.#relation)) as M[];
  }

  override async count(): Promise<number> {
    const { loaded } = this;
    return loaded ? loaded.length : this.getQueryset().count();
  }

  /** What the rows' way back leads to; of pairs, the object's key. */
  #rowsKey(): unknown {
    const key = this.#side.referenceKey();
    return this.#relation.field.isManyToMany ? this.#instance.pk : key;
  }

  /** Saves a new object at the other side and relates it to this one. */
  override async create(values: Creation<M> = {} as Creation<M>, options: AddOptions = {}): Promise<M> {
    const run = async () => {
      return this.#baseQueryset()
        .using(this.#side.connection.alias)
        .create(await this.#adopted(values));
    };
    if (this.#relation.field.isManyToMany) {
      const [created] = await this.#related(async () => [await run(), true], options);
      return created;
    }
    this.#side.ownKey();
    const created = await run();
    this.#side.forget();
    return created;
  }

  /** The values of a new row that refers to this object. */
  async #adopted(values: Creation<M>): Promise<Creation<M>> {
    const { field } = this.#relation;
    const writer = this.#writer;
    if (writer instanceof GenericWriter) return { ...values, ...(await writer.values()) };
    return field.isManyToMany ? values : { ...values, [field.name]: this.#instance };
  }

  /** Gives the related row for which the conditions hold; where there is none, makes it and relates it. */
  override getOrCreate<const C extends Conditions<M>>(
    conditions: C & CheckLookups<M, C>,
    defaults: Creation<M> = {} as Creation<M>,
    options: AddOptions = {},
  ): Promise<[M, boolean]> {
    const run = async () => this.getQueryset().getOrCreate(conditions as never, await this.#adopted(defaults));
    return this.#related(run, options);
  }

  /** Changes the related row for which the conditions hold; where there is none, makes it and relates it. */
  override updateOrCreate<const C extends Conditions<M>>(
    conditions: C & CheckLookups<M, C>,
    defaults: Creation<M> = {} as Creation<M>,
    createDefaults: Creation<M> = defaults,
    options: AddOptions = {},
  ): Promise<[M, boolean]> {
    const run = async () => {
      return this.getQueryset().updateOrCreate(conditions as never, defaults, await this.#adopted(createDefaults));
    };
    return this.#related(run, options);
  }

  /** Relates what is new, in the same transaction. */
  #related(run: () => Promise<[M, boolean]>, options: AddOptions): Promise<[M, boolean]> {
    return this.#side.change(async () => {
      const [object, created] = await run();
      if (created && this.#relation.field.isManyToMany) await this.#writer.add([object], options);
      return [object, created];
    });
  }

  /**
   * Relates objects, given themselves or by their keys, to this one. Those that are related already stay so.
   *
   * @example await band.members.add(ringo, { throughDefaults: { joinedOn: "1962-08-18" } });
   */
  async add(...given: AddArguments<M>): Promise<void> {
    const { objects, options } = split(given);
    if (objects.length > 0) await this.#writer.add(objects, options);
  }

  /** Takes objects out of the relation; they are not deleted. A foreign key must be nullable for that. */
  remove(...objects: readonly OrKey<M>[]): Promise<void> {
    return this.#writer.remove(objects);
  }

  /** Takes every object out of the relation. */
  clear(): Promise<void> {
    return this.#writer.clear();
  }

  /** Makes these the only related objects: adds those that are missing and removes the others. */
  set(objects: Iterable<OrKey<M>>, options: SetOptions = {}): Promise<void> {
    return this.#writer.set([...objects], options);
  }

  /** Deletes the related rows themselves. */
  override delete(): Promise<Deleted> {
    return this.getQueryset().delete();
  }
}

/** Tells the options from the objects before them: a plain object is no model's. */
function split(given: readonly unknown[]): { objects: readonly unknown[]; options: AddOptions } {
  const last = given.at(-1);
  const hasOptions = typeof last === "object" && last !== null && Object.getPrototypeOf(last) === Object.prototype;
  return hasOptions ? { objects: given.slice(0, -1), options: last } : { objects: given, options: {} };
}
