import { FieldError, ImproperlyConfigured } from "../exceptions.ts";
import { closestMatch, snakeCase } from "../utils/text.ts";
import { Field } from "./field.ts";
import type { FieldKind } from "./field_types.ts";
import type { Constraint, Index } from "./indexes.ts";
import type { ModelClass } from "./models.ts";

/** What `@model()` may be told: Django's `class Meta`. */
export interface MetaOptions {
  appLabel?: string;
  dbTable?: string;
  ordering?: readonly string[];
  uniqueTogether?: readonly (readonly string[])[];
  indexes?: readonly Index[];
  constraints?: readonly Constraint[];
  verboseName?: string;
  verboseNamePlural?: string;
  abstract?: boolean;
  managed?: boolean;
  permissions?: readonly (readonly [codename: string, name: string])[];
  defaultPermissions?: readonly string[];
  defaultRelatedName?: string;
}

/** A relation seen from its other side: what `author.books` is. */
export interface RelatedObject {
  /** The name on this model: the `relatedName`, else `<model>Set`, or `<model>` for a one-to-one. */
  accessor: string;
  /** The name in lookups: the `relatedName`, else `<model>`. */
  queryName: string;
  /** The field at the other side. */
  field: Field;
  /** The model that declares `field`. */
  relatedModel: ModelClass;
  /** `relatedName: "+"`: there is no property and no lookup, only the reference itself. */
  hidden: boolean;
}

/** Where the pairs of a many-to-many relation stand. */
export interface ManyToManyColumns {
  table: string;
  /** The column that refers to the model with the field. */
  from: string;
  /** The column that refers to the other model. */
  to: string;
}

/**
 * What is known of a model: its names, its table, its fields. `Book._meta` is one, under the names of Django's
 * `Model._meta`.
 */
export class Options {
  static #created = 0;
  /** Says which of two models was declared first; a module's exports are in another order. */
  readonly creationCounter = Options.#created++;
  readonly model: ModelClass;
  readonly meta: Readonly<MetaOptions>;
  /** Concrete columns: the key first, then in the order of declaration, an abstract parent's before its child's. */
  readonly fields: readonly Field[];
  readonly manyToMany: readonly Field[];
  /** Every field by its name, and foreign keys by their `attname` as well. */
  readonly byName: ReadonlyMap<string, Field>;
  readonly relatedObjects: RelatedObject[] = [];
  /** Set by the registry from the app that the model stands in. */
  appLabel: string;

  constructor(model: ModelClass, declared: Iterable<Field>, meta: MetaOptions, autoField: FieldKind = "BigAutoField") {
    this.model = model;
    this.meta = meta;
    this.appLabel = meta.appLabel ?? "";
    const own = [...declared].map((field) => adopt(field, model));
    const columns = own.filter((field) => !field.isManyToMany);
    const keys = columns.filter((field) => field.primaryKey);
    if (keys.length === 0 && !this.abstract) keys.push(automaticKey(model, autoField));
    const keyed = [...keys, ...columns.filter((field) => !field.primaryKey)];
    this.fields = keyed;
    this.manyToMany = own.filter((field) => field.isManyToMany);
    this.byName = new Map(
      [...keyed, ...this.manyToMany].flatMap(
        (field) =>
          [
            [field.name, field],
            [field.attname, field],
          ] as const,
      ),
    );
  }

  get abstract(): boolean {
    return this.meta.abstract ?? false;
  }

  get managed(): boolean {
    return this.meta.managed ?? true;
  }

  /** `Book` */
  get objectName(): string {
    return this.model.name;
  }

  /** `book` */
  get modelName(): string {
    return this.objectName.toLowerCase();
  }

  /** `library.Book` */
  get label(): string {
    return this.appLabel ? `${this.appLabel}.${this.objectName}` : this.objectName;
  }

  /** `library_book`, as Django names it. */
  get dbTable(): string {
    return this.meta.dbTable ?? `${this.appLabel}_${this.modelName}`;
  }

  /** `audit event` */
  get verboseName(): string {
    return this.meta.verboseName ?? snakeCase(this.objectName).replaceAll("_", " ");
  }

  get verboseNamePlural(): string {
    return this.meta.verboseNamePlural ?? `${this.verboseName}s`;
  }

  get ordering(): readonly string[] {
    return this.meta.ordering ?? [];
  }

  get uniqueTogether(): readonly (readonly string[])[] {
    return this.meta.uniqueTogether ?? [];
  }

  get indexes(): readonly Index[] {
    return this.meta.indexes ?? [];
  }

  get constraints(): readonly Constraint[] {
    return this.meta.constraints ?? [];
  }

  get pk(): Field {
    const key = this.fields.find((field) => field.primaryKey);
    if (key) return key;
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

  /** The way back of that name, or undefined. */
  getRelated(name: string): RelatedObject | undefined {
    return this.relatedObjects.find((related) => related.queryName === name || related.accessor === name);
  }

  /** The table between the two sides of a many-to-many field: `library_book_categories`. */
  manyToManyTable(field: Field): string {
    return field.remote?.dbTable ?? `${this.dbTable}_${snakeCase(field.name)}`;
  }

  /**
   * The table between the two sides and its columns: `library_book_categories`, `book_id`, `category_id`. Of a model
   * that refers to itself the columns are `from_book_id` and `to_book_id`, as in Django.
   */
  manyToManyColumns(field: Field): ManyToManyColumns {
    if (field.remote?.through) return throughColumns(field);
    const [own, other] = [this.modelName, field.relatedModel._meta.modelName];
    const [from, to] = own === other ? [`from_${own}`, `to_${other}`] : [own, other];
    return { table: this.manyToManyTable(field), from: `${from}_id`, to: `${to}_id` };
  }
}

/** The columns of the first foreign keys to the two sides, which is where Django looks as well. */
function throughColumns(field: Field): ManyToManyColumns {
  const through = field.throughModel as ModelClass;
  const keyTo = (model: ModelClass, not?: Field) =>
    through._meta.fields.find((key) => key !== not && key.isForeignKey && key.relatedModel === model);
  const from = keyTo(field.model);
  const to = keyTo(field.relatedModel, from);
  if (from && to) return { table: through._meta.dbTable, from: from.column, to: to.column };
  throw new ImproperlyConfigured(`${through._meta.label} is the "through" of ${field.label} but lacks a foreign key.`, {
    hint: `It needs one to ${field.model._meta.label} and one to ${field.relatedModel._meta.label}.`,
  });
}

function adopt(field: Field, model: ModelClass): Field {
  const own = field.clone();
  own.model = model;
  return own;
}

function automaticKey(model: ModelClass, kind: FieldKind): Field {
  const key = new Field(kind, { primaryKey: true, verboseName: "ID" });
  key.name = "id";
  return adopt(key, model);
}
