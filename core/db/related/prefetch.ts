import { FieldError } from "../../exceptions.ts";
import { didYouMean } from "../../utils/text.ts";
import type { Field } from "../fields/field.ts";
import { defaultQuery } from "../manager.ts";
import { stateOf } from "../meta/model_state.ts";
import type { PrivateField } from "../meta/options.ts";
import type { BaseModel, ModelClass } from "../models.ts";
import { makeLeaf } from "../sql/conditions.ts";
import { fetchKeyed } from "../sql/execution.ts";
import { cacheName, relatedCache } from "../sql/plans.ts";
import { type Prefetched, QueryState, type SubQuery } from "../sql/query_state.ts";
import { slicedByOwner } from "../sql/sliced_prefetch.ts";
import { referenceValue, restrictions } from "./generic.ts";
import { inverseLookup, inversePath } from "./inverse.ts";
import { findAccessor, type Relation } from "./relations.ts";

/** What a {@link Prefetch} may be told. */
export interface PrefetchOptions<A extends string = string> {
  /** Which rows, in what order and with what: a queryset of the related model. */
  queryset?: SubQuery;
  /** The property that the rows are put into, as a plain array or object, so that the relation itself still means all rows. */
  toAttr?: A;
}

/**
 * A relation to load with the rows, and what of it: `django.db.models.Prefetch`.
 *
 * @example
 * const best = Review.objects.filter({ stars__gte: 4 }).orderBy("-stars");
 * const [book] = await Book.objects.prefetchRelated(new Prefetch("reviews", { queryset: best, toAttr: "bestReviews" }));
 * book.bestReviews[0].text;
 */
export class Prefetch<L extends string = string, Q = unknown, A extends string = string> {
  declare readonly "~rows": Q;
  declare readonly "~attribute": A;
  readonly lookup: L;
  readonly queryset: SubQuery | null;
  readonly toAttr: A | null;

  constructor(lookup: L, options: { queryset?: SubQuery & PromiseLike<Q>; toAttr?: A } = {}) {
    this.lookup = lookup;
    this.queryset = options.queryset ?? null;
    this.toAttr = options.toAttr ?? null;
    if (this.queryset?.queryState.values) {
      throw new FieldError("Prefetch querysets cannot use raw(), values(), and valuesList().");
    }
  }
}

/** A step of a lookup: a relation, or the property that an earlier Prefetch filled. */
interface Step {
  relation: Relation;
  custom: Exclude<Prefetched, string> | null;
}

/** A lookup's first part that leads to objects of several models, and what is to be loaded of those. */
interface Generic {
  field: PrivateField;
  /** What follows, which each model knows by itself. */
  rest: string;
}

/** Loads relations for objects that are there: one query for each relation, `books__reviews` two. */
export async function prefetch(objects: readonly BaseModel[], lookups: readonly Prefetched[]): Promise<void> {
  if (objects.length === 0) return;
  const model = objects[0].constructor as ModelClass;
  const loaded = new Map<string, readonly BaseModel[]>();
  for (const lookup of lookups) {
    const generic = genericOf(model, lookup);
    if (generic) await prefetchGeneric(objects, generic, lookup);
    if (generic) continue;
    let at = objects;
    for (const [path, step] of stepsOf(model, lookups, lookup)) {
      if (at.length === 0) break;
      const known = loaded.get(path);
      at =
        known ??
        (step.custom ? await loadCustom(at, step.relation, step.custom) : await prefetchRelation(at, step.relation));
      loaded.set(path, at);
    }
  }
}

/** Throws a FieldError for a path that is no chain of relations, and for one that was given with other rows before. */
export function checkPrefetch(model: ModelClass, lookups: readonly Prefetched[], lookup: Prefetched): void {
  if (genericOf(model, lookup)) return;
  stepsOf(model, lookups, lookup);
  if (typeof lookup === "string" || !lookup.queryset) return;
  const others = lookups.slice(0, lookups.indexOf(lookup)).filter((other) => pathOf(other) === pathOf(lookup));
  if (others.length === 0) return;
  throw new FieldError(`"${pathOf(lookup)}" lookup was already seen with a different queryset.`, {
    hint: "You may need to adjust the ordering of your lookups, or give them different properties by toAttr.",
  });
}

function genericOf({ _meta }: ModelClass, lookup: Prefetched): Generic | null {
  const [name, ...rest] = (typeof lookup === "string" ? lookup : lookup.lookup).split("__");
  const field = _meta.privateFields.find((candidate) => candidate.name === name);
  return field?.prefetch ? { field, rest: rest.join("__") } : null;
}

/** Objects of several models are loaded by their models, and so is what follows. */
async function prefetchGeneric(objects: readonly BaseModel[], { field, rest }: Generic, lookup: Prefetched) {
  const querysets = typeof lookup === "object" ? (lookup as { querysets?: readonly SubQuery[] }).querysets : undefined;
  const found = (await field.prefetch?.(objects, querysets)) ?? [];
  if (rest === "") return;
  for (const model of new Set(found.map((object) => object.constructor as ModelClass))) {
    const own = found.filter((object) => object.constructor === model);
    checkPrefetch(model, [rest], rest);
    await prefetch(own, [rest]);
  }
}

/** The path under which what a lookup loads is known. */
function pathOf(lookup: Prefetched): string {
  if (typeof lookup === "string") return lookup;
  return lookup.toAttr ? [...lookup.lookup.split("__").slice(0, -1), lookup.toAttr].join("__") : lookup.lookup;
}

