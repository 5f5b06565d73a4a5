import { defaultManager, type Manager } from "../manager.ts";
import type { BaseModel, ModelClass } from "../models.ts";
import { QuerySet } from "../queryset.ts";

/** A manager whose queries go to that database, Django's `db_manager(using)`. */
export function managerFor(model: ModelClass, using: string | undefined): Manager<BaseModel> {
  const manager = defaultManager(model);
  if (using === undefined) return manager;
  const copy = copyOf(manager, model);
  Object.defineProperty(copy, "getQueryset", { value: () => manager.getQueryset().using(using) });
  return copy;
}

/** A class of its own is made again, since it may have private parts; what stands on the manager itself is its own. */
function copyOf(manager: Manager<BaseModel>, model: ModelClass): Manager<BaseModel> {
  const copy = new (manager.constructor as new () => Manager<BaseModel>)();
  copy.contributeTo(model, QuerySet as never);
  for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(manager))) {
    Object.defineProperty(copy, name, property);
  }
  return copy;
}

/** Every row of a model, whatever its managers leave out: Django's `_base_manager`. */
export function everyRow(model: ModelClass): QuerySet<BaseModel> {
  return new QuerySet<BaseModel>(model);
}
