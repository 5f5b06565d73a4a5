import type { CheckMessage } from "../../checks/messages.ts";
import { isConfigured, settings } from "../../conf/settings.ts";
import { FieldError } from "../../exceptions.ts";
import { closestMatch } from "../../utils/text.ts";
import type { Connection } from "../backends/base.ts";
import { features } from "../backends/features.ts";
import type { Field } from "../fields/field.ts";
import type { FieldKind } from "../fields/field_types.ts";
import type { BaseModel, ModelClass } from "../models.ts";
import { type ManyToManyColumns, manyToManyColumns, manyToManyTable } from "../related/many_to_many.ts";
import type { Relation } from "../related/relations.ts";
import type { SubQuery } from "../sql/query_state.ts";
import { DeclaredOptions } from "./declared_options.ts";
import type { MetaOptions } from "./meta.ts";
import { adopted, automaticKey, checkClashes, checkProxy, orderField, parentLinkOf } from "./model_fields.ts";

export type { ManyToManyColumns } from "../related/many_to_many.ts";
export type { MetaOptions } from "./meta.ts";

/** A relation seen from its other side: what `author.books` is. */
export interface RelatedObject {
  /** The name on this model: the `relatedName`, else `<model>Set`, or `<model>` for a one-to-one. */
  accessor: string;
  /** The name in lookups: the `relatedQueryName`, else the `relatedName`, else `<model>`. */
  queryName: string;
  /** The field at the other side. */
  field: Field;
  /** The model that declares `field`. */
  relatedModel: ModelClass;
  /** `relatedName: "+"`: there is no property and no lookup, only the reference itself. */
  hidden: boolean;
}

/** A field without a column: a `GenericForeignKey`, a `GenericRelation`. */
export interface PrivateField {
  readonly name: string;
  /** How lookups and prefetches of that name go on, where they do. */
  readonly relation?: Relation | undefined;
  /** Called once all models are known. */
  connect?(): void;
  /** The objects that go when these go. */
  bulkRelatedObjects?(objects: readonly BaseModel[], using: string): Promise<BaseModel[]>;
  /** Gives an object's columns their values before it is written. */
  beforeSave?(object: BaseModel, using: string): Promise<void>;
  /** Loads what the field means for many objects, of whatever models; with querysets for some of these. */
  prefetch?(objects: readonly BaseModel[], querysets?: readonly SubQuery[]): Promise<BaseModel[]>;
  check?(): CheckMessage[];
}

/**
 * What is known of a model: its names, its table, its fields. `Book._meta` is one, under the names of Django's
 * `Model._meta`.
 */
export class Options extends DeclaredOptions {
  /** The model above that has a table: what a proxy stands for, else the multi-table parent. Null for most. */
  readonly parent: ModelClass | null;
  /** The one-to-one field to a multi-table parent; its column is the key of this model's own table. */
  readonly parentLink: Field | null;
  /** What is no column of the model and yet a field of it: references to any model, and their ways back. */
  readonly privateFields: PrivateField[] = [];
  readonly #related: RelatedObject[] = [];
  #localFields: readonly Field[] = [];
  #localManyToMany: readonly Field[] = [];
  #fields: readonly Field[] = [];
  #manyToMany: readonly Field[] = [];
  #byName: ReadonlyMap<string, Field> = new Map();
  #pk: Field | undefined;

  /**
   * @param declared the fields of the class and of its abstract parents
   * @param meta the options that hold, see `effectiveMeta`
   * @param parent the nearest model above that has a table
   */
  constructor(model: ModelClass, declared: Iterable<Field>, meta: MetaOptions = {}, parent: ModelClass | null = null) {
    super(model, meta);
    this.parent = parent;
    if (this.proxy) checkProxy(model, parent);
    const own = [...declared].map((field) => adopted(field, model));
    this.parentLink = parent && !this.proxy && !this.abstract ? parentLinkOf(model, own, parent) : null;
    if (this.proxy || this.abstract) this.#localFields = own.filter((field) => !field.isManyToMany);
    else this.#localFields = this.#columns(own.filter((field) => !field.isManyToMany));
    this.#localManyToMany = own.filter((field) => field.isManyToMany);
    if (parent) checkClashes(this, parent);
    this.assemble();
  }

  /** The columns of the model's own table: its key, what it declares, and what it is ordered by. */
  #columns(own: readonly Field[]): Field[] {
    const link = this.parentLink;
    const linked = link && !own.includes(link) ? [link, ...own] : own;
    const keys = linked.filter((field) => field.primaryKey);
    if (keys.length === 0) keys.push(automaticKey(this.model, defaultAutoField()));
    const order = this.meta.orderWithRespectTo === undefined ? [] : [orderField(this.model)];
    return [...keys, ...linked.filter((field) => !field.primaryKey), ...order.filter(() => !this.#has(own, "_order"))];
  }

  #has(own: readonly Field[], name: string): boolean {
    return own.some((field) => field.name === name);
  }

