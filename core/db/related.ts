import { FieldError } from "../exceptions.ts";
import { type Connection, quoteName } from "./backends/base.ts";
import type { Deleted } from "./collector.ts";
import { makeLeaf } from "./conditions.ts";
import { connections } from "./connections.ts";
import type { Field } from "./field.ts";
import { inverseLookup } from "./inverse.ts";
import { defaultManager, Manager } from "./manager.ts";
import { stateOf } from "./model_state.ts";
import type { BaseModel, ModelClass } from "./models.ts";
import { cacheName } from "./plans.ts";
import type { Creation, LeadsToMany } from "./query_types.ts";
import { QuerySet } from "./queryset.ts";
import type { Relation } from "./relations.ts";
import { router } from "./routers.ts";
import { type ManyToManyPayload, m2mChanged } from "./signals.ts";
import { atomic } from "./transaction.ts";

/** An object, or its key. */
type OrKey<M> = M | string | number | bigint;

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
  readonly #instance: BaseModel;
  readonly #relation: Relation;

  constructor(instance: BaseModel, relation: Relation) {
    super();
    this.#instance = instance;
    this.#relation = relation;
    this.contributeTo(relation.model as unknown as ModelClass<M>, QuerySet);
  }

  /** The database that the relation is changed in. */
  get #connection(): Connection {
    const { model, field } = this.#relation;
    return connections.get(router.dbForWrite(field.throughModel ?? model, { instance: this.#instance }));
  }

  /** The object's rows; those that `prefetchRelated()` loaded are there already. */
  override getQueryset(): QuerySet<M> {
    const leaf = makeLeaf(inverseLookup(this.#relation, "exact"), this.#ownKey());
    const base = this.#baseQueryset();
    const where = [...base.queryState.where, leaf];
    return base.withState({ where, isScoped: true, hints: { instance: this.#instance } });
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
    return this.all().then(resolve, reject);
  }

  [Symbol.asyncIterator](): AsyncIterator<M> {
    return this.all()[Symbol.asyncIterator]();
  }

  override async count(): Promise<number> {
    const { loaded } = this;
    return loaded ? loaded.length : this.getQueryset().count();
  }

  #ownKey(): unknown {
    const { field, reverse } = this.#relation;
    const attname = field.isManyToMany ? "pk" : field.targetField.attname;
    const key = (this.#instance as never as Record<string, unknown>)[reverse || field.isManyToMany ? attname : "pk"];
    if (key !== null && key !== undefined) return key;
    const { objectName } = (this.#instance.constructor as ModelClass)._meta;
    throw new FieldError(`This ${objectName} must be saved before its relation to many can be used.`);
  }

  /** Saves a new object at the other side and relates it to this one. */
  override async create(values: Creation<M> = {} as Creation<M>): Promise<M> {
    const { field } = this.#relation;
    const using = this.#connection.alias;
    if (!field.isManyToMany) {
      this.#ownKey();
      const created = await this.#baseQueryset()
        .using(using)
        .create({ ...values, [field.name]: this.#instance } as Creation<M>);
      this.#forget();
      return created;
    }
    const run = async () => {
      const created = await this.#baseQueryset().using(using).create(values);
      await this.add(created);
      return created;
    };
    return atomic(run, { using, savepoint: false });
  }

  /** Relates objects, given themselves or by their keys, to this one. Those that are related already stay so. */
  async add(...objects: readonly OrKey<M>[]): Promise<void> {
    if (!this.#relation.field.isManyToMany) return this.#adopt(objects);
    await this.#write(() => this.#addPairs(this.#allowedKeys(objects)));
  }

  /** Takes objects out of the relation; they are not deleted. A foreign key must be nullable for that. */
  async remove(...objects: readonly OrKey<M>[]): Promise<void> {
    const keys = this.#keysOf(objects);
    if (!this.#relation.field.isManyToMany) return this.#release(keys);
    await this.#write(() => this.#removePairs(keys));
  }

  /** Takes every object out of the relation. */
  async clear(): Promise<void> {
    if (!this.#relation.field.isManyToMany) return this.#release(null);
    await this.#write(() => this.#removePairs(null));
  }

  /** Makes these the only related objects: adds those that are missing and removes the others. */
  async set(objects: Iterable<OrKey<M>>): Promise<void> {
    const wanted = [...objects];
    if (!this.#relation.field.isManyToMany) return this.#setReverse(wanted);
    await this.#write(async () => {
      const keys = this.#allowedKeys(wanted);
      const current = await this.#currentKeys();
      const extra = [...current].filter((key) => !keys.includes(key));
      if (extra.length > 0) await this.#removePairs(extra);
      await this.#addPairs(keys, current);
    });
  }

  /** Deletes the related rows themselves. */
  override delete(): Promise<Deleted> {
    return this.getQueryset().delete();
  }

  async #write(change: () => Promise<void>): Promise<void> {
    this.#ownKey();
    await atomic(change, { using: this.#connection.alias, savepoint: false });
    this.#forget();
  }

  #forget(): void {
    stateOf(this.#instance).related?.delete(cacheName(this.#relation));
  }

  /** The objects' keys, each once. Throws where an object is of another model or not saved. */
  #keysOf(objects: readonly OrKey<M>[]): unknown[] {
    const { pk, objectName } = this.#relation.model._meta;
    const keys = objects.map((object) => {
      if (typeof object !== "object" || object === null) return this.#normalised(pk, object);
      const key = object instanceof this.#relation.model ? object.pk : undefined;
      if (key === undefined) throw new FieldError(`"${objectName}" instance expected, got ${String(object)}.`);
      if (key === null) throw new FieldError(`An unsaved ${objectName} cannot be related; save it first.`);
      return key;
    });
    return [...new Set(keys)];
  }

  /** The keys of objects that routers let be related to this one. The sentence is Django's. */
  #allowedKeys(objects: readonly OrKey<M>[]): unknown[] {
    const keys = this.#keysOf(objects);
    for (const object of objects as readonly unknown[]) {
      if (!(object instanceof this.#relation.model) || router.allowRelation(object, this.#instance)) continue;
      const [own, other] = [stateOf(this.#instance).db, stateOf(object).db];
      throw new FieldError(`Cannot add "${object}": instance is on database "${own}", value is on database "${other}"`);
    }
    return keys;
  }

  /** A key as an object would have it, `"7"` as 7. */
  #normalised(pk: Field, key: unknown): unknown {
    const { vendor } = this.#connection;
    return pk.fromDb(pk.toDb(key, vendor), vendor);
  }

  get #table() {
    const { field, reverse } = this.#relation;
    const { table, from, to } = field.model._meta.manyToManyColumns(field);
    return reverse ? { table, own: to, other: from } : { table, own: from, other: to };
  }

  async #currentKeys(): Promise<Set<unknown>> {
    const { table, own, other } = this.#table;
    const connection = this.#connection;
    const sql = `SELECT ${quoteName(other)} FROM ${quoteName(table)} WHERE ${quoteName(own)} = ${connection.placeholder(1)}`;
    const { rows } = await connection.execute(sql, [this.#ownParam()]);
    const { pk } = this.#relation.model._meta;
    return new Set(rows.map(([key]) => pk.fromDb(key, connection.vendor)));
  }

  #ownParam(): unknown {
    const { _meta: meta } = this.#instance.constructor as ModelClass;
    return meta.pk.toDb(this.#ownKey(), this.#connection.vendor);
  }

  async #addPairs(keys: readonly unknown[], known?: ReadonlySet<unknown>): Promise<void> {
    const current = known ?? (await this.#currentKeys());
    const fresh = keys.filter((key) => !current.has(key));
    if (fresh.length === 0) return;
    await this.#tell("preAdd", fresh);
    const { table, own, other } = this.#table;
    const connection = this.#connection;
    const { pk } = this.#relation.model._meta;
    const rows = fresh.map((_, i) => `(${connection.placeholder(2 * i + 1)}, ${connection.placeholder(2 * i + 2)})`);
    const sql = `INSERT INTO ${quoteName(table)} (${quoteName(own)}, ${quoteName(other)}) VALUES ${rows.join(", ")} ON CONFLICT DO NOTHING`;
    const params = fresh.flatMap((key) => [this.#ownParam(), pk.toDb(key, connection.vendor)]);
    await connection.execute(sql, params, { prepare: fresh.length === 1 });
    await this.#tell("postAdd", fresh);
  }

  /** @param keys those to remove; null for all. */
  async #removePairs(keys: readonly unknown[] | null): Promise<void> {
    await this.#tell(keys ? "preRemove" : "preClear", keys);
    const { table, own, other } = this.#table;
    const connection = this.#connection;
    const { pk } = this.#relation.model._meta;
    const marks = keys?.map((_, index) => connection.placeholder(index + 2)).join(", ");
    const only = keys ? ` AND ${quoteName(other)} IN (${marks})` : "";
    const sql = `DELETE FROM ${quoteName(table)} WHERE ${quoteName(own)} = ${connection.placeholder(1)}${only}`;
    const params = [this.#ownParam(), ...(keys ?? []).map((key) => pk.toDb(key, connection.vendor))];
    if (keys?.length !== 0) await connection.execute(sql, params, { prepare: (keys?.length ?? 1) === 1 });
    await this.#tell(keys ? "postRemove" : "postClear", keys);
  }

  async #tell(action: ManyToManyPayload["action"], keys: readonly unknown[] | null): Promise<void> {
    if (!m2mChanged.hasListeners) return;
    const { field, reverse, model } = this.#relation;
    const pkSet = keys && new Set(keys);
    const about = { instance: this.#instance, action, reverse, model, pkSet, using: this.#connection.alias };
    await m2mChanged.send(about, field.throughModel ?? field);
  }

  /** Makes objects refer to this one by their foreign key. */
  async #adopt(objects: readonly OrKey<M>[]): Promise<void> {
    await this.#setForeignKeys(this.#keysOf(objects), this.#ownKey());
    const { name } = this.#relation.field;
    for (const object of objects)
      if (typeof object === "object") (object as Record<string, unknown>)[name] = this.#instance;
  }

  async #release(keys: readonly unknown[] | null): Promise<void> {
    const { field } = this.#relation;
    if (!field.null) {
      throw new FieldError(`${field.label} cannot be null, so nothing can be taken out of this relation.`, {
        hint: "Delete the objects, or let them refer to another one.",
      });
    }
    const mine = keys ? this.getQueryset().where("pk__in", keys) : this.getQueryset();
    await (mine as unknown as AnyUpdate).update({ [field.name]: null });
    this.#forget();
  }

  async #setReverse(wanted: readonly OrKey<M>[]): Promise<void> {
    const keys = this.#keysOf(wanted);
    const run = async () => {
      if (this.#relation.field.null) {
        const current = (await this.getQueryset().valuesList("pk" as never, { flat: true })) as unknown[];
        await this.#release(current.filter((key) => !keys.includes(key)));
      }
      await this.#setForeignKeys(keys, this.#ownKey());
    };
    await atomic(run, { using: this.#connection.alias, savepoint: false });
    this.#forget();
  }

  async #setForeignKeys(keys: readonly unknown[], key: unknown): Promise<void> {
    const rows = this.#baseQueryset().using(this.#connection.alias).where("pk__in", keys);
    await (rows as unknown as AnyUpdate).update({ [this.#relation.field.attname]: key });
    this.#forget();
  }
}

/** `update()` for names that are known only at run time. */
interface AnyUpdate {
  update(values: Record<string, unknown>): Promise<number>;
}
