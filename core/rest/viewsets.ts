import { settings } from "../conf/settings.ts";
import type { BaseModel, ModelClass } from "../db/models.ts";
import type { QuerySet } from "../db/queryset.ts";
import { IntegrityError } from "../exceptions.ts";
import { actionsOf } from "./decorators.ts";
import { NotFound, ValidationError } from "./exceptions.ts";
import type { FilterBackendClass } from "./filters.ts";
import type { PaginationClass } from "./pagination.ts";
import type { PermissionLike, PermissionsByAction } from "./permissions.ts";
import type { Resource } from "./resource.ts";
import { Response } from "./response.ts";
import type { SchemaClass } from "./serializers.ts";
import { constraintErrors } from "./unique.ts";
import { APIView } from "./views.ts";

/** Attributes of an object by name: what a schema made of a body. */
export type Values = Record<string, unknown>;

/** Views of one thing together, mounted by a router: each method that a route names is an action. DRF's `ViewSet`. */
export abstract class ViewSet extends APIView {
  /** Permissions of single actions; the others keep `permissionClasses`. */
  declare permissionClassesByAction?: PermissionsByAction;
  /** The routed actions that there are: `["list", "create"]`. Default: all that the class has. */
  declare actions?: readonly string[];

  static override readonly fields: readonly string[] = [...APIView.fields, "permissionClassesByAction", "actions"];

  override getPermissions(): PermissionLike[] {
    const own = this.action === null ? undefined : this.permissionClassesByAction?.[this.action];
    return [...(own ?? this.permissionClasses ?? [])];
  }
}

const modelFields = [
  "model",
  "queryset",
  "schema",
  "inputSchema",
  "outputSchema",
  "schemaByAction",
  "lookupField",
  "lookupUrlKwarg",
  "lookupValueRegex",
  "paginationClass",
  "filterBackends",
  "filterFields",
  "searchFields",
  "orderingFields",
  "ordering",
];

/**
 * The six endpoints of a model: list, create, retrieve, update, partial update, destroy. DRF's `ModelViewSet`.
 *
 * `list()` is where one looks first. Every step can be overridden: `getQueryset`, `filterQueryset`, `getObject`,
 * `performCreate`, `performUpdate`, `performDestroy`, or an action as a whole.
 *
 * @example
 * ```ts
 * export class BookViewSet extends ModelViewSet<Book> {
 *   model = Book;
 *   schema = BookSchema;
 *   permissionClasses = [IsAuthenticatedOrReadOnly];
 * }
 * ```
 */
export class ModelViewSet<M extends BaseModel = BaseModel> extends ViewSet {
  /** The model that is served. */
  declare model: ModelClass<M>;
  /** Which rows there are; default all of them. */
  declare queryset?: QuerySet<M>;
  /** Both ways. */
  declare schema?: SchemaClass;
  /** What comes in. */
  declare inputSchema?: SchemaClass;
  /** What goes out. */
  declare outputSchema?: SchemaClass;
  /** Schemas of single actions, both ways. */
  declare schemaByAction?: Readonly<Record<string, SchemaClass>>;
  /** The field by which one row is found. Default `pk`. */
  declare lookupField?: string;
  /** The name of the path's parameter. Default: `lookupField`. */
  declare lookupUrlKwarg?: string;
  /** What that parameter must match. Default `[^/.]+`. */
  declare lookupValueRegex?: string;
  /** Null for whole lists. Default: the setting's. */
  declare paginationClass?: PaginationClass | null;
  declare filterBackends?: readonly FilterBackendClass[];
  declare filterFields?: Readonly<Record<string, readonly string[]>> | readonly string[];
  declare searchFields?: readonly string[];
  /** The fields that `?ordering=` may name. */
  declare orderingFields?: readonly string[];
  /** The order of a list that does not ask for one. */
  declare ordering?: readonly string[];

  static override readonly fields: readonly string[] = [...ViewSet.fields, ...modelFields];

  /** What the model and the schemas came to, worked out at mount. */
  get resource(): Resource<M> {
    return this.plan.resource as unknown as Resource<M>;
  }

  #write: { values: Values; instance: M | null } | null = null;

  /** GET /books/ */
  async list(): Promise<unknown> {
    const queryset = this.filterQueryset(this.getQueryset());
    const Pagination = this.resource.paginationClass;
    if (Pagination === null) return this.resource.renderMany(queryset, this);
    const page = await new Pagination().paginateQueryset(queryset, this.request);
    return page.envelope(await this.resource.renderMany(page.rows, this));
  }

