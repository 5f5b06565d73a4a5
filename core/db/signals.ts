import { Signal } from "../dispatch.ts";
import type { BaseModel, ModelClass } from "./models.ts";

/** What the signals of a save tell. */
export interface SavePayload {
  instance: BaseModel;
  /** The alias of the database. */
  using: string;
  /** The names given to `save({ updateFields })`, or null. */
  updateFields: readonly string[] | null;
  /** True while a fixture is loaded: other rows may be missing. */
  raw: boolean;
}

/** What the signals of a deletion tell. */
export interface DeletePayload {
  instance: BaseModel;
  using: string;
  /** What `delete()` was called on: an object, perhaps another one, or a queryset. */
  origin: object;
}

/** What {@link m2mChanged} tells. */
export interface ManyToManyPayload {
  instance: BaseModel;
  action: "preAdd" | "postAdd" | "preRemove" | "postRemove" | "preClear" | "postClear";
  /** True where the change was made from the side that has no field. */
  reverse: boolean;
  /** The model of the objects that were added or removed. */
  model: ModelClass;
  /** Their keys; null where all were removed. */
  pkSet: ReadonlySet<unknown> | null;
  using: string;
}

/**
 * Sent before an object is saved. The sender is its model. Bulk methods send nothing, as in Django.
 *
 * @example preSave.connect(({ instance }) => { … }, { sender: Book });
 */
export const preSave = new Signal<SavePayload>();
/** Sent after an object was saved; `created` tells whether a row was inserted. */
export const postSave = new Signal<SavePayload & { created: boolean }>();
/** Sent before an object is deleted, by itself or with another one. */
export const preDelete = new Signal<DeletePayload>();
/** Sent after an object was deleted; its key is still there. */
export const postDelete = new Signal<DeletePayload>();
/** Sent around each change of a many-to-many relation. The sender is the model of the table between, or the field. */
export const m2mChanged = new Signal<ManyToManyPayload>();
