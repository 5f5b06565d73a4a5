import { defaultManager, type Manager } from "../manager.ts";
import type { BaseModel, ModelClass } from "../models.ts";
import { QuerySet } from "../queryset.ts";

/** A manager whose queries go to that database, Django's `db_manager(using)`. */
export function managerFor(model: ModelClass, using: string | undefined): Manager<BaseModel> {
  const manager = defaultManager(model);
  if (using === undefined) return manager;
  return new Proxy(manager, {
    get: (target, name) =>
      name === "getQueryset" ? () => target.getQueryset().using(using) : Reflect.get(target, name, target),
  });
}

/** Every row of a model, whatever its managers leave out: Django's `_base_manager`. */
export function everyRow(model: ModelClass): QuerySet<BaseModel> {
  return new QuerySet<BaseModel>(model);
}
