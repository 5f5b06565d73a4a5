import type { BaseModel } from "../models.ts";
import type { AddOptions, SetOptions } from "./many_to_many_writer.ts";
import type { RelatedSide } from "./related_side.ts";
import type { GenericLink } from "./relations.ts";

type Attributes = Record<string, unknown>;

/** What is asked of querysets here, for names that are known only at run time. */
interface Rows {
  where(path: string, value: unknown): Rows;
  using(alias: string): Rows;
  update(values: Attributes): Promise<number>;
  delete(): Promise<unknown>;
  valuesList(name: "pk", options: { flat: true }): PromiseLike<unknown[]>;
}

/** Changes which rows mean an object by a content type and an object id. What is taken out is deleted, as in Django. */
export class GenericWriter {
  readonly #side: RelatedSide;
  readonly #related: () => Rows;
  readonly #all: () => Rows;

  constructor(side: RelatedSide, rows: { related: () => unknown; all: () => unknown }) {
    this.#side = side;
    this.#related = rows.related as () => Rows;
    this.#all = rows.all as () => Rows;
  }

  /** What a row holds that means the object. */
  async values(): Promise<Attributes> {
    const { contentType, objectId, contentTypeKey } = this.#side.relation.generic as GenericLink;
    const key = await contentTypeKey(this.#side.connection.alias);
    return { [contentType.attname]: key, [objectId.attname]: this.#side.referenceKey() };
  }

  add(objects: readonly unknown[], { bulk = true }: AddOptions): Promise<void> {
    return this.#side.change(async () => {
      const values = await this.values();
      const using = this.#side.connection.alias;
      const rows = objects.filter((object) => typeof object === "object") as BaseModel[];
      for (const row of rows) Object.assign(row, values);
      if (bulk) await this.#all().using(using).where("pk__in", this.#side.keysOf(objects)).update(values);
      else for (const row of rows) await row.save({ using });
    });
  }

  remove(objects: readonly unknown[]): Promise<void> {
    return this.#delete(this.#side.keysOf(objects));
  }

  clear(): Promise<void> {
    return this.#delete(null);
  }

  #delete(keys: readonly unknown[] | null): Promise<void> {
    return this.#side.change(async () => {
      await (keys ? this.#related().where("pk__in", keys) : this.#related()).delete();
    });
  }

  set(objects: readonly unknown[], { clear = false, bulk = true }: SetOptions): Promise<void> {
    return this.#side.change(async () => {
      const kept = clear ? [] : this.#side.keysOf(objects);
      const current = await this.#related().valuesList("pk", { flat: true });
      await this.#delete(current.filter((key) => !kept.includes(key)));
      await this.add(objects, { bulk });
    });
  }
}
