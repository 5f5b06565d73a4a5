import { FieldError, TransactionManagementError } from "../exceptions.ts";
import { type Deleted, deleteQuery } from "./deletion/collector.ts";
import type { ZoneOptions } from "./functions/datetime.ts";
import type { TruncKind } from "./functions/truncation.ts";
import { Manager, type ManagerFrom } from "./manager.ts";
import type { BaseModel, ModelClass } from "./models.ts";
import { type Projection, project } from "./projection.ts";
import type {
  AggregatedTo,
  AnnotatedWith,
  CheckAnnotations,
  CheckConditions,
  CheckLookups,
  CheckNames,
  CheckOrder,
  CheckPrefetch,
  CheckUpdate,
  ConditionHint,
  Conditions,
  Creation,
  FieldName,
  FlatValue,
  ListOf,
  LoadedOnly,
  OrderHint,
  OrText,
  PrefetchedWith,
  PrefetchHint,
  RelationHint,
  Searched,
  SelectedWith,
  UpdateHint,
  ValueHint,
  ValuesOf,
} from "./query_types.ts";
import { RawQuerySet } from "./raw.ts";
import { checkPrefetch, type Prefetch, prefetch } from "./related/prefetch.ts";
import { insertAll } from "./rows/row_insert.ts";
import { batches, bulkAssignments, checkSaved, updatedFields } from "./sql/bulk.ts";
import type { ConflictOptions } from "./sql/conflicts.ts";
import { aggregatePlan, countPlan, existsPlan } from "./sql/count_plans.ts";
import { type DateKind, dateList, datetimeList, type ListOrder } from "./sql/date_lists.ts";
import { connectionOf, fetch, fetchObjects, paramsOf, send, stream, writeConnectionOf } from "./sql/execution.ts";
import { type ExplainOptions, explainPrefix } from "./sql/explain.ts";
import { checkLoading, withDeferred, withOnly } from "./sql/loading.ts";
import { checkSelectRelated, objectPlan, planFor, valuesPlan } from "./sql/plans.ts";
import { type FetchMode, type Locking, QueryState, type SubQuery } from "./sql/query_state.ts";
import {
  type AnnotationInput,
  annotated,
  boundAnnotation,
  checkColumns,
  combined,
  narrowed,
  narrowedBy,
  notCombined,
  notSliced,
  ordered,
  withValues,
} from "./sql/querying.ts";
import { updateRows } from "./sql/updating.ts";
import { getOrCreate, type Upserting, updateOrCreate } from "./sql/upsert.ts";
import { atomic } from "./transaction.ts";

/** `get()` stops counting here; Django says "more than 20" then. */
const MAX_GET_RESULTS = 21;

/**
 * Rows that are not fetched yet, `django.db.models.QuerySet`: immutable, chainable, awaitable.
 *
 * Each method gives a new queryset. Awaiting one, or going through it with `for await`, asks the database once; the
 * same queryset then remembers its rows.
 *
 * A subclass may add methods of its own; `asManager()` makes it the model's `objects`.
 *
 * @example
 * const cheap = Book.objects.filter({ price__lt: "10.00" });
 * for await (const book of cheap.selectRelated("author").orderBy("-createdAt")) console.log(book.author.name);
 */
export class QuerySet<M extends BaseModel, Row = M> implements PromiseLike<Row[]>, SubQuery {
  /** @internal */
  readonly queryState: QueryState;
  #rows: Promise<Row[]> | null = null;

  constructor(model: ModelClass<M> | QueryState) {
    this.queryState = model instanceof QueryState ? model : new QueryState(model as unknown as ModelClass);
  }

  /**
   * A manager whose queries have the methods of this class.
   *
   * @example
   * class BookQuerySet extends QuerySet<Book> {
   *   published() { return this.filter({ status: "published" }); }
   * }
   * class Book extends Model { static objects = BookQuerySet.asManager(); }
   */
  static asManager<Q>(this: new (model: never) => Q): ManagerFrom<Q> {
    return new Manager<never>(this as never) as unknown as ManagerFrom<Q>;
  }

  get model(): ModelClass<M> {
    return this.queryState.model as unknown as ModelClass<M>;
  }

  /** @internal The same query with something changed that has no method of its own. */
  withState(changes: Partial<QueryState>): this {
    return this.#of(this.queryState.with(changes));
  }

