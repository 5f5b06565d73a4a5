import { inspect } from "node:util";
import { FieldError } from "../../exceptions.ts";
import type { BaseModel, ModelClass } from "../models.ts";
import type { AddOptions, SetOptions } from "./many_to_many_writer.ts";
import type { RelatedSide } from "./related_side.ts";

type Attributes = Record<string, unknown>;

/** What is asked of querysets here, for names that are known only at run time. */
interface Rows {
  where(path: string, value: unknown): Rows;
  using(alias: string): Rows;
  update(values: Attributes): Promise<number>;
  valuesList(name: "pk", options: { flat: true }): PromiseLike<unknown[]>;
}

/** Changes which rows refer to an object by a foreign key. */
export class ReverseWriter {
  readonly #side: RelatedSide;
  readonly #related: () => Rows;
  readonly #all: () => Rows;

  /**
   * @param rows.related the rows that refer to the object
   * @param rows.all every row of their model
   */
  constructor(side: RelatedSide, rows: { related: () => unknown; all: () => unknown }) {
    this.#side = side;
    this.#related = rows.related as () => Rows;
    this.#all = rows.all as () => Rows;
  }

  /** Makes objects refer to this one: by one UPDATE, or each saved by itself. */
  async add(objects: readonly unknown[], { bulk = true }: AddOptions): Promise<void> {
    const { field } = this.#side.relation;
    const rows = objects.filter((object) => typeof object === "object") as BaseModel[];
    if (bulk) await this.#setForeignKeys(this.#side.keysOf(objects));
    for (const row of rows) (row as never as Attributes)[field.name] = this.#side.instance;
    if (!bulk) await this.#saveAll(rows);
    this.#side.forget();
  }

  async #setForeignKeys(keys: readonly unknown[]): Promise<void> {
    const rows = this.#all().using(this.#side.connection.alias).where("pk__in", keys);
    await rows.update({ [this.#side.relation.field.attname]: this.#side.ownKey() });
  }

  #saveAll(rows: readonly BaseModel[]): Promise<void> {
    const using = this.#side.connection.alias;
    return this.#side.change(async () => {
      for (const row of rows) await row.save({ using });
    });
  }

  async remove(objects: readonly unknown[]): Promise<void> {
    const keys = this.#side.keysOf(objects);
    for (const object of objects) this.#requireRelated(object);
    await this.#release(keys);
  }

  clear(): Promise<void> {
    return this.#release(null);
  }

  set(objects: readonly unknown[], { clear = false, bulk = true }: SetOptions): Promise<void> {
    return this.#side.change(async () => {
      if (this.#side.relation.field.null) {
        const kept = this.#side.keysOf(bulk ? objects : objects.filter((object) => !isNew(object)));
        const current = await this.#related().valuesList("pk", { flat: true });
        await this.#release(clear ? null : current.filter((key) => !kept.includes(key)));
      }
      if (objects.length > 0) await this.add(objects, { bulk });
    });
  }

  /** The sentence is Django's. */
  #requireRelated(object: unknown): void {
    const { instance, relation } = this.#side;
    if (typeof object !== "object" || object === null) return;
    if ((object as Attributes)[relation.field.attname] === this.#side.ownKey()) return;
    const { DoesNotExist } = instance.constructor as ModelClass;
    throw new DoesNotExist(`${inspect(object)} is not related to ${inspect(instance)}.`);
  }

  /** @param keys those to let go; null for all. */
  async #release(keys: readonly unknown[] | null): Promise<void> {
    const { field } = this.#side.relation;
    if (!field.null) {
      throw new FieldError(`${field.label} cannot be null, so nothing can be taken out of this relation.`, {
        hint: "Delete the objects, or let them refer to another one.",
      });
    }
    const rows = keys ? this.#related().where("pk__in", keys) : this.#related();
    await rows.update({ [field.attname]: null });
    this.#side.forget();
  }
}

function isNew(object: unknown): boolean {
  return typeof object === "object" && object !== null && (object as BaseModel).pk == null;
}
