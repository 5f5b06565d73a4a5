import { FieldError, IntegrityError, ObjectDoesNotExist } from "../exceptions.ts";
import { bindAnnotation } from "./annotations.ts";
import { type Deleted, deleteQuery } from "./collector.ts";
import { walkOrder } from "./compiler.ts";
import { buildConditions, buildLeaf, type Condition, type SubQuery } from "./conditions.ts";
import { connectionOf, fetch, fetchObjects, paramsOf, send, writeConnectionOf } from "./execution.ts";
import { type Annotation, type ConditionInput, type Expression, toExpression } from "./expressions.ts";
import type { Field } from "./field.ts";
import { walkPath } from "./lookup_path.ts";
import type { BaseModel, ModelClass } from "./models.ts";
import { checkSelectRelated, countPlan, existsPlan, objectPlan, planFor, updatePlan, valuesPlan } from "./plans.ts";
import { checkPrefetch, prefetch } from "./prefetch.ts";
import { type Projection, project } from "./projection.ts";
import { QueryState } from "./query_state.ts";
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
  Searched,
  SelectedWith,
  UpdateHint,
  ValueHint,
  ValuesOf,
} from "./query_types.ts";
import { insertAll } from "./save.ts";
import { atomic } from "./transaction.ts";

/** `get()` stops counting here; Django says "more than 20" then. */
const MAX_GET_RESULTS = 21;