  /** A queryset of the same class; where its rows are of another type, the method that calls this says so. */
  #of(state: QueryState): this {
    return new (this.constructor as new (state: QueryState) => this)(state);
  }

  /** The same rows, asked for anew. A bulk `update()` or `delete()` of everything has to say `all()`. */
  all(): this {
    return this.withState({ isScoped: true });
  }

  /** No rows, without a query. */
  none(): this {
    return this.withState({ isEmpty: true, isScoped: true });
  }

  /**
   * Only rows for which all conditions hold.
   *
   * @throws FieldError for an unknown name, and where a value is undefined.
   * @example
   * Book.objects.filter({ title__icontains: "sea", author__bornOn__year: 1950 });
   */
  filter<const C extends readonly ConditionHint<Searched<M, Row>>[]>(
    ...conditions: C & CheckConditions<Searched<M, Row>, C>
  ): this {
    return this.#of(narrowed(this.queryState, conditions, false));
  }

  /** Only rows for which the conditions do not all hold; a NULL is no match, as in Django. */
  exclude<const C extends readonly ConditionHint<Searched<M, Row>>[]>(
    ...conditions: C & CheckConditions<Searched<M, Row>, C>
  ): this {
    return this.#of(narrowed(this.queryState, conditions, true));
  }

  /** {@link filter} by a lookup that is known only at run time. */
  where(path: string, value: unknown): this {
    return this.#of(narrowedBy(this.queryState, path, value));
  }

  /**
   * Orders by fields and expressions, `-` for descending, `"?"` for no order at all; without a name, not at all. Replaces
   * an earlier one.
   *
   * @example Book.objects.orderBy("-createdAt", "author__name", F("rating").desc({ nullsLast: true }));
   */
  orderBy<const N extends readonly OrderHint<M>[]>(...terms: N & CheckOrder<M, Row, N>): this {
    return this.#of(ordered(this.queryState, terms));
  }

  /** {@link orderBy} names that are known only at run time. Throws a FieldError for an unknown one. */
  orderByNames(names: readonly string[]): this {
    return this.#of(ordered(this.queryState, names));
  }

  /** The other way round. */
  reverse(): this {
    return this.withState({ reversed: !notSliced(this.queryState, "reverse a query").reversed });
  }

  /** Equal rows once; with names, on PostgreSQL, the first row of each set that is equal in these. */
  distinct<const N extends readonly FieldName<M>[]>(...names: N): this {
    const state = notCombined(notSliced(this.queryState, "create distinct fields"), "distinct");
    return this.withState({ distinct: true, distinctOn: checkColumns(state, names, "distinct") });
  }

  /** Rows from `start` up to, not including, `stop`, counted within this queryset: LIMIT and OFFSET. */
  slice(start: number, stop?: number): this {
    const { start: from, stop: to } = this.queryState;
    if (!isIndex(start) || (stop !== undefined && !isIndex(stop))) {
      throw new FieldError(`A slice goes from and to whole numbers that are not negative, not ${start} to ${stop}.`);
    }
    const end = Math.min(to ?? Number.POSITIVE_INFINITY, stop === undefined ? Number.POSITIVE_INFINITY : from + stop);
    const begin = Math.min(from + start, end);
    return this.withState({ start: begin, stop: end === Number.POSITIVE_INFINITY ? null : end });
  }

  /** The database to ask. */
  using(alias: string | null): this {
    return this.withState({ db: alias });
  }

  /** The rows of all of them, each once, or with `all` as often as they are given. */
  union(...args: readonly (SubQuery | { all?: boolean })[]): this {
    const others = args.filter((arg): arg is SubQuery => "queryState" in arg);
    const options = args.find((arg): arg is { all?: boolean } => !("queryState" in arg));
    return this.#combined("UNION", others, options?.all ?? false);
  }

  /** The rows that all of them give. */
  intersection(...others: readonly SubQuery[]): this {
    return this.#combined("INTERSECT", others, false);
  }

  /** The rows that none of the others gives. */
  difference(...others: readonly SubQuery[]): this {
    return this.#combined("EXCEPT", others, false);
  }

  #combined(operator: "UNION" | "INTERSECT" | "EXCEPT", others: readonly SubQuery[], all: boolean): this {
    const states = others.map(({ queryState }) => queryState);
    return this.#of(combined(this.queryState, operator, states, all));
  }

  /**
   * Loads relations to one with the same query, so that they are there without awaiting.
   *
   * @example const book = await Book.objects.selectRelated("author").get({ id: 1 }); book.author.name;
   */
  selectRelated<const N extends readonly RelationHint<M>[]>(
    ...paths: N & CheckNames<M, N>
  ): QuerySet<M, SelectedWith<M, Row, N[number]>> {
    const { selectRelated, model } = notCombined(this.queryState, "selectRelated");
    if (this.queryState.values) throw new FieldError("Cannot call selectRelated() after values() or valuesList()");
    for (const path of paths as readonly string[]) checkSelectRelated(model, path);
    return this.withState({ selectRelated: [...selectRelated, ...(paths as readonly string[])] }) as never;
  }

  /**
   * Loads relations with one more query each, once the rows are there: `prefetchRelated("categories", "reviews__user")`.
   * A {@link Prefetch} says which rows, and where to put them.
   */
  prefetchRelated<const N extends readonly PrefetchHint<M>[]>(
    ...lookups: N & CheckPrefetch<M, N>
  ): QuerySet<M, PrefetchedWith<Row, N>> {
    const { model, prefetchRelated } = notCombined(this.queryState, "prefetchRelated");
    const given = lookups as readonly (string | Prefetch)[];
    for (const lookup of given) checkPrefetch(model, [...prefetchRelated, ...given], lookup);
    return this.withState({ prefetchRelated: [...prefetchRelated, ...given] }) as never;
  }

  /**
   * Loads only these columns, and the key. What was not loaded cannot be read until `refreshFromDb({ fields })`.
   *
   * @example const [book] = await Book.objects.only("title"); book.title;
   */
  only<const N extends readonly ValueHint<M, Row>[]>(
    ...names: N & CheckNames<M, N>
  ): QuerySet<M, LoadedOnly<M, Row, N[number]>> {
    const { model, loading } = notCombined(this.queryState, "only");
    if (this.queryState.values) throw new TypeError("Cannot call only() after .values() or .valuesList()");
    return this.withState({
      loading: withOnly(loading, checkLoading(model, names as readonly string[], "only")),
    }) as never;
  }

  /** Loads all columns but these, which cannot be read until `refreshFromDb({ fields })`. */
  defer<const N extends readonly ValueHint<M, Row>[]>(
    ...names: N & CheckNames<M, N>
  ): QuerySet<M, Omit<Row, N[number]>> {
    const { model, loading } = notCombined(this.queryState, "defer");
    if (this.queryState.values) throw new TypeError("Cannot call defer() after .values() or .valuesList()");
    return this.withState({
      loading: withDeferred(loading, checkLoading(model, names as readonly string[], "defer")),
    }) as never;
  }

  /** What happens when a relation of these rows is read that is not loaded: `FETCH_PEERS`, `FETCH_ONE` or `RAISE`. */
  fetchMode(mode: FetchMode): this {
    return this.withState({ fetchMode: mode });
  }

  /**
   * Locks the rows until the end of the transaction. On SQLite the transaction holds the whole database anyway.
   *
   * @throws TransactionManagementError when it is awaited outside of `atomic()`.
   */
  selectForUpdate(options: Locking = {}): this {
    if (options.nowait && options.skipLocked) throw new FieldError("The nowait option cannot be used with skipLocked.");
    notCombined(this.queryState, "selectForUpdate");
    return this.withState({ locking: options });
  }

  /**
   * Adds to each row what the database computes: of its columns, of rows at the other side of a relation, of other
   * queries. After `values()` rows are grouped by these, and aggregates speak of the groups.
   *
   * @example
   * const books = await Book.objects.annotate({ stars: Avg("reviews__stars"), reviewCount: Count("reviews") });
   * books[0].stars; // number | null
   * await Book.objects.values("author").annotate({ books: Count("id"), pages: Sum("pages") });
   */
  annotate<const A extends Readonly<Record<string, AnnotationInput>>>(
    annotations: A & CheckAnnotations<M, Row, A>,
  ): QuerySet<M, AnnotatedWith<M, Row, A>> {
    return this.#of(annotated(this.queryState, annotations, false)) as never;
  }

  /** {@link annotate} what later conditions, orders and expressions may name, but rows do not have. */
  alias<const A extends Readonly<Record<string, AnnotationInput>>>(
    annotations: A & CheckAnnotations<M, Row, A>,
  ): QuerySet<M, AnnotatedWith<M, Row, A>> {
    return this.#of(annotated(this.queryState, annotations, true)) as never;
  }

  /** Plain objects with these columns instead of model objects; without a name, with all. */
  values<const N extends readonly ValueHint<M, Row>[]>(
    ...names: N & CheckNames<M, N, Row>
  ): QuerySet<M, ValuesOf<M, Row, N>> {
    return this.#of(withValues(this.queryState, names as readonly string[], "objects")) as never;
  }

  /** The values of one column: `valuesList("id", { flat: true })`; arrays of several without `flat`. */
  valuesList<const N extends ValueHint<M, Row>>(
    name: N & CheckNames<M, readonly [N], Row>[0],
    options: { flat: true },
  ): QuerySet<M, FlatValue<M, Row, N>>;
  valuesList<const N extends readonly ValueHint<M, Row>[]>(
    ...names: N & CheckNames<M, N, Row>
  ): QuerySet<M, ListOf<M, Row, N>>;
  valuesList(...args: unknown[]): QuerySet<M, never> {
    const flat = typeof args.at(-1) === "object";
    const names = args.filter((arg): arg is string => typeof arg === "string");
    if (flat && names.length !== 1) throw new FieldError("valuesList() with flat takes exactly one field.");
    return this.#of(withValues(this.queryState, names, flat ? "flat" : "arrays")) as never;
  }

  /**
   * The days with which the periods begin in which there is a date, each once: `Book.objects.dates("publishedOn", "month")`.
   *
   * @throws FieldError for what is no date.
   */
  dates<const N extends OrText<FieldName<M>>>(
    name: N & CheckNames<M, readonly [N]>[0],
    kind: DateKind,
    order: ListOrder = "ASC",
  ): QuerySet<M, string> {
    return this.#of(dateList(this.queryState, name, kind, order)) as never;
  }

  /** The same of instants, down to the second; days and hours are those of `tzinfo`, by default UTC. */
  datetimes<const N extends OrText<FieldName<M>>>(
    name: N & CheckNames<M, readonly [N]>[0],
    kind: TruncKind,
    order: ListOrder = "ASC",
    options: ZoneOptions = {},
  ): QuerySet<M, Date> {
    return this.#of(datetimeList(this.queryState, name, kind, order, options)) as never;
  }

  /**
   * Objects from SQL of your own, a tagged template: what stands in `${}` becomes parameters.
   *
   * @example const books = await Book.objects.raw`SELECT * FROM library_book WHERE price < ${limit}`;
   */
  raw(strings: TemplateStringsArray, ...values: readonly unknown[]): RawQuerySet<M> {
    return new RawQuerySet<M>(this.queryState, strings, values);
  }

  get #name(): string {
    return this.queryState.model._meta.objectName;
  }

  /** The alias of the database that is written to. */
  get #writer(): string {
    return writeConnectionOf(this.queryState).alias;
  }

  /** Asks the database, once. */
  // biome-ignore lint/suspicious/noThenProperty: awaiting a queryset is how its rows are fetched
  then<A = Row[], B = never>(
    resolve?: ((rows: Row[]) => A | PromiseLike<A>) | null,
    reject?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#rows ??= this.#fetch().catch((error) => {
      this.#rows = null;
      throw error;
    });
    return this.#rows.then(resolve, reject);
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Row> {
    yield* await this;
  }

  /** @internal Makes the queryset remember rows that were loaded by others. */
  withRows(rows: Row[]): this {
    this.#rows = Promise.resolve(rows);
    return this;
  }

  async #fetch(): Promise<Row[]> {
    const state = this.queryState;
    if (state.locking) requireTransaction(state);
    if (state.values) return fetch(state, `values ${state.rows}`, valuesPlan) as Promise<Row[]>;
    const objects = await fetchObjects(state);
    if (state.prefetchRelated.length > 0) await prefetch(objects, state.prefetchRelated);
    return objects as Row[];
  }

  /**
   * The rows one after another, some loaded at a time, so that any number of them needs little memory. They are not
   * remembered.
   *
   * @param options.chunkSize rows that are loaded, and prefetched for, at a time; default 2000.
   */
  async *iterator(options: { chunkSize?: number } = {}): AsyncGenerator<Row, void, undefined> {
    const state = this.queryState;
    if (state.locking) requireTransaction(state);
    for await (const rows of stream(state, options.chunkSize)) {
      if (state.prefetchRelated.length > 0) await prefetch(rows as BaseModel[], state.prefetchRelated);
      yield* rows as Row[];
    }
  }

  /** The rows as plain nested objects; see {@link Projection}. */
  project(projection: Projection): Promise<object[]> {
    return project(this.queryState, projection);
  }

  /**
   * The only row for which the conditions hold.
   *
   * @throws the model's `DoesNotExist` or `MultipleObjectsReturned`; FieldError where a value is undefined.
   * @example const book = await Book.objects.get({ id: 7 });
   */
  async get<const C extends readonly ConditionHint<Searched<M, Row>>[]>(
    ...conditions: C & CheckConditions<Searched<M, Row>, C>
  ): Promise<Row> {
    const state = conditions.length > 0 ? narrowed(this.queryState, conditions, false) : this.queryState;
    const isWhole = !state.isSliced && state.distinctOn.length === 0;
    return this.#only(this.#of(isWhole ? state.with({ stop: MAX_GET_RESULTS, order: [] }) : state));
  }

  async #only(found: this): Promise<Row> {
    const rows = await found.#fetch();
    if (rows.length === 1) return rows[0];
    const { DoesNotExist, MultipleObjectsReturned } = this.queryState.model;
    if (rows.length === 0) throw new DoesNotExist(`${this.#name} matching query does not exist.`);
    const count = rows.length < MAX_GET_RESULTS ? rows.length : `more than ${MAX_GET_RESULTS - 1}`;
    throw new MultipleObjectsReturned(`get() returned more than one ${this.#name} -- it returned ${count}!`);
  }

  /** The first row, by the key where nothing is ordered; null where there is none. */
  async first(): Promise<Row | null> {
    const [row = null] = await this.#ordered().slice(0, 1);
    return row;
  }

  /** The last row; null where there is none. */
  async last(): Promise<Row | null> {
    notSliced(this.queryState, "reverse a query");
    return this.#ordered().reverse().first();
  }

  #ordered(): this {
    const { order, model, isSliced, groupBy } = this.queryState;
    const isOrdered = (order ?? (groupBy ? [] : model._meta.ordering)).length > 0;
    return isOrdered || isSliced || groupBy ? this : this.withState({ order: ["pk"] });
  }

  /**
   * The row with the least value, by the model's `getLatestBy` where no field is named.
   *
   * @throws the model's `DoesNotExist` where there is none.
   */
  async earliest<const N extends readonly OrderHint<M>[]>(...names: N & CheckOrder<M, Row, N>): Promise<Row> {
    return this.#endOf(names as readonly string[], false);
  }

  /** The row with the greatest value; see {@link earliest}. */
  async latest<const N extends readonly OrderHint<M>[]>(...names: N & CheckOrder<M, Row, N>): Promise<Row> {
    return this.#endOf(names as readonly string[], true);
  }

  async #endOf(names: readonly string[], reversed: boolean): Promise<Row> {
    notSliced(this.queryState, "change a query");
    const { getLatestBy = [] } = this.queryState.model._meta.meta;
    const terms = names.length > 0 ? names : [getLatestBy].flat();
    if (terms.length === 0) {
      throw new FieldError(
        "earliest() and latest() require either fields as positional arguments or 'getLatestBy' in the model's Meta.",
      );
    }
    const found = this.#of(ordered(this.queryState, terms).with({ reversed, stop: 1 }));
    return this.#only(found);
  }

  /** How many rows there are, by `COUNT(*)`. */
  async count(): Promise<number> {
    const [count = 0] = await fetch(this.queryState, "count", countPlan);
    return count;
  }

  /** Whether there is any row. */
  async exists(): Promise<boolean> {
    return (await fetch(this.queryState, "exists", existsPlan)).length > 0;
  }

  /** Whether this object is among the rows. */
  async contains(object: M): Promise<boolean> {
    if (this.queryState.values)
      throw new TypeError("Cannot call QuerySet.contains() after .values() or .valuesList().");
    if (!(object instanceof this.model)) return false;
    if (object.pk === null || object.pk === undefined) {
      throw new FieldError("QuerySet.contains() cannot be used on unsaved objects.");
    }
    const { isSliced, combined } = this.queryState;
    if (isSliced || combined) return (await this).some((row) => object.equals(row));
    return this.where("pk", object.pk).exists();
  }

  /**
   * Values made of all rows.
   *
   * @example const { mean, books } = await Book.objects.aggregate({ mean: Avg("price"), books: Count("*") });
   */
  async aggregate<const A extends Readonly<Record<string, AnnotationInput>>>(
    aggregates: A & CheckAnnotations<M, Row, A>,
  ): Promise<AggregatedTo<M, Row, A>> {
    const state = this.queryState;
    if (state.distinctOn.length > 0) throw new FieldError("aggregate() + distinct(fields) not implemented.");
    const bound = new Map(
      Object.entries(aggregates as Record<string, AnnotationInput>).map(([name, input]) => {
        const expression = boundAnnotation(state, name, input);
        if (expression.aggregate) return [name, expression] as const;
        throw new TypeError(`${name} is not an aggregate expression`);
      }),
    );
    if (bound.size === 0) return {} as never;
    const connection = connectionOf(state);
    const shape = [...bound].map(([name, { shape }]) => `${name}=${shape}`).join();
    const plan = planFor(connection, `aggregate ${shape} ${state.shape}`, () =>
      aggregatePlan(connection, state, bound),
    );
    const { rows } = await send(connection, plan, state, [...bound.values()]);
    return plan.read(rows[0], connection.alias) as never;
  }

  /** Saves a new object, with one INSERT. */
  async create(values: Creation<M> = {} as Creation<M>): Promise<M> {
    const object = new this.model(values as object);
    await (object as unknown as { save(options: object): Promise<void> }).save({
      forceInsert: true,
      using: this.#writer,
    });
    return object;
  }

  /**
   * The row for which the conditions hold, or a new one with them and the defaults. Tells whether it is new. Safe where
   * others do the same at the same time, as far as a unique constraint covers the conditions.
   */
  async getOrCreate<const C extends Conditions<Searched<M, Row>>>(
    conditions: C & CheckLookups<Searched<M, Row>, C>,
    defaults: Creation<M> = {} as Creation<M>,
  ): Promise<[Row, boolean]> {
    return getOrCreate(this.#upserting(conditions), conditions as object, defaults) as never;
  }

  /**
   * Changes the row for which the conditions hold, or makes it; tells whether it is new.
   *
   * @param createDefaults what a new row gets, where that is not the same.
   */
  async updateOrCreate<const C extends Conditions<Searched<M, Row>>>(
    conditions: C & CheckLookups<Searched<M, Row>, C>,
    defaults: Creation<M> = {} as Creation<M>,
    createDefaults: Creation<M> = defaults,
  ): Promise<[Row, boolean]> {
    return updateOrCreate(this.#upserting(conditions), conditions as object, defaults, createDefaults) as never;
  }

  #upserting(conditions: unknown): Upserting {
    const using = this.#writer;
    return {
      model: this.queryState.model,
      find: (locked) => {
        const base = locked ? this.selectForUpdate() : this;
        return base.using(using).get(conditions as never) as Promise<never>;
      },
      create: (values) => this.using(using).create(values as Creation<M>),
      using,
    };
  }

  /**
   * Inserts many objects, many to a statement; signals are not sent. Gives the objects, with their keys.
   *
   * @param options.batchSize rows to a statement, default 1000.
   * @param options.ignoreConflicts leaves rows out that break a constraint; then objects get no keys.
   * @param options.updateConflicts changes the row that is there: `updateFields` of it, found by `uniqueFields`.
   */
  async bulkCreate(objects: readonly M[], options: ConflictOptions<M> & { batchSize?: number } = {}): Promise<M[]> {
    const connection = writeConnectionOf(this.queryState);
    const run = () => insertAll(connection, objects, options as ConflictOptions);
    await atomic(run, { using: connection.alias, savepoint: false });
    return [...objects];
  }

  /**
   * Writes some columns of many objects, many to a statement; signals are not sent. Gives how many rows were changed.
   *
   * @param options.batchSize objects to a statement; as many as it can hold by itself.
   */
  async bulkUpdate(
    objects: readonly M[],
    names: readonly FieldName<M>[],
    options: { batchSize?: number } = {},
  ): Promise<number> {
    const fields = updatedFields(this.queryState.model, names);
    checkSaved(objects);
    const base = this.using(this.#writer).orderByNames([]);
    const run = async () => {
      let count = 0;
      for (const batch of batches(objects, fields.length, options.batchSize)) {
        const rows = base.where(
          "pk__in",
          batch.map(({ pk }) => pk),
        );
        count += await updateRows(rows.queryState, bulkAssignments(batch, fields));
      }
      return count;
    };
    return atomic(run, { using: this.#writer, savepoint: false });
  }

  /**
   * Rows by their key, or by another field that is unique; without a list, all of them.
   *
   * @example const books = await Book.objects.inBulk([1, 2]); books.get(1)?.title;
   */
  async inBulk<const F extends FieldName<M> | "pk" = "pk">(
    keys: readonly unknown[] | null = null,
    options: { fieldName?: F } = {},
  ): Promise<Map<F extends keyof M ? M[F] : M extends { id: infer K } ? K : unknown, Row>> {
    const state = notSliced(this.queryState, "use 'limit' or 'offset' with inBulk()");
    const name: string = options.fieldName ?? "pk";
    if (state.values) throw new TypeError("inBulk() cannot be used with values() or valuesList().");
    checkUnique(state, name);
    if (keys?.length === 0) return new Map();
    const rows = await (keys ? this.where(`${name}__in`, keys) : this).withState({ order: [] });
    return new Map(rows.map((row) => [(row as Record<string, unknown>)[name], row])) as never;
  }

  /**
   * Changes columns of all rows with one UPDATE, without loading them or sending signals. Gives how many there were.
   *
   * @throws FieldError where nothing narrows the rows: write `all()` to change them all.
   * @example await Book.objects.filter({ status: "draft" }).update({ pages: F("pages").add(1) });
   */
  async update<const V extends UpdateHint<M>>(values: V & CheckUpdate<M, V>): Promise<number> {
    const state = notCombined(notSliced(this.queryState, "update a query"), "update");
    this.#requireScope("update");
    return updateRows(state, values as Record<string, unknown>);
  }

  /**
   * Deletes the rows and, by the rules of `onDelete`, what refers to them.
   *
   * @returns how many rows went, in all and by model.
   * @throws ProtectedError or RestrictedError; FieldError where nothing narrows the rows: write `all()` for all.
   */
  async delete(): Promise<Deleted> {
    const state = notCombined(this.queryState, "delete");
    if (state.isSliced) throw new TypeError("Cannot use 'limit' or 'offset' with delete().");
    if (state.distinctOn.length > 0) throw new TypeError("Cannot call delete() after .distinct(fields).");
    if (state.values) throw new TypeError("Cannot call delete() after .values() or .valuesList()");
    this.#requireScope("delete");
    return state.isEmpty ? [0, {}] : deleteQuery(state, this);
  }

  #requireScope(method: string): void {
    if (this.queryState.isScoped) return;
    throw new FieldError(`${method}() would concern every ${this.#name}, and nothing says so.`, {
      hint: `Filter the rows, or write .all().${method}(…) to mean all of them.`,
    });
  }

  /** The statement that awaiting would send, for debugging. */
  sql(): { sql: string; params: unknown[] } {
    const state = this.queryState;
    const connection = connectionOf(state);
    const plan = state.values ? valuesPlan(connection, state) : objectPlan(connection, state);
    return { sql: plan.sql, params: paramsOf(plan, state) };
  }

  /** How the database would run the query, in its own words. */
  async explain(options: ExplainOptions = {}): Promise<string> {
    const connection = connectionOf(this.queryState);
    const { sql, params } = this.sql();
    const { rows } = await connection.execute(`${explainPrefix(connection, options)} ${sql}`, params, {
      prepare: false,
    });
    return rows.map((row) => row.join(" ")).join("\n");
  }
}

function requireTransaction(state: QueryState): void {
  if (writeConnectionOf(state).inTransaction) return;
  throw new TransactionManagementError("selectForUpdate cannot be used outside of a transaction.", {
    hint: "Write: await atomic(async () => { … })",
  });
}

function isIndex(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function checkUnique({ model: { _meta: meta } }: QueryState, name: string): void {
  const field = name === "pk" ? meta.pk : meta.getField(name);
  const alone = meta.constraints.some((constraint) => {
    const { fields, condition } = constraint as { fields?: readonly string[]; condition?: unknown };
    return fields?.length === 1 && fields[0] === name && !condition;
  });
  if (!field.unique && !alone) throw new FieldError(`inBulk()'s fieldName must be a unique field but "${name}" isn't.`);
}
