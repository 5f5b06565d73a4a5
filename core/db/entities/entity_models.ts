// Plain TypeORM entities as models, so that querysets, viewsets and migrations work on them.

import type { Manager } from "../manager.ts";
import type { MetaOptions } from "../meta/meta.ts";
import { rememberEntity } from "../meta/model_registry.ts";
import { declareField } from "../meta/model_state.ts";
import { BaseModel, declareModel, initialise, type ModelClass } from "../models.ts";
import { type EntityClass, EntityDescription } from "./entity_fields.ts";

/** The model of an entity: its objects are the entity's, with a model's methods. */
export type EntityModel<E extends object> = ModelClass<E & BaseModel> & { readonly objects: Manager<E & BaseModel> };

const models = new WeakMap<EntityClass, ModelClass>();

/**
 * The model of a class with TypeORM's own `@Entity()`: columns, relations, keys, unique columns and indexes are read from its
 * decorators, and everything that works with models works with it. Its objects are instances of the entity with the
 * methods of a model (`save()`, `delete()`); `dataSource.getRepository(Entity)` goes on working with the same rows.
 *
 * @param meta what TypeORM has no decorator for, such as `ordering`; `managed: false` where TypeORM makes the table.
 * @throws ImproperlyConfigured where the class is no entity, or a relation of it names its entity by text.
 * @example
 * export const BookModel = modelFor(Book, { ordering: ["title"] });   // in models.ts: it belongs to the app
 * await BookModel.objects.filter({ title__icontains: "sea" });
 */
export function modelFor<E extends object>(entity: EntityClass<E>, meta: MetaOptions = {}): EntityModel<E> {
  const known = models.get(entity);
  if (known) return known as unknown as EntityModel<E>;
  const description = new EntityDescription(entity, (other) => modelFor(other));
  const made = classOf(entity);
  models.set(entity, made);
  rememberEntity(made, entity);
  for (const [name, field] of description.fields()) declareField(made.prototype, name, field);
  declareModel(made, { ...description.meta(), ...meta });
  return made as unknown as EntityModel<E>;
}

/** Where queries of an entity begin: `modelFor(Entity).objects`. */
export function managerFor<E extends object>(entity: EntityClass<E>): Manager<E & BaseModel> {
  return modelFor(entity).objects;
}

/** A class below the entity, with the methods of a model where the entity has none of that name. */
function classOf(entity: EntityClass): ModelClass {
  const made = class extends entity {
    constructor(values?: object) {
      super();
      // What the entity's own constructor has set stands for what was not given.
      const initial = Object.entries(this).filter(([name]) => (made as unknown as ModelClass)._meta.byName.has(name));
      initialise(this as unknown as BaseModel, { ...Object.fromEntries(initial), ...values });
    }
  };
  Object.defineProperty(made, "name", { value: entity.name });
  for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(BaseModel.prototype))) {
    if (name !== "constructor" && !isDeclared(entity, name)) Object.defineProperty(made.prototype, name, property);
  }
  return made as unknown as ModelClass;
}

/** What every object has does not count. */
function isDeclared(entity: EntityClass, name: string): boolean {
  return name in entity.prototype && !(name in Object.prototype && !Object.hasOwn(entity.prototype, name));
}
