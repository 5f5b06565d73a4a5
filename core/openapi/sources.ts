// What a field's `source` leads to on a model: a column, or the model at the other side of a relation.
import type { Field as ModelField } from "../db/fields/field.ts";
import type { ModelClass } from "../db/models.ts";

/** The column of `title`, or of `author.name`; null where it is none. */
export function columnOf(model: ModelClass | null, source: string): ModelField | null {
  const path = source.split(".");
  const name = path.pop() as string;
  const owner = path.reduce<ModelClass | null>(relatedBy, model);
  const column = owner?._meta.byName.get(name === "pk" ? owner._meta.pk.name : name);
  return column && !column.isManyToMany ? column : null;
}

/** The model that `author` or `author.country` leads to; null where it is no relation. */
export function relatedModel(model: ModelClass | null, source: string): ModelClass | null {
  return source.split(".").reduce<ModelClass | null>(relatedBy, model);
}

function relatedBy(model: ModelClass | null, name: string): ModelClass | null {
  const field = model?._meta.byName.get(name);
  if (field) return field.isRelation ? field.relatedModel : null;
  return model?._meta.relatedObjects.find(({ accessor }) => accessor === name)?.relatedModel ?? null;
}
