import { type CheckMessage, ErrorMessage } from "../checks/messages.ts";
import { declarePrivateField } from "../db/meta/model_state.ts";
import type { PrivateField } from "../db/meta/options.ts";
import { BaseModel, type ModelClass, stateOf } from "../db/models.ts";
import { genericCacheName } from "../db/related/generic.ts";
import { makeLeaf } from "../db/sql/conditions.ts";
import { fetchObjects } from "../db/sql/execution.ts";
import { parseLookup } from "../db/sql/lookup_path.ts";
import { relatedCache } from "../db/sql/plans.ts";
import { QueryState, type SubQuery } from "../db/sql/query_state.ts";
import { FieldError } from "../exceptions.ts";
import { ContentType } from "./models.ts";

type Attributes = Record<string, unknown>;

/** How a {@link GenericForeignKey} is declared. */
export interface GenericForeignKeyOptions {
  /** False where a proxy is to be remembered as such, not as the model that it stands for. Default true. */
  forConcreteModel?: boolean;
}

/**
 * A reference to a row of any model, kept in two other fields: what model, and which row of it. Awaiting it loads the
 * objects for all rows of the same result, with one query for each model; setting it sets the two fields.
 *
 * @param contentTypeField the name of a ForeignKey to ContentType
 * @param objectIdField the name of the field that holds the other row's key
 * @example
 * class TaggedItem extends Model {
 *   @ForeignKey(() => ContentType, { onDelete: CASCADE }) contentType!: Related<ContentType>;
 *   @PositiveIntegerField() objectId!: number;
 *   @GenericForeignKey("contentType", "objectId") item!: Related<BaseModel | null>;
 * }
 */
export function GenericForeignKey(
  contentTypeField = "contentType",
  objectIdField = "objectId",
  options: GenericForeignKeyOptions = {},
) {
  return (target: object, name: string): void => {
    declarePrivateField(target, name, (model) => {
      const field = new GenericReference(model, name, { contentTypeField, objectIdField, ...options });
      model._meta.privateFields.push(field);
      Object.defineProperty(model.prototype, name, {
        configurable: true,
        get(this: BaseModel) {
          return field.read(this);
        },
        set(this: BaseModel, value: unknown) {
          field.write(this, value);
        },
      });
    });
  };
}

interface GenericReferenceOptions extends GenericForeignKeyOptions {
  contentTypeField: string;
  objectIdField: string;
}

/** The names of a model's reference to any row, as its `_meta.privateFields` has them. */
export class GenericReference implements PrivateField {
  readonly model: ModelClass;
  readonly name: string;
  readonly contentTypeField: string;
  readonly objectIdField: string;
  readonly forConcreteModel: boolean;
  readonly #loading = new WeakMap<object, Promise<unknown>>();

  constructor(model: ModelClass, name: string, options: GenericReferenceOptions) {
    this.model = model;
    this.name = name;
    this.contentTypeField = options.contentTypeField;
    this.objectIdField = options.objectIdField;
    this.forConcreteModel = options.forConcreteModel ?? true;
  }

