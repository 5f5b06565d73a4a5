import { FieldError } from "../../exceptions.ts";
import type { Connection } from "../backends/base.ts";
import { connections } from "../connections.ts";
import type { Field } from "../fields/field.ts";
import { stateOf } from "../meta/model_state.ts";
import type { BaseModel, ModelClass } from "../models.ts";
import { router } from "../routers.ts";
import { cacheName } from "../sql/plans.ts";
import { atomic } from "../transaction.ts";
import { referenceValue } from "./generic.ts";
import { forgetToMany } from "./peers.ts";
import type { Relation } from "./relations.ts";

type Attributes = Record<string, unknown>;

/** One object's side of a relation to many: what it is known by, and how the other side's objects are. */
export class RelatedSide {
  readonly instance: BaseModel;
  readonly relation: Relation;

  constructor(instance: BaseModel, relation: Relation) {
    this.instance = instance;
    this.relation = relation;
  }

  /** The database that the relation is changed in. */
  get connection(): Connection {
    const { model, field } = this.relation;
    return connections.get(router.dbForWrite(field.throughModel ?? model, { instance: this.instance }));
  }

  /** What the other side holds of this object. */
  ownKey(): unknown {
    const { field, reverse } = this.relation;
    const key = (this.instance as never as Attributes)[targetOf(field, reverse).attname];
    if (key !== null && key !== undefined) return key;
    const { objectName } = (this.instance.constructor as ModelClass)._meta;
    throw new FieldError(`This ${objectName} must be saved before its relation to many can be used.`);
  }

  /** The same as the other side's column has it. */
  referenceKey(): unknown {
    return referenceValue(this.relation, this.ownKey());
  }

  /** What the other side of a pair holds, or a foreign key's row is known by. */
  get #otherTarget(): Field {
    const { field, reverse, model } = this.relation;
    return field.isManyToMany ? targetOf(field, !reverse) : model._meta.pk;
  }

  /** The objects' keys, each once. Throws where an object is of another model or not saved. */
  keysOf(objects: readonly unknown[]): unknown[] {
    const { objectName, concreteModel } = this.relation.model._meta;
    const target = this.#otherTarget;
    const keys = objects.map((object) => {
      if (typeof object !== "object" || object === null) return this.#normalised(target, object);
      const isRight = object instanceof concreteModel;
      const key = isRight ? (object as never as Attributes)[target.attname] : undefined;
      if (key === undefined) throw new FieldError(`"${objectName}" instance expected, got ${String(object)}.`);
      if (key === null) throw new FieldError(`An unsaved ${objectName} cannot be related; save it first.`);
      return key;
    });
    return [...new Set(keys)];
  }

  /** A key as an object would have it, `"7"` as 7. */
  #normalised(target: Field, key: unknown): unknown {
    const { vendor } = this.connection;
    return target.fromDb(target.toDb(key, vendor), vendor);
  }

  /** The keys of objects that routers let be related to this one. The sentence is Django's. */
  allowedKeys(objects: readonly unknown[]): unknown[] {
    const keys = this.keysOf(objects);
    for (const object of objects) {
      if (!(object instanceof this.relation.model) || router.allowRelation(object, this.instance)) continue;
      const [own, other] = [stateOf(this.instance).db, stateOf(object).db];
      throw new FieldError(`Cannot add "${object}": instance is on database "${own}", value is on database "${other}"`);
    }
    return keys;
  }

  /** Runs a change in one transaction; what was loaded before it is forgotten. */
  async change<T>(run: () => Promise<T>): Promise<T> {
    this.ownKey();
    const result = await atomic(run, { using: this.connection.alias, savepoint: false });
    this.forget();
    return result;
  }

  forget(): void {
    stateOf(this.instance).related?.delete(cacheName(this.relation));
    forgetToMany(this.instance, this.relation);
  }
}

/** The field of one side whose values the other side, or the table between, holds. */
function targetOf(field: Field, reverse: boolean): Field {
  if (!field.isManyToMany) return field.targetField;
  const { fromTarget, toTarget } = field.model._meta.manyToManyColumns(field);
  return reverse ? toTarget : fromTarget;
}
