// From natural keys to keys, while a fixture is loaded.
import { ObjectDoesNotExist } from "../../exceptions.ts";
import { snakeCase } from "../../utils/text.ts";
import type { Connection } from "../connections.ts";
import type { Field } from "../fields/field.ts";
import type { BaseModel, ModelClass } from "../models.ts";
import { DeserializationError, type FixtureObject, linkedKey, NaturalKey } from "./fixtures.ts";
import { djangoJson } from "./json.ts";
import { managerFor } from "./managers.ts";
import { findsByNaturalKey, hasNaturalKey, type NaturalKeyManager, naturalKeyOf } from "./natural_keys.ts";
import { instanceOf } from "./signals.ts";

/** Whether something of the object is named by a natural key, its own row or one that it refers to. */
export function isNatural(object: FixtureObject): boolean {
  return isFoundByContent(object) || naturalFields(object).length > 0;
}

/** The row has no key in the fixture, and is replaced where there is one of its natural key. */
function isFoundByContent({ pk, model }: FixtureObject): boolean {
  return pk === null && hasNaturalKey(model) && findsByNaturalKey(model);
}

function naturalFields({ columns, many }: FixtureObject): Field[] {
  const single = [...columns].filter(([, value]) => value instanceof NaturalKey).map(([field]) => field);
  const paired = [...many].filter(([, keys]) => keys.some((key) => key instanceof NaturalKey)).map(([field]) => field);
  return [...single, ...paired];
}

/** What of an object cannot be found yet. */
export interface Missing {
  object: FixtureObject;
  field: Field;
  key: NaturalKey;
}

/** Finds rows by natural keys, each of them once. */
export class NaturalReferences {
  readonly #connection: Connection;
  readonly #found = new Map<ModelClass, Map<string, unknown>>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** The object with keys in place of natural keys, or the first one that leads to nothing. */
  async resolve(object: FixtureObject): Promise<FixtureObject | Missing> {
    const columns = new Map(object.columns);
    const many = new Map(object.many);
    for (const field of naturalFields(object)) {
      const keys = field.isManyToMany ? (many.get(field) ?? []) : [columns.get(field)];
      const found: unknown[] = [];
      for (const key of keys) {
        const value = key instanceof NaturalKey ? await this.#find(field, key) : key;
        if (value === undefined) return { object, field, key: key as NaturalKey };
        found.push(value);
      }
      if (field.isManyToMany) many.set(field, found);
      else columns.set(field, found[0]);
    }
    const resolved = { ...object, columns, many, pk: object.pk ?? linkedKey(object.model, columns) };
    return isFoundByContent(resolved) ? { ...resolved, pk: await this.#ownKey(resolved) } : resolved;
  }

  /** What a reference to the row holds, or undefined where there is no such row. */
  async #find(field: Field, { values }: NaturalKey): Promise<unknown> {
    const model = field.relatedModel;
    const known = this.#found.get(model) ?? new Map<string, unknown>();
    this.#found.set(model, known);
    const { attname } = field.isManyToMany ? model._meta.pk : field.targetField;
    const text = `${attname} ${djangoJson(values)}`;
    if (known.has(text)) return known.get(text);
    const row = await this.#get(model, values);
    const value = row && (row as never as Record<string, unknown>)[attname];
    if (row) known.set(text, value);
    return value;
  }

  /** The key of the row that has the object's natural key, or null. */
  async #ownKey(object: FixtureObject): Promise<unknown> {
    const instance = instanceOf(object, this.#connection);
    const row = await this.#get(object.model, await naturalKeyOf(instance));
    return row?.pk ?? null;
  }

  async #get(model: ModelClass, key: readonly unknown[]): Promise<BaseModel | undefined> {
    const manager = managerFor(model, this.#connection.alias) as unknown as NaturalKeyManager;
    try {
      return await manager.getByNaturalKey(...(key as never[]));
    } catch (error) {
      if (error instanceof ObjectDoesNotExist) return undefined;
      throw error;
    }
  }
}

/** The error of a natural key that leads to nothing, even when everything else is there. */
export function unresolvable({ object, field, key }: Missing): DeserializationError {
  const other = field.relatedModel._meta.label;
  const place = `${object.label}, field "${snakeCase(field.name)}"`;
  return new DeserializationError(`${place}: there is no ${other} with the natural key ${djangoJson(key.values)}.`);
}
