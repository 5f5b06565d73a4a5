import type { Deleted } from "./deletion/collector.ts";
import type { BaseModel, ModelClass } from "./models.ts";
import type { CheckLookups, Conditions, Creation } from "./query_types.ts";
import type { QuerySet } from "./queryset.ts";
import type { QueryState } from "./sql/query_state.ts";

/** The methods of a queryset that a manager has as well; each begins a new query. */
const forwarded = [
  "none",
  "filter",
  "exclude",
  "where",
  "orderBy",
  "orderByNames",
  "reverse",
  "distinct",
  "slice",
  "using",
  "union",
  "intersection",
  "difference",
  "selectRelated",
  "prefetchRelated",
  "only",
  "defer",
  "selectForUpdate",
  "fetchMode",
  "annotate",
  "alias",
  "values",
  "valuesList",
  "dates",
  "datetimes",
  "raw",
  "iterator",
  "project",
  "get",
  "first",
  "last",
  "earliest",
  "latest",
  "exists",
  "contains",
  "aggregate",
  "bulkCreate",
  "bulkUpdate",
  "inBulk",
  "update",
  "explain",
] as const;

/** A queryset's class: {@link QuerySet}, or one with methods of its own. */
export type QuerySetClass<Q = QuerySet<BaseModel>> = new (model: never) => Q;

type ModelOf<Q> = Q extends QuerySet<infer M, infer _> ? M : never;

/** A manager with the methods of a queryset's class: what `asManager()` gives. */
export type ManagerFrom<Q> = Omit<
  Q,
  "then" | "queryState" | "withRows" | "withState" | "model" | typeof Symbol.asyncIterator
> &
  Manager<ModelOf<Q>>;

/** The methods of a queryset; they are put on the prototype below. */
export interface Manager<M extends BaseModel> extends Pick<QuerySet<M>, (typeof forwarded)[number]> {}

/**
 * Where a model's queries begin, `django.db.models.Manager`. `Model.objects` is one; a subclass narrows what it gives.
 *
 * @example
 * class PublishedBooks extends Manager<Book> {
 *   override getQueryset() { return super.getQueryset().filter({ status: "published" }); }
 * }
 * @model()
 * class Book extends Model {
 *   declare static objects: Manager<Book>;
 *   static published = new PublishedBooks();
 * }
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: see above
export class Manager<M extends BaseModel> {
  #model: ModelClass<M> | null = null;
  #class: QuerySetClass<unknown> | null;

  /** @param querySetClass what its queries are; `BookQuerySet.asManager()` says it. */
  constructor(querySetClass: QuerySetClass<unknown> | null = null) {
    this.#class = querySetClass;
    if (querySetClass) forwardTo(this, querySetClass.prototype);
  }

  /** The model that it belongs to. */
  get model(): ModelClass<M> {
    if (this.#model) return this.#model;
    throw new TypeError("This manager belongs to no model: make it a static property of a class with @model().");
  }

  /** @internal Called when the model is declared. */
  contributeTo(model: ModelClass<M>, querySetClass: QuerySetClass<unknown>): void {
    this.#model = model;
    this.#class ??= querySetClass;
  }

  /** @internal The same manager for a child of its model. */
  copy(): Manager<M> {
    const copy = new (this.constructor as new (querySetClass: QuerySetClass<unknown> | null) => Manager<M>)(
      this.#class,
    );
    return Object.assign(copy, this);
  }

  /** What every query of this manager begins with. */
  getQueryset(): QuerySet<M> {
    return new (this.#class as unknown as QuerySetClass<QuerySet<M>>)(this.model as never);
  }

  /** See {@link QuerySet.all}. */
  all(): QuerySet<M> {
    return this.getQueryset().all();
  }

  /** See {@link QuerySet.count}. */
  count(): Promise<number> {
    return this.getQueryset().count();
  }

  /** See {@link QuerySet.create}. */
  create(values?: Creation<M>): Promise<M> {
    return this.getQueryset().create(values);
  }

  /** See {@link QuerySet.getOrCreate}. */
  getOrCreate<const C extends Conditions<M>>(
    conditions: C & CheckLookups<M, C>,
    defaults?: Creation<M>,
  ): Promise<[M, boolean]> {
    return this.getQueryset().getOrCreate(conditions as never, defaults);
  }

  /** See {@link QuerySet.updateOrCreate}. */
  updateOrCreate<const C extends Conditions<M>>(
    conditions: C & CheckLookups<M, C>,
    defaults?: Creation<M>,
    createDefaults?: Creation<M>,
  ): Promise<[M, boolean]> {
    return this.getQueryset().updateOrCreate(conditions as never, defaults, createDefaults);
  }

  /** See {@link QuerySet.delete}. */
  delete(): Promise<Deleted> {
    return this.getQueryset().delete();
  }
}

type Methods = Record<string, (...args: unknown[]) => unknown>;

function forward(target: object, name: string): void {
  const value = function (this: Manager<BaseModel>, ...args: unknown[]) {
    return (this.getQueryset() as unknown as Methods)[name](...args);
  };
  Object.defineProperty(target, name, { value, configurable: true, writable: true });
}

for (const name of forwarded) forward(Manager.prototype, name);

/** Gives a manager the methods that a queryset's class has beside those of every queryset. */
function forwardTo(manager: object, prototype: object): void {
  for (let at = prototype; at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
      if (typeof value === "function" && !(name in manager) && name !== "then") forward(manager, name);
    }
  }
}

/** The managers of a model, by their names. */
function managersOf(model: ModelClass): Map<string, Manager<BaseModel>> {
  const properties = Object.entries(Object.getOwnPropertyDescriptors(model));
  return new Map(
    properties.filter(([, { value }]) => value instanceof Manager).map(([name, { value }]) => [name, value]),
  );
}

/** The managers of a model's parents that it has none of its own in the place of. */
function inheritedManagers(model: ModelClass): Map<string, Manager<BaseModel>> {
  const found = new Map<string, Manager<BaseModel>>();
  for (let at = Object.getPrototypeOf(model); typeof at === "function"; at = Object.getPrototypeOf(at)) {
    for (const [name, manager] of managersOf(at)) {
      if (!found.has(name) && !Object.hasOwn(model, name)) found.set(name, manager);
    }
  }
  return found;
}

function define(model: ModelClass, name: string, value: Manager<BaseModel>): void {
  Object.defineProperty(model, name, { value, writable: true, enumerable: true, configurable: true });
}

/** Gives a model its `objects`, and its managers the model. Those of its parents are its own as well, as in Django. */
export function installManagers(model: ModelClass, querySetClass: QuerySetClass<unknown>): void {
  for (const [name, manager] of inheritedManagers(model)) define(model, name, manager.copy());
  if (!Object.hasOwn(model, "objects")) define(model, "objects", new Manager());
  for (const manager of managersOf(model).values()) manager.contributeTo(model, querySetClass);
}

interface NamedManagers {
  defaultManagerName?: string;
  baseManagerName?: string;
}

/** The manager that relations to many and the REST layer begin with: `objects`, unless the model says otherwise. */
export function defaultManager(model: ModelClass): Manager<BaseModel> {
  const { defaultManagerName } = model._meta.meta as NamedManagers;
  return (model as unknown as Record<string, Manager<BaseModel>>)[defaultManagerName ?? "objects"];
}

/** What relations to many of a model begin with. */
export function defaultQuery(model: ModelClass): QueryState {
  return defaultManager(model).getQueryset().queryState;
}
