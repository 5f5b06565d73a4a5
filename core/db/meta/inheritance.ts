// Multi-table inheritance: one object whose values stand in the tables of its model and of its parents.

import type { BaseModel, ModelClass } from "../models.ts";
import { newState, state, stateOf } from "./model_state.ts";

type Attributes = Record<string, unknown>;

/** The parent's row of an object of a child, which holds all its values. */
export function asParent(object: BaseModel, parent: ModelClass): BaseModel {
  const made = Object.create(parent.prototype) as BaseModel;
  const { db, adding } = stateOf(object);
  made[state] = { ...newState(), db, adding };
  for (const { attname } of parent._meta.fields) {
    (made as never as Attributes)[attname] = (object as never as Attributes)[attname];
  }
  return made;
}