  /** POST /books/ */
  async create(): Promise<Response> {
    const values = await this.validate(null);
    const instance = await this.performCreate(values);
    return new Response(await this.resource.renderOne(instance, this), { status: 201 });
  }

  /** GET /books/3/ */
  async retrieve(): Promise<unknown> {
    if (!this.resource.readsRows(this)) return this.resource.renderOne(await this.getObject(), this);
    const found = await this.resource.renderFound(this.filterQueryset(this.getQueryset()), this);
    return found ?? this.#notFound();
  }

  /** PUT /books/3/ */
  async update(): Promise<unknown> {
    return this.#update(false);
  }

  /** PATCH /books/3/ */
  async partialUpdate(): Promise<unknown> {
    return this.#update(true);
  }

  /** DELETE /books/3/ */
  async destroy(): Promise<Response> {
    await this.performDestroy(await this.getObject());
    return new Response(undefined, { status: 204 });
  }

  /** The rows that there are for this request. Must not be async: a queryset is awaitable, and would run. */
  getQueryset(): QuerySet<M> {
    // A queryset remembers its rows once it was asked; the one of the viewset must not.
    return this.resource.queryset.all();
  }

  /** The queryset, narrowed and ordered by the filter backends. */
  filterQueryset(queryset: QuerySet<M>): QuerySet<M> {
    for (const Backend of this.filterBackends ?? [])
      queryset = new Backend().filterQueryset(this.request, queryset, this);
    return queryset;
  }

  /** The row that the path names. Throws NotFound, and PermissionDenied where a permission refuses this object. */
  async getObject(): Promise<M> {
    const object = await this.resource.find(this.filterQueryset(this.getQueryset()), this.kwargs);
    if (!object) return this.#notFound();
    await this.checkObjectPermissions(object);
    return object;
  }

  /** The request's data, checked by the input schema. Throws a ValidationError. */
  async validate(instance: M | null, options: { partial?: boolean } = {}): Promise<Values> {
    const values = await this.resource.validate(this.request.data, {
      view: this,
      instance,
      partial: options.partial ?? false,
    });
    this.#write = { values, instance };
    return values;
  }

  /** Stores a new object. Override it to add what does not come from the client: `super.performCreate({ ...values, owner })`. */
  performCreate(values: Values): Promise<M> {
    return this.resource.create(values);
  }

  /** Stores what was changed. */
  performUpdate(instance: M, values: Values): Promise<M> {
    return this.resource.update(instance, values);
  }

  /** Deletes the object. */
  async performDestroy(instance: M): Promise<void> {
    await (instance as M & { delete(): Promise<unknown> }).delete();
  }

  /** A value that must be unique and is not is found by the database; here its error gets DRF's form. */
  override async handleException(error: unknown): Promise<Response> {
    if (error instanceof IntegrityError && this.#write) {
      const { values, instance } = this.#write;
      const errors =
        (await this.resource.uniqueErrors(values, instance)) ??
        (await constraintErrors(this.resource.model, error, values, instance));
      if (errors) return super.handleException(new ValidationError(errors));
    }
    return super.handleException(error);
  }

  #notFound(): never {
    throw new NotFound(notFoundMessage(this.resource.model));
  }

  async #update(partial: boolean): Promise<unknown> {
    const instance = await this.getObject();
    const values = await this.validate(instance, { partial });
    const updated = await this.performUpdate(instance, values);
    return this.resource.renderOne(updated, this);
  }
}

/** A ModelViewSet that only reads: list and retrieve. */
export class ReadOnlyModelViewSet<M extends BaseModel = BaseModel> extends ModelViewSet<M> {
  override actions: readonly string[] = ["list", "retrieve"];
}

function notFoundMessage(model: ModelClass): string | undefined {
  return settings.REST_FRAMEWORK.COMPATIBILITY === "3.14"
    ? undefined
    : `No ${model._meta.objectName} matches the given query.`;
}

/** The methods of a viewset that a route may name: DRF's six, and its extra actions. */
export function hasAction(view: ViewSet, name: string): boolean {
  const there = typeof (view as unknown as Values)[name] === "function";
  return (
    there &&
    (view.actions === undefined || view.actions.includes(name) || actionsOf(Object.getPrototypeOf(view)).has(name))
  );
}
