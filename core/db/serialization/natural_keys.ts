// Natural keys: what names a row by its content, so that fixtures do not depend on automatic keys.
import { defaultManager } from "../manager.ts";
import type { BaseModel, ModelClass } from "../models.ts";

/** A model whose rows can be named by their content. */
export interface NaturalKeyed {
  /**
   * The values that name this row, such as `[this.isbn]`. Where some are another row's natural key, the property
   * `dependencies` of the method names the models that a dump has to write first, as in Django.
   */
  naturalKey(): readonly unknown[] | Promise<readonly unknown[]>;
}

/** A manager that finds a row by its natural key. */
export interface NaturalKeyManager<M extends BaseModel = BaseModel> {
  /** @param key the values that `naturalKey()` gave. Throws the model's `DoesNotExist`. */
  getByNaturalKey(...key: never[]): M | Promise<M>;
}

/** Whether the model's objects have a `naturalKey()`. */
export function hasNaturalKey(model: ModelClass): boolean {
  return typeof (model.prototype as Partial<NaturalKeyed>).naturalKey === "function";
}

/** The natural key of an object whose model has one. */
export async function naturalKeyOf(object: BaseModel): Promise<readonly unknown[]> {
  return (object as unknown as NaturalKeyed).naturalKey();
}

/** Whether the model's rows can be found by natural keys. */
export function findsByNaturalKey(model: ModelClass): boolean {
  return typeof (defaultManager(model) as Partial<NaturalKeyManager>).getByNaturalKey === "function";
}

/** The models that `naturalKey.dependencies` names, by their labels in lower case. */
export function declaredDependencies(model: ModelClass): string[] {
  const { naturalKey } = model.prototype as unknown as { naturalKey?: { dependencies?: readonly string[] } };
  return (naturalKey?.dependencies ?? []).map((label) => label.toLowerCase());
}
