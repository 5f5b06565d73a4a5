import { declarePrivateField } from "../db/meta/model_state.ts";
import type { PrivateField } from "../db/meta/options.ts";
import type { BaseModel, ManyRelated, ModelClass } from "../db/models.ts";
import { installReverseAccessor } from "../db/related/accessors.ts";
import { genericReference, genericRelation, referenceValue, restrictions } from "../db/related/generic.ts";
import { inverseLookup } from "../db/related/inverse.ts";
import type { GenericLink, Relation } from "../db/related/relations.ts";
import { makeLeaf } from "../db/sql/conditions.ts";
import { fetchObjects } from "../db/sql/execution.ts";
import { QueryState } from "../db/sql/query_state.ts";
import { namesOf } from "./manager.ts";
import { ContentType } from "./models.ts";

/** How a {@link GenericRelation} is declared. */
export interface GenericRelationOptions {
  /** The other model's ForeignKey to ContentType; default `contentType`. */
  contentTypeField?: string;
  /** The other model's field with the key; default `objectId`. */
  objectIdField?: string;
  /** The name of this model in lookups of the other one; default none. */
  relatedQueryName?: string;
  /** False where rows that mean a proxy are another matter than those of the model that it stands for. */
  forConcreteModel?: boolean;
}

/**
 * The way back of a GenericForeignKey: the rows that mean an object. They can be filtered by, prefetched and changed
 * like any relation to many, and they are deleted with the object.
 *
 * @example
 * class Bookmark extends Model {
 *   @GenericRelation(() => TaggedItem, { relatedQueryName: "bookmark" }) tags!: ManyRelated<TaggedItem>;
 * }
 * await Bookmark.objects.filter({ tags__tag: "sea" });
 * await bookmark.tags.create({ tag: "sea" });
 */
export function GenericRelation<M extends BaseModel>(to: () => ModelClass<M>, options: GenericRelationOptions = {}) {
  return <C extends object, K extends keyof C & string>(
    target: C,
    name: K & ([C[K]] extends [ManyRelated<M>] ? unknown : { "the property's type must be": ManyRelated<M> }),
  ): void => {
    declarePrivateField(target, name as string, (model) => {
      model._meta.privateFields.push(new GenericWayBack(model, name as string, to as () => never, options));
    });
  };
}

class GenericWayBack implements PrivateField {
  readonly name: string;
  readonly #model: ModelClass;
  readonly #to: () => ModelClass;
  readonly #options: GenericRelationOptions;
  #relation: Relation | undefined;

  constructor(model: ModelClass, name: string, to: () => ModelClass, options: GenericRelationOptions) {
    this.#model = model;
    this.name = name;
    this.#to = to;
    this.#options = options;
  }

  get relation(): Relation {
    this.#relation ??= genericRelation(this.name, this.#link, this.#model);
    return this.#relation;
  }

  get #link(): GenericLink {
    const { contentTypeField = "contentType", objectIdField = "objectId", forConcreteModel = true } = this.#options;
    const { _meta: meta } = this.#to();
    return {
      contentType: meta.getField(contentTypeField),
      objectId: meta.getField(objectIdField),
      names: () => namesOf(this.#model, forConcreteModel),
      contentTypeKey: async (using) => {
        return (await ContentType.objects.getForModel(this.#model, { forConcreteModel, using })).id;
      },
    };
  }

  connect(): void {
    installReverseAccessor(this.#model, this.name, this.relation);
    const { relatedQueryName } = this.#options;
    const { privateFields } = this.#to()._meta;
    if (relatedQueryName === undefined || privateFields.some(({ name }) => name === relatedQueryName)) return;
    privateFields.push({
      name: relatedQueryName,
      relation: genericReference(relatedQueryName, this.#link, this.#model),
    });
  }

  async bulkRelatedObjects(objects: readonly BaseModel[], using: string): Promise<BaseModel[]> {
    const { relation } = this;
    const keys = objects.map((object) => referenceValue(relation, object.pk));
    const where = [makeLeaf(inverseLookup(relation, "in"), keys), ...restrictions(relation)];
    return fetchObjects(new QueryState(relation.model).with({ where, order: [], db: using }));
  }
}
