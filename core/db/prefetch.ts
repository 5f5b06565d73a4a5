import { FieldError } from "../exceptions.ts";
import { didYouMean } from "../utils/text.ts";
import { makeLeaf } from "./conditions.ts";
import { fetchKeyed } from "./execution.ts";
import type { Field } from "./field.ts";
import { inverseLookup, inversePath } from "./inverse.ts";
import { stateOf } from "./model_state.ts";
import type { BaseModel, ModelClass } from "./models.ts";
import { cacheName, relatedCache } from "./plans.ts";
import { QueryState } from "./query_state.ts";
import { findAccessor, type Relation } from "./relations.ts";

/** Loads relations for objects that are there: one query for each relation, `books__reviews` two. */
export async function prefetch(objects: readonly BaseModel[], paths: readonly string[]): Promise<void> {
  if (objects.length === 0) return;
  for (const [name, rest] of byFirstName(paths)) {
    const model = objects[0].constructor as ModelClass;
    const related = await prefetchRelation(objects, accessor(model, name));
    await prefetch(related, rest);
  }
}

/** Throws a FieldError for a path that is no chain of relations. */
export function checkPrefetch(model: ModelClass, path: string): void {
  path.split("__").reduce((at, name) => accessor(at, name).model, model);
}

function byFirstName(paths: readonly string[]): Map<string, string[]> {
  const grouped = new Map<string, string[]>();
  for (const path of paths) {
    const [name, ...rest] = path.split("__");
    const inner = grouped.get(name) ?? [];
    grouped.set(name, rest.length > 0 ? [...inner, rest.join("__")] : inner);
  }
  return grouped;
}

function accessor(model: ModelClass, name: string): Relation {
  const relation = findAccessor(model._meta, name);
  if (relation) return relation;
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
  const keys = [...new Set(lacking.map((object) => ownKey(object, relation)))].filter((key) => key !== null);
  if (keys.length > 0) await load(lacking, relation, keys);
  return objects.flatMap((object) => (stateOf(object).related?.get(name) ?? []) as BaseModel | BaseModel[]);
}

async function load(objects: readonly BaseModel[], relation: Relation, keys: unknown[]): Promise<void> {
  const path = inversePath(relation);
  const leaf = makeLeaf(inverseLookup(relation, "in"), keys);
  const order = relation.toMany ? {} : { order: [] };
  const state = new QueryState(relation.model).with({ where: [leaf], hints: { instance: objects[0] }, ...order });
  const found = await fetchKeyed(state, path);
  const field = path.field.isForeignKey ? path.field.targetField : path.field;
  const byKey = new Map<unknown, BaseModel[]>();
  for (const [index, other] of found.objects.entries()) {
    const key = field.fromDb(found.keys[index], connectionVendor(other));
    byKey.set(key, [...(byKey.get(key) ?? []), other]);
  }
  for (const object of objects) attach(object, relation, byKey.get(ownKey(object, relation)) ?? []);
}

function connectionVendor(object: BaseModel) {
  return stateOf(object).reader?.vendor ?? "sqlite";
}

function attach(object: BaseModel, relation: Relation, others: BaseModel[]): void {
  relatedCache(object).set(cacheName(relation), relation.toMany ? others : (others[0] ?? null));
  // The other side of a foreign key knows its way back.
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
function ownKey(object: BaseModel, { field, reverse }: Relation): unknown {
  const attributes = object as never as Record<string, unknown>;
  if (field.isManyToMany) return object.pk ?? null;
  return attributes[reverse ? field.targetField.attname : field.attname] ?? null;
}
