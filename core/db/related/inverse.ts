import type { FieldPath, Lookup } from "../sql/lookup_path.ts";
import { forwardRelation, linksTo, type Relation, reverseRelation } from "./relations.ts";

/** From the other side of a relation back to the key of the object that it begins at. */
export function inversePath({ field, reverse, generic }: Relation): FieldPath {
  if (generic && reverse) return { relations: [], field: generic.objectId, toMany: false };
  if (field.isManyToMany) {
    const relations = [reverse ? forwardRelation(field) : reverseRelation(field)];
    return { relations, field: relations[0].model._meta.pk, toMany: true };
  }
  // The foreign key itself holds the key of the other side.
  if (reverse) return { relations: [], field, toMany: false };
  const { targetField } = field;
  return { relations: linksTo(field.relatedModel._meta, targetField.model), field: targetField, toMany: false };
}

/** Of the rows at the other side: those that belong to some of the objects at this one. */
export function inverseLookup(relation: Relation, operator: "in" | "exact"): Lookup {
  const key = `${relation.reverse ? "<" : ">"}${relation.field.label}__${operator}`;
  return { ...inversePath(relation), key, transforms: [], operator };
}