  get #typeName(): string {
    return this.model._meta.getField(this.contentTypeField).attname;
  }

  get #cacheName(): string {
    return genericCacheName(this.objectIdField);
  }

  #typeOf(object: BaseModel): number | null {
    return ((object as never as Attributes)[this.#typeName] as number | null | undefined) ?? null;
  }

  #keyOf(object: BaseModel): unknown {
    return (object as never as Attributes)[this.objectIdField] ?? null;
  }

  #knownType(object: BaseModel, other: BaseModel): ContentType | undefined {
    const { forConcreteModel } = this;
    const { db } = stateOf(object);
    const options = { forConcreteModel, ...(db === null ? {} : { using: db }) };
    return ContentType.objects.peekForModel(other.constructor as ModelClass, options);
  }

  /** The object that is meant where it is loaded, else a promise; null where nothing is meant. */
  read(object: BaseModel): BaseModel | null | Promise<BaseModel | null> {
    const cached = this.#cached(object);
    if (cached !== undefined) return cached;
    if (this.#typeOf(object) === null || this.#keyOf(object) === null) return null;
    return this.#load(object);
  }

  /** Those who ask at the same time wait for the same queries. */
  async #load(object: BaseModel): Promise<BaseModel | null> {
    const peers = stateOf(object).peers ?? [object];
    let running = this.#loading.get(peers);
    if (!running) {
      running = this.prefetch(peers).finally(() => this.#loading.delete(peers));
      this.#loading.set(peers, running);
    }
    await running;
    return this.#cached(object) ?? null;
  }

  /** What was loaded or set, as long as the two fields still say so. */
  #cached(object: BaseModel): BaseModel | null | undefined {
    const cached = stateOf(object).related?.get(this.#cacheName) as BaseModel | null | undefined;
    if (!cached) return cached;
    const key = this.#keyOf(object);
    const isSame = key === null ? cached.pk == null : String(cached.pk) === String(key);
    if (!isSame) return undefined;
    const type = this.#knownType(object, cached);
    return type && this.#typeOf(object) !== null && type.id !== this.#typeOf(object) ? undefined : cached;
  }

  /** Sets the key now, and the content type as soon as it is known: at the latest before the object is saved. */
  write(object: BaseModel, value: unknown): void {
    const attributes = object as never as Attributes;
    if (value === null) {
      Object.assign(attributes, { [this.#typeName]: null, [this.objectIdField]: null });
    } else if (value instanceof BaseModel) {
      const type = this.#knownType(object, value);
      Object.assign(attributes, { [this.#typeName]: type?.id ?? null, [this.objectIdField]: this.#idOf(value) });
    } else {
      throw new FieldError(`"${this.model._meta.objectName}.${this.name}" must be an object of some model, or null.`, {
        hint: value instanceof Promise ? "Await it first." : `A key is set as ${this.objectIdField}.`,
      });
    }
    relatedCache(object).set(this.#cacheName, value);
  }

  /** The key as the object id's field has it: as text, where it is text. */
  #idOf({ pk }: BaseModel): unknown {
    if (pk === null || pk === undefined) return null;
    const field = this.model._meta.getField(this.objectIdField);
    return typeof field.fromDb(String(pk), "postgresql") === "string" ? String(pk) : pk;
  }

  async beforeSave(object: BaseModel, using: string): Promise<void> {
    const set = stateOf(object).related?.get(this.#cacheName) as BaseModel | null | undefined;
    if (!set || (this.#typeOf(object) !== null && this.#keyOf(object) !== null)) return;
    if (set.pk === null || set.pk === undefined) throw unsaved(this, set);
    const { forConcreteModel } = this;
    const type = await ContentType.objects.getForModel(set.constructor as ModelClass, { forConcreteModel, using });
    Object.assign(object, { [this.#typeName]: type.id, [this.objectIdField]: this.#idOf(set) });
  }

  /** One query for each model among the objects' references. */
  async prefetch(objects: readonly BaseModel[], querysets: readonly SubQuery[] = []): Promise<BaseModel[]> {
    const lacking = objects.filter((object) => this.#cached(object) === undefined);
    const types = new Set(lacking.map((object) => this.#typeOf(object)).filter((type) => type !== null));
    for (const type of types) {
      await this.#loadOfType(
        type,
        lacking.filter((object) => this.#typeOf(object) === type),
        querysets,
      );
    }
    return objects.map((object) => this.#cached(object)).filter((other) => other !== null && other !== undefined);
  }

  async #loadOfType(id: number, objects: readonly BaseModel[], querysets: readonly SubQuery[]): Promise<void> {
    const { db } = stateOf(objects[0]);
    const type = await ContentType.objects.getForId(id, db ?? undefined);
    const model = type.modelClass();
    const found = model
      ? await rowsOf(
          model,
          objects.map((object) => this.#keyOf(object)),
          db,
          querysets,
        )
      : [];
    const byKey = new Map(found.map((other) => [String(other.pk), other]));
    for (const object of objects) {
      relatedCache(object).set(this.#cacheName, byKey.get(String(this.#keyOf(object))) ?? null);
    }
  }

  check(): CheckMessage[] {
    const { byName, objectName, label } = this.model._meta;
    const obj = `${label}.${this.name}`;
    const type = byName.get(this.contentTypeField);
    const wrong = (id: string, msg: string, hint?: string) =>
      new ErrorMessage(msg, { id, obj, ...(hint ? { hint } : {}) });
    const found: CheckMessage[] = [];
    if (this.name.endsWith("_")) found.push(wrong("fields.E001", "Field names must not end with an underscore."));
    if (!byName.has(this.objectIdField)) {
      const msg = `The GenericForeignKey object ID references the nonexistent field '${this.objectIdField}'.`;
      found.push(wrong("contenttypes.E001", msg));
    }
    const named = `'${objectName}.${this.contentTypeField}'`;
    const hint = "GenericForeignKeys must use a foreign key to 'contenttypes.ContentType' as the 'content_type' field.";
    if (!type) {
      const msg = `The GenericForeignKey content type references the nonexistent field ${named}.`;
      found.push(wrong("contenttypes.E002", msg));
    } else if (!type.isForeignKey) found.push(wrong("contenttypes.E003", `${named} is not a ForeignKey.`, hint));
    else if ((type.relatedModel as unknown) !== ContentType) {
      found.push(wrong("contenttypes.E004", `${named} is not a ForeignKey to 'contenttypes.ContentType'.`, hint));
    }
    return found;
  }
}

function unsaved({ name }: GenericReference, other: BaseModel): FieldError {
  return new FieldError(`save() prohibited to prevent data loss due to unsaved related object "${name}".`, {
    hint: `Save the ${other.constructor.name} first.`,
  });
}

/** Rows by their keys, past the model's own managers, or of the queryset that was given for their model. */
async function rowsOf(model: ModelClass, keys: readonly unknown[], db: string | null, querysets: readonly SubQuery[]) {
  const given = querysets.find(({ queryState }) => queryState.model === model)?.queryState;
  const { pk } = model._meta;
  const values = new Set(keys.map((key) => pk.fromDb(String(key), "postgresql")));
  const leaf = makeLeaf(parseLookup(model, "pk__in"), [...values]);
  const query = given ?? new QueryState(model).with({ order: [] });
  return fetchObjects(query.with({ where: [...query.where, leaf], db: query.db ?? db }));
}
