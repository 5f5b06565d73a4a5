import type { Deleted } from "./collector.ts";
import type { Annotation } from "./expressions.ts";
import type { BaseModel, ModelClass } from "./models.ts";
import type { Projection } from "./projection.ts";
import type {
  AnnotatedWith,
  CheckAnnotations,
  CheckConditions,
  CheckLookups,
  CheckNames,
  CheckOrder,
  CheckUpdate,
  ConditionHint,
  Conditions,
  Creation,
  FlatValue,
  ListOf,
  OrderHint,
  RelationHint,
  SelectedWith,
  UpdateHint,
  ValueHint,
  ValuesOf,
} from "./query_types.ts";
import { QuerySet } from "./queryset.ts";

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
export class Manager<M extends BaseModel> {
  #model: ModelClass<M> | null = null;

  /** The model that it belongs to. */
  get model(): ModelClass<M> {
    if (this.#model) return this.#model;
    throw new TypeError("This manager belongs to no model: make it a static property of a class with @model().");
  }

  /** @internal Called when the model is declared. */
  contributeTo(model: ModelClass<M>): void {
    this.#model = model;
  }

  /** What every query of this manager begins with. */
  getQueryset(): QuerySet<M> {
    return new QuerySet<M>(this.model);
  }

  /** See {@link QuerySet.all}. */
  all(): QuerySet<M> {
    return this.getQueryset().all();
  }

  /** See {@link QuerySet.none}. */
  none(): QuerySet<M> {
    return this.getQueryset().none();
  }

  /** See {@link QuerySet.filter}. */
  filter<const C extends readonly ConditionHint<M>[]>(...conditions: C & CheckConditions<M, C>): QuerySet<M> {
    return this.getQueryset().filter(...(conditions as never));
  }

  /** See {@link QuerySet.exclude}. */
  exclude<const C extends readonly ConditionHint<M>[]>(...conditions: C & CheckConditions<M, C>): QuerySet<M> {
    return this.getQueryset().exclude(...(conditions as never));
  }

  /** See {@link QuerySet.where}. */
  where(path: string, value: unknown): QuerySet<M> {
    return this.getQueryset().where(path, value);
  }

  /** See {@link QuerySet.orderBy}. */
  orderBy<const N extends readonly OrderHint<M>[]>(...names: N & CheckOrder<M, M, N>): QuerySet<M> {
    return this.getQueryset().orderByNames(names);
  }

  /** See {@link QuerySet.orderByNames}. */
  orderByNames(names: readonly string[]): QuerySet<M> {
    return this.getQueryset().orderByNames(names);
  }

  /** See {@link QuerySet.reverse}. */
  reverse(): QuerySet<M> {
    return this.getQueryset().reverse();
  }

  /** See {@link QuerySet.distinct}. */
  distinct(): QuerySet<M> {
    return this.getQueryset().distinct();
  }

  /** See {@link QuerySet.slice}. */
  slice(start: number, stop?: number): QuerySet<M> {
    return this.getQueryset().slice(start, stop);
  }

  /** See {@link QuerySet.using}. */
  using(alias: string | null): QuerySet<M> {
    return this.getQueryset().using(alias);
  }

  /** See {@link QuerySet.selectRelated}. */
  selectRelated<const N extends readonly RelationHint<M>[]>(
    ...paths: N & CheckNames<M, N>
  ): QuerySet<M, SelectedWith<M, M, N[number]>> {
    return this.getQueryset().selectRelated<N>(...(paths as never));
  }

  /** See {@link QuerySet.prefetchRelated}. */
  prefetchRelated<const N extends readonly RelationHint<M>[]>(...paths: N & CheckNames<M, N>): QuerySet<M> {
    return this.getQueryset().prefetchRelated<N>(...(paths as never));
  }

  /** See {@link QuerySet.annotate}. */
  annotate<const A extends Readonly<Record<string, Annotation>>>(
    annotations: A & CheckAnnotations<M, A>,
  ): QuerySet<M, AnnotatedWith<M, M, A>> {
    return this.getQueryset().annotate<A>(annotations);
  }

  /** See {@link QuerySet.values}. */
  values<const N extends readonly ValueHint<M, M>[]>(...names: N & CheckNames<M, N>): QuerySet<M, ValuesOf<M, M, N>> {
    return this.getQueryset().values<N>(...(names as never));
  }

  /** See {@link QuerySet.valuesList}. */
  valuesList<const N extends ValueHint<M, M>>(
    name: N & CheckNames<M, readonly [N]>[0],
    options: { flat: true },
  ): QuerySet<M, FlatValue<M, M, N>>;
  valuesList<const N extends readonly ValueHint<M, M>[]>(...names: N & CheckNames<M, N>): QuerySet<M, ListOf<M, M, N>>;
  valuesList(...args: unknown[]): QuerySet<M, never> {
    return this.getQueryset().valuesList(...(args as never));
  }

  /** See {@link QuerySet.project}. */
  project(projection: Projection): Promise<object[]> {
    return this.getQueryset().project(projection);
  }

  /** See {@link QuerySet.get}. */
  get<const C extends readonly ConditionHint<M>[]>(...conditions: C & CheckConditions<M, C>): Promise<M> {
    return this.getQueryset().get(...(conditions as never));
  }

  /** See {@link QuerySet.first}. */
  first(): Promise<M | null> {
    return this.getQueryset().first();
  }

  /** See {@link QuerySet.last}. */
  last(): Promise<M | null> {
    return this.getQueryset().last();
  }

  /** See {@link QuerySet.count}. */
  count(): Promise<number> {
    return this.getQueryset().count();
  }

  /** See {@link QuerySet.exists}. */
  exists(): Promise<boolean> {
    return this.getQueryset().exists();
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
    defaults: Creation<M>,
  ): Promise<[M, boolean]> {
    return this.getQueryset().updateOrCreate(conditions as never, defaults);
  }

  /** See {@link QuerySet.bulkCreate}. */
  bulkCreate(objects: readonly M[], options?: { batchSize?: number; ignoreConflicts?: boolean }): Promise<M[]> {
    return this.getQueryset().bulkCreate(objects, options);
  }

  /** See {@link QuerySet.update}. */
  update<const V extends UpdateHint<M>>(values: V & CheckUpdate<M, V>): Promise<number> {
    return this.getQueryset().update<V>(values);
  }

  /** See {@link QuerySet.delete}. */
  delete(): Promise<Deleted> {
    return this.getQueryset().delete();
  }
}

/** Gives a model its `objects`, and its other managers the model. */
export function installManagers(model: ModelClass): void {
  const own = model as unknown as Record<string, unknown>;
  if (!Object.hasOwn(own, "objects")) Object.defineProperty(own, "objects", { value: new Manager(), writable: true });
  for (const value of Object.values(Object.getOwnPropertyDescriptors(own)).map((property) => property.value)) {
    if (value instanceof Manager) value.contributeTo(model);
  }
}
