import type { BaseModel, ModelClass } from "../db/models.ts";
import type { Projection } from "../db/projection.ts";
import type { QuerySet } from "../db/queryset.ts";
import { ImproperlyConfigured } from "../exceptions.ts";
import { RawJson } from "../utils/raw_json.ts";
import type { ActionOptions } from "./decorators.ts";
import { defaultPolicy } from "./defaults.ts";
import { ValidationError } from "./exceptions.ts";
import type { FieldContext } from "./fields.ts";
import { lookupValue } from "./lookup_value.ts";
import { type GeneratedFrom, generatedFrom } from "./model_schema.ts";
import type { PaginationClass } from "./pagination.ts";
import { asksObject } from "./plan.ts";
import { loadPaths, projectionOf } from "./query_plan.ts";
import { type CompiledSchema, compileSchema, type SchemaClass } from "./serializers.ts";
import { uniqueErrors } from "./unique.ts";
import { ModelViewSet, type Values } from "./viewsets.ts";

/** What a validation needs to know beside the data. */
export interface ValidateOptions<M extends BaseModel> {
  view: ModelViewSet<M>;
  /** The object being changed; null on creation. */
  instance: M | null;
  partial: boolean;
}

/**
 * What one action of a ModelViewSet works with: its model and its schemas, compiled, and the query that the output schema
 * decides. Made once, when the router mounts the viewset.
 */
export class Resource<M extends BaseModel = BaseModel> {
  readonly model: ModelClass<M>;
  readonly queryset: QuerySet<M>;
  readonly input: CompiledSchema;
  readonly output: CompiledSchema;
  readonly paginationClass: PaginationClass | null;
  readonly lookupField: string;
  readonly lookupUrlKwarg: string;
  /** The columns, joins and prefetches of the output schema; null where it wants whole objects. */
  readonly projection: Projection | null;
  readonly #generated: GeneratedFrom | undefined;
  readonly #loads: { one: string[]; many: string[] };

  constructor(view: ModelViewSet<M>, schemas: { input: SchemaClass; output: SchemaClass }) {
    this.model = view.model;
    this.queryset = view.queryset ?? (view.model as unknown as { objects: { all(): QuerySet<M> } }).objects.all();
    this.input = compileSchema(schemas.input);
    this.output = compileSchema(schemas.output);
    this.#generated = generatedFrom(schemas.input);
    this.paginationClass = view.paginationClass === undefined ? defaultPolicy().paginationClass : view.paginationClass;
    this.lookupField = view.lookupField ?? "pk";
    this.lookupUrlKwarg = view.lookupUrlKwarg ?? this.lookupField;
    this.projection = projectionOf(this.output, this.model);
    this.#loads = loadPaths(this.output, this.model);
  }

  /** All rows of a queryset as the output schema shows them: one array, as JSON text. */
  async renderMany(queryset: QuerySet<M>, view: ModelViewSet<M>): Promise<RawJson> {
    const rows = this.projection ? await queryset.project(this.projection) : await this.#loaded(queryset);
    const context = contextOf(view);
    return new RawJson(`[${rows.map((row) => this.output.toJson(row, context)).join(",")}]`);
  }

