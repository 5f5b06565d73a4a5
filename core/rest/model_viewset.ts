import type { BaseModel, ModelClass } from "../db/models.ts";
import type { CheckNames, CheckOrder } from "../db/query_types.ts";
import { ModelViewSet as Base } from "./viewsets.ts";

/** The fields of a ModelViewSet whose values are names of the model's fields. */
type Named = "model" | "orderingFields" | "ordering";

/** What `ModelViewSet(Book, …)` takes: a viewset's fields, the names among them checked by the compiler. */
export type ModelViewSetOptions<
  M extends BaseModel,
  O extends readonly string[],
  F extends readonly string[],
> = Partial<Pick<Base<M>, Exclude<ViewSetField, Named>>> & {
  /** The order of a list that does not ask for one. */
  ordering?: O & CheckOrder<M, M, O>;
  /** The fields that `?ordering=` may name. */
  orderingFields?: F & CheckNames<M, F>;
};

type ViewSetField =
  | "queryset"
  | "schema"
  | "inputSchema"
  | "outputSchema"
  | "schemaByAction"
  | "lookupField"
  | "lookupUrlKwarg"
  | "lookupValueRegex"
  | "paginationClass"
  | "filterBackends"
  | "filterFields"
  | "searchFields"
  | "permissionClasses"
  | "permissionClassesByAction"
  | "authenticationClasses"
  | "throttleClasses"
  | "rendererClasses"
  | "parserClasses"
  | "actions"
  | Named;

/** A class to extend, and a function that makes one. */
export interface ModelViewSetConstructor {
  new <M extends BaseModel = BaseModel>(): Base<M>;
  <M extends BaseModel, const O extends readonly string[] = [], const F extends readonly string[] = []>(
    model: ModelClass<M>,
    options: ModelViewSetOptions<M, O, F>,
  ): new () => Base<M>;
  readonly prototype: Base;
  readonly fields: readonly string[];
}

/**
 * The six endpoints of a model. Extended as a class its fields are plain names; called with a model and options it gives
 * a class whose field names the compiler has checked.
 *
 * @example
 * ```ts
 * export class BookViewSet extends ModelViewSet(Book, { schema: BookSchema, orderingFields: ["title", "author__name"] }) {}
 * ```
 */
export const ModelViewSet = new Proxy(Base, {
  apply: (_target, _this, [model, options]: [ModelClass, object]) => define(model, options),
}) as unknown as ModelViewSetConstructor;
export type ModelViewSet<M extends BaseModel = BaseModel> = Base<M>;

function define(model: ModelClass, options: object): typeof Base {
  class Defined extends Base {
    constructor() {
      super();
      Object.assign(this, { model, ...options });
    }
  }
  Object.defineProperty(Defined, "name", { value: `${model.name}ViewSet` });
  return Defined as unknown as typeof Base;
}
