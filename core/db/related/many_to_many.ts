import { ImproperlyConfigured } from "../../exceptions.ts";
import { snakeCase } from "../../utils/text.ts";
import type { Field } from "../fields/field.ts";
import type { ModelClass } from "../models.ts";

/** Where the pairs of a many-to-many relation stand, and what their columns hold. */
export interface ManyToManyColumns {
  table: string;
  /** The column that refers to the model with the field. */
  from: string;
  /** The column that refers to the other model. */
  to: string;
  /** The field whose values `from` holds: the key, unless a `through` model's foreign key has a `toField`. */
  fromTarget: Field;
  toTarget: Field;
}

/** The table between the two sides: `library_book_categories`. */
export function manyToManyTable(field: Field, ownTable: string): string {
  return field.remote?.dbTable ?? `${ownTable}_${snakeCase(field.name)}`;
}

/**
 * The table between the two sides and its columns: `library_book_categories`, `book_id`, `category_id`. Of a model that
 * refers to itself the columns are `from_book_id` and `to_book_id`, as in Django.
 */
export function manyToManyColumns(field: Field): ManyToManyColumns {
  if (field.remote?.through) return throughColumns(field);
  const [own, other] = [field.model._meta, field.relatedModel._meta];
  const isSelf = own.modelName === other.modelName;
  const names = isSelf ? [`from_${own.modelName}`, `to_${other.modelName}`] : [own.modelName, other.modelName];
  const [from, to] = field.remote?.pairColumns ?? names.map((name) => `${name}_id`);
  return { table: manyToManyTable(field, own.dbTable), from, to, fromTarget: own.pk, toTarget: other.pk };
}

/** The columns of a `through` model. */
function throughColumns(field: Field): ManyToManyColumns {
  const [from, to] = throughKeys(field);
  const table = from.model._meta.dbTable;
  return { table, from: from.column, to: to.column, fromTarget: from.targetField, toTarget: to.targetField };
}

/**
 * The foreign keys of a `through` model to the two sides: those that `throughFields` names, else the first ones, which
 * is where Django looks as well.
 *
 * @throws ImproperlyConfigured where there is none.
 */
export function throughKeys(field: Field): [from: Field, to: Field] {
  const through = field.throughModel as ModelClass;
  const { throughFields } = field.remote ?? {};
  if (throughFields) return [through._meta.getField(throughFields[0]), through._meta.getField(throughFields[1])];
  const keyTo = ({ _meta: { concreteModel } }: ModelClass, not?: Field) =>
    through._meta.fields.find(
      (key) => key !== not && key.isForeignKey && key.relatedModel._meta.concreteModel === concreteModel,
    );
  const from = keyTo(field.model);
  const to = keyTo(field.relatedModel, from);
  if (from && to) return [from, to];
  throw new ImproperlyConfigured(`${through._meta.label} is the "through" of ${field.label} but lacks a foreign key.`, {
    hint: `It needs one to ${field.model._meta.label} and one to ${field.relatedModel._meta.label}.`,
  });
}