  /** One object. Where the schema reaches past its own columns, the row is read again with what belongs to it. */
  async renderOne(instance: M, view: ModelViewSet<M>): Promise<RawJson> {
    const context = contextOf(view);
    if (this.#isFlat) return new RawJson(this.output.toJson(instance, context));
    const row = (await this.#reload(view.getQueryset(), instance)) ?? (await this.#reload(this.queryset, instance));
    return new RawJson(this.output.toJson(row ?? instance, context));
  }

  /** Whether a row can be shown without its object: nobody asks about the object, and nobody overrides how it is found. */
  readsRows(view: ModelViewSet<M>): boolean {
    return this.projection !== null && !asksObject(view.plan) && view.getObject === ModelViewSet.prototype.getObject;
  }

  /** The row that the path names, as text; null where there is none. */
  async renderFound(queryset: QuerySet<M>, view: ModelViewSet<M>): Promise<RawJson | null> {
    const narrowed = this.#lookup(queryset, view.kwargs);
    const [row] = narrowed && this.projection ? await narrowed.slice(0, 1).project(this.projection) : [];
    return row ? new RawJson(this.output.toJson(row, contextOf(view))) : null;
  }

  /** The object that the path names, or null. */
  async find(queryset: QuerySet<M>, kwargs: Readonly<Record<string, string>>): Promise<M | null> {
    return (await this.#lookup(queryset, kwargs)?.first()) ?? null;
  }

  /** The values that the input schema makes of the data. Throws a ValidationError. */
  async validate(data: unknown, { view, instance, partial }: ValidateOptions<M>): Promise<Values> {
    const context = { request: view.request, view };
    const result = await this.input.parse(data, { partial, instance, context });
    if (result.ok) return result.value as Values;
    throw new ValidationError(await this.#withUnique(result, instance));
  }

  /** Stores a new object and its relations to many. */
  async create(values: Values): Promise<M> {
    const { columns, many } = this.#split(values);
    const instance = new this.model(columns);
    await saved(instance);
    await setMany(instance, many);
    return instance;
  }

  /** Stores what was changed of an object, and its relations to many. */
  async update(instance: M, values: Values): Promise<M> {
    const { columns, many } = this.#split(values);
    Object.assign(instance, columns);
    await saved(instance);
    await setMany(instance, many);
    return instance;
  }

  /** The errors of values that must be unique and are not, or null where none is found. */
  async uniqueErrors(values: Values, instance: M | null): Promise<Record<string, unknown> | null> {
    return this.#generated ? uniqueErrors(this.input, this.#generated, values, instance) : null;
  }

  /** A single write without hooks of the project's own is one statement, and needs no transaction around it. */
  needsTransaction(view: ModelViewSet, action: string | null): boolean {
    const plain = ModelViewSet.prototype as unknown as Record<string, unknown>;
    const own = view as unknown as Record<string, unknown>;
    const untouched = (names: string[]) => names.every((name) => own[name] === plain[name]);
    const many = this.input.fields.some((field) => this.model._meta.byName.get(field.source)?.isManyToMany);
    if (action === "create") return many || !untouched(["create", "performCreate", "validate"]);
    return true;
  }

  get #isFlat(): boolean {
    const { one, many } = this.#loads;
    return this.projection !== null && one.length === 0 && many.length === 0;
  }

  #lookup(queryset: QuerySet<M>, kwargs: Readonly<Record<string, string>>): QuerySet<M> | null {
    const field = this.model._meta.getField(this.lookupField);
    const value = lookupValue(field, kwargs[this.lookupUrlKwarg] ?? "");
    return value === undefined ? null : queryset.where(field.name, value);
  }

  async #reload(queryset: QuerySet<M>, instance: M): Promise<object | null> {
    const narrowed = queryset.where("pk", instance.pk).slice(0, 1);
    const rows = this.projection ? await narrowed.project(this.projection) : await this.#loaded(narrowed);
    return rows[0] ?? null;
  }

  async #loaded(queryset: QuerySet<M>): Promise<object[]> {
    const { one, many } = this.#loads;
    const joined = one.length > 0 ? queryset.selectRelated(...(one as never[])) : queryset;
    return many.length > 0 ? joined.prefetchRelated(...(many as never[])) : joined;
  }

  /** Where something else is wrong too, uniqueness is asked, so that a client sees all its errors at once. */
  async #withUnique({ errors, value }: { errors: unknown; value: unknown }, instance: M | null): Promise<unknown> {
    const unique = await this.uniqueErrors(value as Values, instance);
    return unique ? { ...unique, ...(errors as object) } : errors;
  }

  #split(values: Values): { columns: Values; many: [string, unknown][] } {
    const entries = Object.entries(values);
    const isMany = ([name]: [string, unknown]) => this.model._meta.byName.get(name)?.isManyToMany ?? false;
    return { columns: Object.fromEntries(entries.filter((entry) => !isMany(entry))), many: entries.filter(isMany) };
  }
}

/** What fields and method fields may look at while they show a value. */
function contextOf<M extends BaseModel>(view: ModelViewSet<M>): FieldContext {
  return { partial: false, instance: null, request: view.request, view };
}

async function saved(instance: BaseModel): Promise<void> {
  await (instance as BaseModel & { save(): Promise<void> }).save();
}

async function setMany(instance: BaseModel, many: [string, unknown][]): Promise<void> {
  for (const [name, objects] of many) {
    const manager = (instance as unknown as Record<string, { set(objects: unknown): Promise<void> }>)[name];
    await manager?.set(objects);
  }
}

/** The resource of one action of a viewset. Throws ImproperlyConfigured where it has no model or no schema. */
export function compileResource(view: ModelViewSet, action: string | null, options: Partial<ActionOptions>): Resource {
  const name = view.constructor.name;
  if (!view.model) throw new ImproperlyConfigured(`${name} has no model.`, { hint: "Set it: model = Book;" });
  const both = options.schema ?? (action === null ? undefined : view.schemaByAction?.[action]) ?? view.schema;
  const input = options.inputSchema ?? both ?? view.inputSchema ?? view.outputSchema;
  const output = options.outputSchema ?? both ?? view.outputSchema ?? view.inputSchema;
  if (!input || !output)
    throw new ImproperlyConfigured(`${name} has no schema.`, { hint: "Set schema, or inputSchema and outputSchema." });
  return new Resource(view, { input, output });
}
