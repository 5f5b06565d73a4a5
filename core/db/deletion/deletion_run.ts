import type { Connection } from "../backends/base.ts";
import type { Field } from "../fields/field.ts";
import type { BaseModel, ModelClass } from "../models.ts";
import { postDelete, preDelete } from "../signals.ts";
import { deleteByKeys, type KeyColumn, updateByKeys } from "../sql/key_statements.ts";

/** How many rows were deleted, in all and by model: `[3, { "library.Book": 1, "library.Review": 2 }]`. */
export type Deleted = [total: number, byModel: Record<string, number>];

type Attributes = Record<string, unknown>;

/** Rows that go unseen, by the key in one of their columns. */
interface Unseen {
  label: string;
  at: KeyColumn;
  keys: unknown[];
}

/** Rows whose foreign key changes, by what it holds. */
interface Update {
  field: Field;
  keys: unknown[];
  value: unknown;
}

/**
 * What was found to go with some objects, and how it goes:
 *
 *  1. `preDelete` is sent for every object, those that refer to others first.
 *  2. Rows that nobody needs to see are deleted, the pairs of many-to-many relations among them.
 *  3. Foreign keys that are to refer elsewhere are changed.
 *  4. The objects' rows are deleted, model by model, each followed by its `postDelete`.
 */
export class Deletion {
  readonly #connection: Connection;
  readonly #origin: object;
  readonly #objects = new Map<ModelClass, Map<unknown, BaseModel>>();
  readonly #unseen: Unseen[] = [];
  readonly #updates: Update[] = [];
  readonly #counts: Record<string, number> = {};

  constructor(connection: Connection, origin: object) {
    this.#connection = connection;
    this.#origin = origin;
  }

  /** Adds objects of one model; gives those that were not there. */
  add(objects: readonly BaseModel[]): BaseModel[] {
    if (objects.length === 0) return [];
    const model = objects[0].constructor as ModelClass;
    const known = this.#objects.get(model) ?? new Map<unknown, BaseModel>();
    this.#objects.set(model, known);
    const fresh = objects.filter((object) => !known.has(object.pk));
    for (const object of fresh) known.set(object.pk, object);
    return fresh;
  }

  has(object: BaseModel): boolean {
    return this.#objects.get(object.constructor as ModelClass)?.has(object.pk) ?? false;
  }

  /** Adds the pairs of a many-to-many relation that some objects stand in, at either side. */
  addPairs(field: Field, objects: readonly BaseModel[], reverse: boolean): void {
    const { table, from, to, fromTarget, toTarget } = field.model._meta.manyToManyColumns(field);
    const [column, target] = reverse ? [to, toTarget] : [from, fromTarget];
    const keys = objects.map((object) => (object as never as Attributes)[target.attname]);
    this.#unseen.push({
      label: `${field.model._meta.label}_${field.name}`,
      at: { table, column, field: target },
      keys,
    });
  }

  /** Adds the rows that refer to some keys, to be deleted without a look at them. */
  addBlind(field: Field, keys: unknown[]): void {
    const { label, dbTable } = field.model._meta;
    this.#unseen.push({ label, at: { table: dbTable, column: field.column, field }, keys });
  }

  addUpdate(field: Field, keys: unknown[], value: unknown): void {
    this.#updates.push({ field, keys, value });
  }

  /** The short way of one object that nothing else depends on. */
  async deleteOne(object: BaseModel): Promise<Deleted> {
    this.add([object]);
    await this.#deleteRows(object.constructor as ModelClass, [object]);
    return this.#finish();
  }

  async run(): Promise<Deleted> {
    const ordered = this.#inOrder();
    for (const [, objects] of ordered) await this.#tell(preDelete, objects);
    for (const { label, at, keys } of this.#unseen) {
      this.#count(label, await deleteByKeys(this.#connection, at, keys));
    }
    for (const { field, keys, value } of this.#updates) {
      const at = { table: field.model._meta.dbTable, column: field.column, field };
      await updateByKeys(this.#connection, at, keys, { field, value });
    }
    for (const [model, objects] of ordered) {
      await this.#deleteRows(model, objects);
      await this.#tell(postDelete, objects.toReversed());
    }
    return this.#finish();
  }

  async #tell(signal: typeof preDelete, objects: readonly BaseModel[]): Promise<void> {
    if (!signal.hasListeners) return;
    for (const instance of objects) {
      const about = { instance, using: this.#connection.alias, origin: this.#origin };
      await signal.send(about, instance.constructor);
    }
  }

  async #deleteRows({ _meta }: ModelClass, objects: readonly BaseModel[]): Promise<void> {
    const at = { table: _meta.dbTable, column: _meta.pk.column, field: _meta.pk };
    const keys = objects.map((object) => object.pk);
    this.#count(_meta.label, await deleteByKeys(this.#connection, at, keys));
  }

  #count(label: string, count: number): void {
    if (count > 0) this.#counts[label] = (this.#counts[label] ?? 0) + count;
  }

  #finish(): Deleted {
    for (const [model, objects] of this.#objects) {
      const { attname } = model._meta.pk;
      for (const object of objects.values()) (object as never as Attributes)[attname] = null;
    }
    const total = Object.values(this.#counts).reduce((sum, count) => sum + count, 0);
    return [total, this.#counts];
  }

  /** A model comes before those that it refers to; where they go round in a circle, the database's deferral helps. */
  #inOrder(): [model: ModelClass, objects: readonly BaseModel[]][] {
    const ordered: ModelClass[] = [];
    const visit = (model: ModelClass, above: readonly ModelClass[]) => {
      if (ordered.includes(model) || above.includes(model)) return;
      for (const { field } of model._meta.relatedObjects) {
        for (const other of this.#objects.keys()) {
          if (!field.isManyToMany && other._meta.concreteModel === field.model) visit(other, [...above, model]);
        }
      }
      ordered.push(model);
    };
    for (const model of this.#objects.keys()) visit(model, []);
    return ordered.map((model) => [model, sorted([...(this.#objects.get(model)?.values() ?? [])])]);
  }
}

/** By their keys, where these can be compared. */
function sorted(objects: BaseModel[]): BaseModel[] {
  return objects.sort(({ pk: one }, { pk: other }) => {
    if (typeof one !== typeof other) return 0;
    return (one as number) < (other as number) ? -1 : Number((one as number) > (other as number));
  });
}