function stepsOf(model: ModelClass, lookups: readonly Prefetched[], lookup: Prefetched): [string, Step][] {
  const parts = pathOf(lookup).split("__");
  let at = model;
  return parts.map((name, index) => {
    const path = parts.slice(0, index + 1).join("__");
    const custom = lookups.find((other) => typeof other !== "string" && pathOf(other) === path) ?? null;
    const own = typeof custom === "object" && custom !== null ? custom : null;
    const relation = accessor(at, own ? (own.lookup.split("__").at(-1) as string) : name);
    at = relation.model;
    return [path, { relation, custom: own }];
  });
}

function accessor(model: ModelClass, name: string): Relation {
  const relation = findAccessor(model._meta, name);
  if (relation && !(relation.generic && !relation.reverse)) return relation;
  const { fields, manyToMany, relatedObjects } = model._meta;
  const names = [...fields, ...manyToMany].filter((field) => field.isRelation).map((field) => field.name);
  const choices = [...names, ...relatedObjects.map((related) => related.accessor)];
  throw new FieldError(`${model._meta.label} has no relation "${name}" to prefetch.`, {
    hint: didYouMean(name, choices) ?? `Choices are: ${choices.join(", ") || "(none)"}.`,
  });
}

/** Loads one relation for those objects that lack it. Gives what stands at its other side. */
export async function prefetchRelation(objects: readonly BaseModel[], relation: Relation): Promise<BaseModel[]> {
  const name = cacheName(relation);
  const lacking = objects.filter((object) => !hasLoaded(object, relation, name));
  const found = await relatedTo(lacking, relation, queryOf(relation));
  for (const object of lacking) attach(object, relation, found.get(ownKey(object, relation)) ?? []);
  return objects.flatMap((object) => (stateOf(object).related?.get(name) ?? []) as BaseModel | BaseModel[]);
}

/** The rows of a relation to many, by the objects that they belong to; nothing is remembered. */
export async function relatedRows(
  objects: readonly BaseModel[],
  relation: Relation,
): Promise<Map<BaseModel, BaseModel[]>> {
  const found = await relatedTo(objects, relation, queryOf(relation));
  return new Map(
    objects.map((object) => {
      const others = found.get(ownKey(object, relation)) ?? [];
      rememberWayBack(object, relation, others);
      return [object, others];
    }),
  );
}

/** Relations to many begin with the model's default manager, those to one find every row. */
function queryOf({ model, toMany }: Relation): QueryState {
  return toMany ? defaultQuery(model) : new QueryState(model).with({ order: [] });
}

async function loadCustom(
  objects: readonly BaseModel[],
  relation: Relation,
  { queryset, toAttr }: Exclude<Prefetched, string>,
): Promise<BaseModel[]> {
  const query = queryset?.queryState ?? queryOf(relation);
  const found = await relatedTo(objects, relation, query);
  for (const object of objects) {
    const others = found.get(ownKey(object, relation)) ?? [];
    if (toAttr === null) attach(object, relation, others);
    else Object.assign(object, { [toAttr]: relation.toMany ? others : (others[0] ?? null) });
  }
  const all = [...found.values()].flat();
  if (query.prefetchRelated.length > 0) await prefetch(all, query.prefetchRelated);
  return all;
}

/** The rows at the other side, by the keys of the objects that they belong to. */
async function relatedTo(
  objects: readonly BaseModel[],
  relation: Relation,
  query: QueryState,
): Promise<Map<unknown, BaseModel[]>> {
  const byKey = new Map<unknown, BaseModel[]>();
  const keys = [...new Set(objects.map((object) => ownKey(object, relation)))].filter((key) => key !== null);
  if (keys.length === 0) return byKey;
  const path = inversePath(relation);
  const leaf = makeLeaf(inverseLookup(relation, "in"), keys);
  const hints = { instance: objects[0] };
  const rows = query.isSliced ? slicedByOwner(query, path) : query;
  const found = await fetchKeyed(rows.with({ where: [...rows.where, leaf, ...restrictions(relation)], hints }), path);
  const field = path.field.isForeignKey ? path.field.targetField : path.field;
  for (const [index, other] of found.objects.entries()) {
    const key = field.fromDb(found.keys[index], found.vendor);
    const others = byKey.get(key);
    if (others) others.push(other);
    else byKey.set(key, [other]);
  }
  return byKey;
}

function attach(object: BaseModel, relation: Relation, others: BaseModel[]): void {
  relatedCache(object).set(cacheName(relation), relation.toMany ? others : (others[0] ?? null));
  rememberWayBack(object, relation, others);
}

/** The other side of a foreign key knows its way back. */
function rememberWayBack(object: BaseModel, relation: Relation, others: readonly BaseModel[]): void {
  if (relation.reverse && !relation.field.isManyToMany) {
    for (const other of others) relatedCache(other).set(relation.field.name, object);
  }
}

function hasLoaded(object: BaseModel, relation: Relation, name: string): boolean {
  const cached = stateOf(object).related?.get(name);
  if (cached === undefined) return false;
  return relation.reverse || relation.toMany || holds(object, relation.field, cached as BaseModel | null);
}

/** Whether a remembered object is still the one that the foreign key refers to. */
export function holds(object: BaseModel, field: Field, cached: BaseModel | null): boolean {
  const key = (object as never as Record<string, unknown>)[field.attname] ?? null;
  const other = cached === null ? null : (cached as never as Record<string, unknown>)[field.targetField.attname];
  return key === (other ?? null);
}

/** The value by which the other side is found. */
function ownKey(object: BaseModel, relation: Relation): unknown {
  const { field, reverse } = relation;
  const attributes = object as never as Record<string, unknown>;
  if (field.isManyToMany) return object.pk ?? null;
  return referenceValue(relation, attributes[reverse ? field.targetField.attname : field.attname] ?? null);
}