/**
 * Rows that are not fetched yet, `django.db.models.QuerySet`: immutable, chainable, awaitable.
 *
 * Each method gives a new queryset. Awaiting one, or going through it with `for await`, asks the database once; the
 * same queryset then remembers its rows.
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

  get model(): ModelClass<M> {
    return this.queryState.model as unknown as ModelClass<M>;
  }

  #with<R = Row>(changes: Partial<QueryState>): QuerySet<M, R> {
    return new QuerySet<M, R>(this.queryState.with(changes));
  }

  /** The same rows, asked for anew. A bulk `update()` or `delete()` of everything has to say `all()`. */
  all(): QuerySet<M, Row> {
    return this.#with({ isScoped: true });
  }

  /** No rows, without a query. */
  none(): QuerySet<M, Row> {
    return this.#with({ isEmpty: true, isScoped: true });
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
  ): QuerySet<M, Row> {
    return this.#narrow(conditions, false);
  }

  /** Only rows for which the conditions do not all hold; a NULL is no match, as in Django. */
  exclude<const C extends readonly ConditionHint<Searched<M, Row>>[]>(
    ...conditions: C & CheckConditions<Searched<M, Row>, C>
  ): QuerySet<M, Row> {
    return this.#narrow(conditions, true);
  }

  #narrow(conditions: readonly ConditionInput[], negated: boolean): QuerySet<M, Row> {
    const state = this.#unsliced("filter a query");
    const added = buildConditions(state, conditions, negated);
    return this.#with({ where: [...state.where, added], isScoped: state.isScoped || saysSomething(added) });
  }

  /** {@link filter} by a lookup that is known only at run time. */
  where(path: string, value: unknown): QuerySet<M, Row> {
    const state = this.#unsliced("filter a query");
    const added = { ...buildConditions(state, []), children: [buildLeaf(state, path, value)] };
    const shape = `and*(${added.children[0].shape})`;
    return this.#with({ where: [...state.where, { ...added, shape }], isScoped: true });
  }

  #unsliced(what: string): QueryState {
    if (!this.queryState.isSliced) return this.queryState;
    throw new FieldError(`Cannot ${what} once a slice has been taken.`);
  }

  /**
   * Orders by fields, `-` for descending, `"?"` for no order at all; without a name, not at all. Replaces an earlier one.
   *
   * @example Book.objects.orderBy("-createdAt", "author__name");
   */
  orderBy<const N extends readonly OrderHint<M>[]>(...names: N & CheckOrder<M, Row, N>): QuerySet<M, Row> {
    return this.orderByNames(names);
  }

  /** {@link orderBy} names that are known only at run time. Throws a FieldError for an unknown one. */
  orderByNames(names: readonly string[]): QuerySet<M, Row> {
    const state = this.#unsliced("reorder a query");
    for (const name of names) checkOrder(state, name);
    return this.#with({ order: [...names], reversed: false });
  }

  /** The other way round. */
  reverse(): QuerySet<M, Row> {
    return this.#with({ reversed: !this.#unsliced("reverse a query").reversed });
  }

  /** Equal rows once. */
  distinct(): QuerySet<M, Row> {
    return this.#with({ distinct: true });
  }

  /** Rows from `start` up to, not including, `stop`, counted within this queryset: LIMIT and OFFSET. */
  slice(start: number, stop?: number): QuerySet<M, Row> {
    const { start: from, stop: to } = this.queryState;
    if (!isIndex(start) || (stop !== undefined && !isIndex(stop))) {
      throw new FieldError(`A slice goes from and to whole numbers that are not negative, not ${start} to ${stop}.`);
    }
    const end = Math.min(to ?? Number.POSITIVE_INFINITY, stop === undefined ? Number.POSITIVE_INFINITY : from + stop);
    const begin = Math.min(from + start, end);
    return this.#with({ start: begin, stop: end === Number.POSITIVE_INFINITY ? null : end });
  }

  /** The database to ask. */
  using(alias: string | null): QuerySet<M, Row> {
    return this.#with({ db: alias });
  }

  /**
   * Loads relations to one with the same query, so that they are there without awaiting.
   *
   * @example const book = await Book.objects.selectRelated("author").get({ id: 1 }); book.author.name;
   */
  selectRelated<const N extends readonly RelationHint<M>[]>(
    ...paths: N & CheckNames<M, N>
  ): QuerySet<M, SelectedWith<M, Row, N[number]>> {
    for (const path of paths as readonly string[]) checkSelectRelated(this.queryState.model, path);
    return this.#with({ selectRelated: [...this.queryState.selectRelated, ...(paths as readonly string[])] });
  }

  /** Loads relations with one more query each, once the rows are there: `prefetchRelated("categories", "reviews__user")`. */
  prefetchRelated<const N extends readonly RelationHint<M>[]>(...paths: N & CheckNames<M, N>): QuerySet<M, Row> {
    for (const path of paths as readonly string[]) checkPrefetch(this.queryState.model, path);
    return this.#with({ prefetchRelated: [...this.queryState.prefetchRelated, ...(paths as readonly string[])] });
  }

  /**
   * Adds to each row what the database computes of rows at the other side of a relation.
   *
   * @example
   * const books = await Book.objects.annotate({ stars: Avg("reviews__stars"), reviewCount: Count("reviews") });
   * books[0].stars; // number | null
   */
  annotate<const A extends Readonly<Record<string, Annotation>>>(
    annotations: A & CheckAnnotations<M, A>,
  ): QuerySet<M, AnnotatedWith<M, Row, A>> {
    const known = new Map(this.queryState.annotations);
    for (const [name, annotation] of Object.entries(annotations as Record<string, Annotation>)) {
      known.set(name, bindAnnotation({ model: this.queryState.model, annotations: known }, name, annotation));
    }
    return this.#with({ annotations: known });
  }

  /** Plain objects with these columns instead of model objects; without a name, with all. */
  values<const N extends readonly ValueHint<M, Row>[]>(
    ...names: N & CheckNames<M, N, Row>
  ): QuerySet<M, ValuesOf<M, Row, N>> {
    return this.#with({ values: this.#checked(names as readonly string[]), rows: "objects" });
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
    const names = this.#checked(args.filter((arg): arg is string => typeof arg === "string"));
    if (flat && names.length !== 1) throw new FieldError("valuesList() with flat takes exactly one field.");
    return this.#with({ values: names, rows: flat ? "flat" : "arrays" });
  }

  #checked(names: readonly string[]): string[] {
    for (const name of names) {
      if (this.queryState.annotations.has(name)) continue;
      const { rest } = walkPath(this.queryState.model, name);
      if (rest.length > 0) throw new FieldError(`Cannot resolve "${name}" of ${this.#label} into a field.`);
    }
    return [...names];
  }

  /** The alias of the database that is written to. */
  get #writer(): string {
    return writeConnectionOf(this.queryState).alias;
  }

  get #label(): string {
    return this.queryState.model._meta.label;
  }

  get #name(): string {
    return this.queryState.model._meta.objectName;
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
    if (state.values) return fetch(state, `values ${state.rows}`, valuesPlan) as Promise<Row[]>;
    const objects = await fetchObjects(state);
    if (state.prefetchRelated.length > 0) await prefetch(objects, state.prefetchRelated);
    return objects as Row[];
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
    const found = conditions.length > 0 ? this.#narrow(conditions, false) : this;
    const rows = await (found.queryState.isSliced ? found : found.#with({ stop: MAX_GET_RESULTS, order: [] }));
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
    return this.#ordered().reverse().first();
  }

  #ordered(): QuerySet<M, Row> {
    const { order, model, isSliced } = this.queryState;
    const isOrdered = (order ?? model._meta.ordering).length > 0;
    return isOrdered || isSliced ? this : this.#with({ order: ["pk"] });
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
    // Looked for where it would be created: a replica may not have it yet.
    const find = () => this.using(this.#writer).get(conditions as never);
    try {
      return [await find(), false];
    } catch (error) {
      if (!(error instanceof ObjectDoesNotExist)) throw error;
    }
    const values = { ...plainValues(conditions as object), ...(defaults as object) };
    return this.#createOrFind(values as Creation<M>, find);
  }

  async #createOrFind(values: Creation<M>, find: () => Promise<Row>): Promise<[Row, boolean]> {
    try {
      return [(await atomic(() => this.create(values), { using: this.#writer })) as unknown as Row, true];
    } catch (error) {
      if (!(error instanceof IntegrityError)) throw error;
      // Somebody else was faster; where it was not that, the first error is the one to report.
      return [await find().catch(() => Promise.reject(error)), false];
    }
  }

  /** Changes the row for which the conditions hold, or makes it; tells whether it is new. */
  async updateOrCreate<const C extends Conditions<Searched<M, Row>>>(
    conditions: C & CheckLookups<Searched<M, Row>, C>,
    defaults: Creation<M>,
  ): Promise<[Row, boolean]> {
    const using = this.#writer;
    const run = async (): Promise<[Row, boolean]> => {
      const [row, created] = await this.getOrCreate(conditions, defaults);
      if (!created)
        await (Object.assign(row as object, defaults) as unknown as { save(options: object): Promise<void> }).save({
          using,
        });
      return [row, created];
    };
    return atomic(run, { using });
  }

  /**
   * Inserts many objects, many to a statement; signals are not sent. Gives the objects, with their keys.
   *
   * @param options.batchSize rows to a statement, default 1000.
   * @param options.ignoreConflicts leaves rows out that break a constraint; then objects get no keys.
   */
  async bulkCreate(
    objects: readonly M[],
    options: { batchSize?: number; ignoreConflicts?: boolean } = {},
  ): Promise<M[]> {
    const connection = writeConnectionOf(this.queryState);
    const run = () => insertAll(connection, objects, options);
    await atomic(run, { using: connection.alias, savepoint: false });
    return [...objects];
  }

  /**
   * Changes columns of all rows with one UPDATE, without loading them or sending signals. Gives how many there were.
   *
   * @throws FieldError where nothing narrows the rows: write `all()` to change them all.
   * @example await Book.objects.filter({ status: "draft" }).update({ pages: F("pages").add(1) });
   */
  async update<const V extends UpdateHint<M>>(values: V & CheckUpdate<M, V>): Promise<number> {
    const state = this.#unsliced("update a query");
    this.#requireScope("update");
    const assignments = assign(state, values as Record<string, unknown>);
    if (assignments.size === 0 || state.isEmpty) return 0;
    const connection = writeConnectionOf(state);
    const expressions = [...assignments.values()];
    const shape = [...assignments].map(([field, value]) => `${field.name}=${value.shape}`).join();
    const plan = planFor(connection, `update ${shape} ${state.shape}`, () =>
      updatePlan(connection, state, assignments),
    );
    return (await send(connection, plan, state, expressions)).rowCount;
  }

  /**
   * Deletes the rows and, by the rules of `onDelete`, what refers to them.
   *
   * @returns how many rows went, in all and by model.
   * @throws ProtectedError or RestrictedError; FieldError where nothing narrows the rows: write `all()` for all.
   */
  async delete(): Promise<Deleted> {
    const state = this.#unsliced("delete from a query");
    this.#requireScope("delete");
    return state.isEmpty ? [0, {}] : deleteQuery(state);
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
}

function saysSomething(condition: Condition): boolean {
  return condition.type === "leaf" || condition.children.some(saysSomething);
}

function isIndex(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function checkOrder({ model, annotations }: QueryState, term: string): void {
  const name = term.replace(/^[-+]/, "");
  if (term !== "?" && !annotations.has(name)) walkOrder(model, name);
}

/** Of conditions only `name` and `name__exact` say what a new object's value must be. */
function plainValues(conditions: object): Record<string, unknown> {
  const plain = Object.entries(conditions).map(([key, value]) => [key.replace(/__exact$/, ""), value] as const);
  return Object.fromEntries(plain.filter(([key]) => !key.includes("__")));
}

function assign({ model }: QueryState, values: Record<string, unknown>): Map<Field, Expression> {
  const assignments = new Map<Field, Expression>();
  for (const [name, value] of Object.entries(values)) {
    const field = model._meta.getField(name);
    if (field.isManyToMany) throw new FieldError(`Cannot update "${name}" of ${model._meta.label}: it has no column.`);
    if (value === undefined)
      throw new FieldError(`The value of "${name}" is undefined.`, { hint: "Use null for NULL." });
    assignments.set(field, toExpression(keyOf(field, value)));
  }
  return assignments;
}

/** An object stands for its key. */
function keyOf(field: Field, value: unknown): unknown {
  if (!field.isForeignKey || typeof value !== "object" || value === null || !("pk" in value)) return value;
  return (value as Record<string, unknown>)[field.targetField.attname];
}
