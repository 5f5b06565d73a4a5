import type { EntityClass } from "../entities/entity_fields.ts";
import type { ModelClass } from "../models.ts";

let installed: readonly ModelClass[] = [];

/** The models of all installed apps, once they are known. */
export function installedModels(): readonly ModelClass[] {
  return installed;
}

export function setInstalledModels(models: readonly ModelClass[]): void {
  installed = models;
}

const entities = new WeakMap<ModelClass, EntityClass>();

/** The TypeORM entity that a model was made of, or undefined. */
export function entityOfModel(model: ModelClass): EntityClass | undefined {
  return entities.get(model);
}

export function rememberEntity(model: ModelClass, entity: EntityClass): void {
  entities.set(model, entity);
}
