// What of a model's surroundings a deletion concerns.
import { isDatabaseOnDelete, type OnDelete } from "../deletion.ts";
import type { Field } from "../fields/field.ts";
import type { RelatedObject } from "../meta/options.ts";
import type { ModelClass } from "../models.ts";
import { postDelete, preDelete } from "../signals.ts";

/** Rules that leave the referring rows to the database. */
export function isLeftAlone(rule: OnDelete | undefined): boolean {
  return rule === undefined || rule === "DO_NOTHING" || isDatabaseOnDelete(rule);
}

/** A many-to-many field whose table has no model: its rows are nobody's but ours to delete. */
export function hasOwnTable(field: Field): boolean {
  return field.isManyToMany && !field.throughModel;
}

/** The many-to-many fields of a model and its parents that have a table of their own. */
export function ownTables({ _meta }: ModelClass): Field[] {
  return _meta.manyToMany.filter(hasOwnTable);
}

/**
 * The relations to a model and to its parents whose rows a deletion concerns, but for the link from the model itself.
 *
 * @param keepParents the parents' rows stay, and what refers to them
 */
export function relationsTo({ _meta }: ModelClass, keepParents = false): RelatedObject[] {
  const own = new Set([_meta.concreteModel, ..._meta.parents]);
  const above = keepParents ? [] : _meta.parents.flatMap((parent) => parent._meta.relatedObjects);
  const inherited = above.filter(({ field }) => !(field.remote?.parentLink && own.has(field.model)));
  return [..._meta.relatedObjects, ...inherited];
}

/**
 * Whether rows of a model can be deleted unseen: nobody listens, and nothing else goes, changes or stands in the way.
 *
 * @param from the foreign key by which the deletion came here
 */
export function canDeleteBlindly(model: ModelClass, from: Field | null = null): boolean {
  const { localFields, concreteModel, privateFields } = model._meta;
  if (from && from.remote?.onDelete !== "CASCADE") return false;
  if (preDelete.hasListenersFor(model) || postDelete.hasListenersFor(model)) return false;
  const { parentLink } = concreteModel._meta;
  if (parentLink && parentLink !== from) return false;
  // What refers to others by RESTRICT must be known to go, so that it does not stand in their way.
  if (localFields.some((field) => field.remote?.onDelete === "RESTRICT")) return false;
  if (privateFields.some((field) => field.bulkRelatedObjects) || ownTables(model).length > 0) return false;
  const { relatedObjects } = model._meta;
  return relatedObjects.every(({ field }) => !hasOwnTable(field) && isLeftAlone(field.remote?.onDelete));
}
