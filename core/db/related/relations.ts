import { quoteName } from "../backends/base.ts";
import type { Field } from "../fields/field.ts";
import type { Options, RelatedObject } from "../meta/options.ts";
import type { ModelClass } from "../models.ts";

/** One JOIN: the row of `table` whose column `to` holds what `from` holds at the side that one comes from. */
export interface Hop {
  table: string;
  from: string;
  to: string;
  /** The column `to` is a key that `from` refers to: who wants only that may read `from` and save the JOIN. */
  isReference: boolean;
  /** The side of the comparison that is turned into text. */
  asText?: "from" | "to";
  /** What holds besides, of the tables under their aliases. */
  condition?(from: string, to: string): string;
}

/** What says which row of which model is meant: the columns of a `GenericForeignKey`, seen from one such model. */
export interface GenericLink {
  readonly contentType: Field;
  readonly objectId: Field;
  /** How the model's content type is called. */
  names(this: void): readonly [appLabel: string, model: string];
  /** The key of the model's content type in a database. */
  contentTypeKey(this: void, using: string): Promise<unknown>;
}

/** A relation as a query follows it, from the model that has the field to the other one or the way back. */
export interface Relation {
  /** The name in lookups. */
  name: string;
  field: Field;
  /** From the model that the field refers to, back to the one that declares it. */
  reverse: boolean;
  toMany: boolean;
  /** There may be no row at the other side. */
  nullable: boolean;
  /** The model at the other side. */
  model: ModelClass;
  hops: readonly Hop[];
  /** Set where a content type decides besides which rows belong together. */
  generic?: GenericLink;
}

const forward = new WeakMap<Field, Relation>();
const backward = new WeakMap<Field, Relation>();

/** The relation that a field makes: `Book.author`, `Book.categories`. */
export function forwardRelation(field: Field): Relation {
  return remembered(forward, field, () => ({
    name: field.name,
    field,
    reverse: false,
    toMany: field.isManyToMany,
    nullable: field.null || field.isManyToMany,
    model: field.relatedModel,
    hops: field.isManyToMany ? throughHops(field, false) : [reference(field)],
  }));
}

/** The way back: `Author.books`, `Category.books`. */
export function reverseRelation(field: Field, name = ""): Relation {
  return remembered(backward, field, () => ({
    name,
    field,
    reverse: true,
    toMany: field.kind !== "OneToOneField",
    nullable: true,
    model: field.model,
    hops: field.isManyToMany ? throughHops(field, true) : [backReference(field)],
  }));
}

function remembered(known: WeakMap<Field, Relation>, field: Field, make: () => Relation): Relation {
  let relation = known.get(field);
  if (!relation) {
    relation = make();
    known.set(field, relation);
  }
  return relation;
}

function reference(field: Field): Hop {
  const { targetField } = field;
  return { table: targetField.model._meta.dbTable, from: field.column, to: targetField.column, isReference: true };
}

function backReference(field: Field): Hop {
  return { table: field.model._meta.dbTable, from: field.targetField.column, to: field.column, isReference: false };
}

function throughHops(field: Field, reverse: boolean): Hop[] {
  const { table, from, to, fromTarget, toTarget } = field.model._meta.manyToManyColumns(field);
  const [start, near, far, end] = reverse ? [toTarget, to, from, fromTarget] : [fromTarget, from, to, toTarget];
  return [
    { table, from: start.column, to: near, isReference: false },
    { table: end.model._meta.dbTable, from: far, to: end.column, isReference: true },
  ];
}

/** The relation of that name in lookups, of the model or of a parent, or undefined. */
export function findRelation(meta: Options, name: string): Relation | undefined {
  const field = meta.byName.get(name);
  if (field) return field.isRelation && field.name === name ? forwardRelation(field) : undefined;
  const related = waysBack(meta).find(({ queryName }) => queryName === name);
  if (related) return reverseRelation(related.field, related.queryName);
  return meta.privateFields.find((candidate) => candidate.name === name)?.relation;
}

/** The relation of that name as an attribute of an object, or undefined: `author.bookSet` is `book` in lookups. */
export function findAccessor(meta: Options, name: string): Relation | undefined {
  const related = waysBack(meta).find(({ accessor }) => accessor === name);
  return related ? reverseRelation(related.field, related.queryName) : findRelation(meta, name);
}

/** The condition of a JOIN between two tables under their quoted aliases. */
export function joinCondition(hop: Hop, from: string, to: string): string {
  const [left, right] = [`${to}.${quoteName(hop.to)}`, `${from}.${quoteName(hop.from)}`];
  const text = (sql: string, side: Hop["asText"]) => (hop.asText === side ? `CAST(${sql} AS text)` : sql);
  const condition = `${text(left, "to")} = ${text(right, "from")}`;
  return hop.condition ? `${condition} AND ${hop.condition(from, to)}` : condition;
}

/** Every name that a lookup may begin with. */
export function lookupNames(meta: Options): string[] {
  const generic = meta.privateFields.filter(({ relation }) => relation).map(({ name }) => name);
  return [...meta.byName.keys(), "pk", ...waysBack(meta).map(({ queryName }) => queryName), ...generic];
}

/** The ways back to a model, and those to its parents. */
function waysBack(meta: Options): readonly RelatedObject[] {
  const { relatedObjects, parents } = meta;
  if (parents.length === 0) return relatedObjects;
  return [...relatedObjects, ...parents.flatMap((parent) => parent._meta.relatedObjects)];
}

/** From a model to the parent whose table has a field: the one-to-one relations in between, none where it is its own. */
export function linksTo(meta: Options, owner: ModelClass): readonly Relation[] {
  if (!meta.parent) return noLinks;
  const links: Relation[] = [];
  let at = meta.concreteModel._meta;
  while (at.model !== owner._meta.concreteModel && at.parent && at.parentLink) {
    links.push(forwardRelation(at.parentLink));
    at = at.parent._meta.concreteModel._meta;
  }
  return links;
}

const noLinks: readonly Relation[] = [];

/** The relations to go through for one that a model has, itself or from a parent. */
export function wayOf(meta: Options, relation: Relation): readonly Relation[] {
  const { field, reverse } = relation;
  return [...linksTo(meta, reverse ? field.relatedModel : field.model), relation];
}

/** The relations with those to a parent that they begin at. */
export function joinsOf(model: ModelClass, relations: readonly Relation[]): Relation[] {
  return relations.flatMap((relation, index) => wayOf((relations[index - 1]?.model ?? model)._meta, relation));
}
