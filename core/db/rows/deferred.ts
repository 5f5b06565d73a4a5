// Columns that were not loaded: django.db.models.query_utils.DeferredAttribute.
import { FieldError } from "../../exceptions.ts";
import type { Field } from "../fields/field.ts";
import { stateOf } from "../meta/model_state.ts";
import type { BaseModel, ModelClass } from "../models.ts";

/** The prototype of objects that lack some columns: reading one of these throws, setting it makes it a property. */
export function deferredPrototype({ prototype }: ModelClass, missing: readonly Field[]): object {
  return Object.create(
    prototype,
    Object.fromEntries(missing.map((field) => [field.attname, { get: refuse(field), set: adopt(field) }])),
  );
}

function refuse(field: Field): () => never {
  return () => {
    throw new FieldError(`"${field.attname}" of ${field.model._meta.label} was not loaded.`, {
      hint: `It was left out by only() or defer(). Load it: await object.refreshFromDb({ fields: ["${field.name}"] })`,
    });
  };
}

function adopt({ attname }: Field) {
  return function (this: object, value: unknown) {
    Object.defineProperty(this, attname, { value, writable: true, enumerable: true, configurable: true });
  };
}

/** The columns that an object has no values of: `Model.getDeferredFields()`. */
export function deferredFields(object: BaseModel): readonly Field[] {
  const { fields } = (object.constructor as ModelClass)._meta;
  const { reader } = stateOf(object);
  if (!reader || reader.fields.length >= fields.length) return [];
  return fields.filter(({ attname }) => !Object.hasOwn(object, attname));
}