  /** @internal Puts together the parent's fields and the model's own, again after the parent's have changed. */
  assemble(): void {
    const above = this.parent?._meta;
    if (!above) this.#fields = this.#localFields;
    else this.#fields = this.proxy ? above.fields : [...above.fields, ...this.#localFields];
    this.#manyToMany = [...(above?.manyToMany ?? []), ...(this.proxy ? [] : this.#localManyToMany)];
    const all = [...this.#fields, ...this.#manyToMany];
    this.#byName = new Map(all.flatMap((field) => [field.name, field.attname].map((name) => [name, field] as const)));
    this.#pk = this.proxy ? undefined : this.#localFields.find((field) => field.primaryKey);
  }

  /** @internal Decides what an automatic key is, before any relation leads to it: an app may say so for its models. */
  useAutoField(kind: FieldKind): void {
    const key = this.#localFields.find((field) => field.autoCreated && field.isAuto);
    if (!key || key.kind === kind) return;
    const other = automaticKey(this.model, kind);
    this.#localFields = this.#localFields.map((field) => (field === key ? other : field));
  }

  /** Every column, with its parents' before its own: the key first, then in the order of declaration. */
  get fields(): readonly Field[] {
    return this.#fields;
  }

  /** The columns of the model's own table; a proxy's are those of the model that it stands for. */
  get localFields(): readonly Field[] {
    return this.proxy && this.parent ? this.parent._meta.localFields : this.#localFields;
  }

  get manyToMany(): readonly Field[] {
    return this.#manyToMany;
  }

  /** The many-to-many fields that the model itself declares, or an abstract parent. */
  get localManyToMany(): readonly Field[] {
    return this.proxy && this.parent ? this.parent._meta.localManyToMany : this.#localManyToMany;
  }

  /** What the class itself declares, and its abstract parents: of a proxy it should be nothing. */
  get declaredFields(): readonly Field[] {
    return [...this.#localFields, ...this.#localManyToMany];
  }

  /** Every field by its name, and foreign keys by their `attname` as well. */
  get byName(): ReadonlyMap<string, Field> {
    return this.#byName;
  }

  /** The ways back of relations to this model; a parent's are the parent's. */
  get relatedObjects(): RelatedObject[] {
    return this.concreteModel === this.model ? this.#related : this.concreteModel._meta.relatedObjects;
  }

  /** The model that has the table: of a proxy the one that it stands for, else this one. */
  get concreteModel(): ModelClass {
    return this.proxy && this.parent ? this.parent._meta.concreteModel : this.model;
  }

  /** The multi-table parents, the nearest first. */
  get parents(): readonly ModelClass[] {
    const { parent, parentLink } = this.concreteModel._meta;
    if (!parent || !parentLink) return [];
    const nearest = parent._meta.concreteModel;
    return [nearest, ...nearest._meta.parents];
  }

  /** `library_book`, as Django names it. */
  get dbTable(): string {
    if (this.proxy && this.parent) return this.parent._meta.dbTable;
    return this.meta.dbTable ?? `${this.appLabel}_${this.modelName}`;
  }

  get ordering(): readonly string[] {
    if (this.meta.orderWithRespectTo !== undefined) return ["_order"];
    return this.meta.ordering ?? [];
  }

  get orderWithRespectTo(): Field | null {
    const name = this.meta.orderWithRespectTo;
    return name === undefined ? null : this.getField(name);
  }

  /** The name of the manager that related objects are read by, or null for a plain one. */
  get baseManagerName(): string | null {
    return this.meta.baseManagerName ?? this.parent?._meta.baseManagerName ?? null;
  }

  /** The name of the manager that generic code begins with, or null for the first one. */
  get defaultManagerName(): string | null {
    return this.meta.defaultManagerName ?? this.parent?._meta.defaultManagerName ?? null;
  }

  /** Whether migrations make the model's table on this database. */
  canMigrate({ vendor }: Pick<Connection, "vendor">): boolean {
    if (this.proxy || this.swapped || !this.managed || this.abstract) return false;
    const { requiredDbVendor = vendor, requiredDbFeatures = [] } = this.meta;
    return requiredDbVendor === vendor && requiredDbFeatures.every((name) => features[vendor][name]);
  }

  get pk(): Field {
    if (this.proxy && this.parent) return this.parent._meta.pk;
    if (this.#pk) return this.#pk;
    throw new FieldError(`${this.label} is abstract and has no key of its own.`);
  }

  /** The field of that name; `pk` is the key. Throws a FieldError that names the nearest one. */
  getField(name: string): Field {
    const field = name === "pk" ? this.pk : this.byName.get(name);
    if (field) return field;
    const near = closestMatch(name, [...this.byName.keys()]);
    throw new FieldError(`${this.label} has no field "${name}".`, {
      hint: near ? `Did you mean "${near}"?` : `Its fields are ${[...this.byName.keys()].join(", ")}.`,
    });
  }

  /** The way back of that name, of the model or of a parent, or undefined. */
  getRelated(name: string): RelatedObject | undefined {
    const own = this.relatedObjects.find((related) => related.queryName === name || related.accessor === name);
    return own ?? this.parent?._meta.getRelated(name);
  }

  /** The table between the two sides of a many-to-many field: `library_book_categories`. */
  manyToManyTable(field: Field): string {
    return manyToManyTable(field, this.dbTable);
  }

  /** The table between the two sides and its columns: `library_book_categories`, `book_id`, `category_id`. */
  manyToManyColumns(field: Field): ManyToManyColumns {
    return manyToManyColumns(field);
  }
}

function defaultAutoField(): FieldKind {
  return isConfigured() ? settings.DEFAULT_AUTO_FIELD : "BigAutoField";
}
