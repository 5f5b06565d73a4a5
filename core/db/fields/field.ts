import { ImproperlyConfigured } from "../../exceptions.ts";
import { DateTime, formatDate } from "../../utils/datetime.ts";
import { isPlainObject } from "../../utils/python_text.ts";
import { snakeCase } from "../../utils/text.ts";
import type { BaseModel, ModelClass } from "../models.ts";
import { type ChoiceList, type ChoicePair, flattenChoices, normalizeChoices } from "./choices.ts";
import { type ErrorMessages, errorMessagesOf } from "./field_messages.ts";
import type { FieldOptions, ModelReference, Remote, Validator } from "./field_options.ts";
import { type FieldKind, type FieldType, fieldTypes, type Vendor } from "./field_types.ts";
import { runValidators, validateValue } from "./field_validation.ts";
import { validatorsOf } from "./field_validators.ts";
import { toPython } from "./to_python.ts";

export type { FieldOptions, LimitChoicesTo, ModelReference, Remote, Validator } from "./field_options.ts";

/** Kinds whose column counts up by itself. */
const automatic: ReadonlySet<FieldKind> = new Set(["AutoField", "BigAutoField", "SmallAutoField"]);

/** Kinds that are "" where nothing was given. */
const textKinds: ReadonlySet<FieldKind> = new Set([
  "CharField",
  "TextField",
  "SlugField",
  "EmailField",
  "URLField",
  "FileField",
  "ImageField",
  "FilePathField",
]);

/**
 * One field of a model: what it is called in TypeScript and in the database, and how its values travel.
 *
 * A foreign key has three names, as in Django: `name` is the property that holds the other object (`author`), `attname`
 * the one that holds its key (`authorId`), `column` the column (`author_id`). For the others `attname` is `name`.
 */
export class Field {
  readonly kind: FieldKind;
  readonly options: Readonly<FieldOptions>;
  readonly remote: Remote | null;
  /** Set when the field is put on its model. */
  name = "";
  model!: ModelClass;
  /** True of what no class declares: an automatic key, the reference to a parent, `_order`. */
  autoCreated = false;
  #target: Field | null = null;
  #validators: readonly Validator[] | null = null;

  constructor(kind: FieldKind, options: FieldOptions = {}, remote: Remote | null = null) {
    this.kind = kind;
    this.options = options;
    this.remote = remote;
  }

  get #type(): FieldType {
    return fieldTypes[this.kind];
  }

  /** `library.Book.title`, for messages. */
  get label(): string {
    return this.model ? `${this.model._meta.label}.${this.name}` : this.name;
  }

  get isRelation(): boolean {
    return this.remote !== null;
  }

  get isManyToMany(): boolean {
    return this.kind === "ManyToManyField";
  }

  /** A column that holds the key of another row: ForeignKey or OneToOneField. */
  get isForeignKey(): boolean {
    return this.remote !== null && !this.isManyToMany;
  }

  /** Of a many-to-many relation to `"self"`: what is related to me, I am related to. */
  get isSymmetrical(): boolean {
    return this.isManyToMany && (this.remote?.symmetrical ?? this.remote?.to === "self");
  }

  get isAuto(): boolean {
    return automatic.has(this.kind);
  }

  get attname(): string {
    return this.isForeignKey ? `${this.name}Id` : this.name;
  }

  get column(): string {
    return this.options.dbColumn ?? snakeCase(this.attname);
  }

  get null(): boolean {
    return this.options.null ?? false;
  }

  /** Whether validation lets nothing through. What fills itself may be empty, as in Django. */
  get blank(): boolean {
    return this.options.blank ?? Boolean(this.options.autoNow || this.options.autoNowAdd || this.isAuto);
  }

  get primaryKey(): boolean {
    return this.options.primaryKey ?? false;
  }

  /** True of keys and of one-to-one relations as well. */
  get unique(): boolean {
    return this.options.unique ?? (this.primaryKey || this.kind === "OneToOneField");
  }

  /** Foreign keys and slugs are indexed unless told otherwise, as in Django. */
  get dbIndex(): boolean {
    return this.options.dbIndex ?? (this.kind === "ForeignKey" || this.kind === "SlugField");
  }

  get editable(): boolean {
    return this.options.editable ?? !(this.options.autoNow || this.options.autoNowAdd || this.isAuto);
  }

  get verboseName(): string {
    return this.options.verboseName ?? snakeCase(this.name).replaceAll("_", " ");
  }

  /** A column that the database computes. */
  get isGenerated(): boolean {
    return this.options.generated !== undefined;
  }

  get hasDefault(): boolean {
    return this.options.default !== undefined;
  }

  get hasDbDefault(): boolean {
    return this.options.dbDefault !== undefined;
  }

  /**
   * The value of a new object's field that was not given: the default, else `""` or null as in Django. Undefined means
   * that the database's own default is to be used.
   */
  getDefault(): unknown {
    const value = this.options.default;
    if (typeof value === "function") return value();
    if (value !== undefined) return copyOf(value);
    if (this.hasDbDefault || this.isGenerated) return undefined;
    return this.#isText && !this.null ? "" : null;
  }

  get #isText(): boolean {
    return textKinds.has(this.kind);
  }

  /** What may be chosen, pairs and groups, or null. */
  get choices(): ChoiceList | null {
    const { choices } = this.options;
    return choices === undefined ? null : normalizeChoices(choices, (key) => this.toPython(key));
  }

  /** The choices without their groups. */
  get flatchoices(): readonly ChoicePair[] {
    return flattenChoices(this.choices ?? []);
  }

  /** The sentences of validation by code, those of `errorMessages` among them. */
  get errorMessages(): ErrorMessages {
    return errorMessagesOf(this.kind, this.options.errorMessages);
  }

  /** The validators that the kind brings, then the field's own. */
  get validators(): readonly Validator[] {
    this.#validators ??= validatorsOf(this);
    return this.#validators;
  }

  /** The value in the field's own type, such as a number of `"7"`. Throws a ValidationError where it is none. */
  toPython(value: unknown): unknown {
    return toPython(value, this);
  }

  /** Checks choices, null and blank. Throws a ValidationError. */
  validate(value: unknown): void {
    validateValue(this, value);
  }

  /** Runs all validators. Throws a ValidationError of all that they find. */
  runValidators(value: unknown): void {
    runValidators(this, value);
  }

  /** `toPython`, `validate` and `runValidators`: gives the value, or throws a ValidationError. It asks no database. */
  clean(value: unknown): unknown {
    const cleaned = this.toPython(value);
    this.validate(cleaned);
    this.runValidators(cleaned);
    return cleaned;
  }

  /** What is written on save, where the field sets itself (`autoNow`, `autoNowAdd`); else undefined. */
  preSave(adding: boolean): unknown {
    const now = this.options.autoNow || (this.options.autoNowAdd && adding);
    if (!now) return undefined;
    const at = new DateTime();
    if (this.kind === "DateTimeField") return at;
    return this.kind === "DateField" ? formatDate(at) : at.toISOString().slice(11, -1);
  }

  /** The model at the other side. Throws where it is not installed. */
  get relatedModel(): ModelClass {
    if (!this.remote) throw new TypeError(`${this.label} is not a relation`);
    return resolveModel(this.remote.to, this);
  }

  /** The model between the two sides of a ManyToManyField, where the user declared one. */
  get throughModel(): ModelClass | null {
    return this.remote?.through ? resolveModel(this.remote.through, this) : null;
  }

  /** The field that a foreign key holds a value of: `toField`, else the other model's key. */
  get targetField(): Field {
    const name = this.remote?.toField;
    this.#target ??= name === undefined ? this.relatedModel._meta.pk : this.relatedModel._meta.getField(name);
    return this.#target;
  }

  /** The conditions on the rows that may be chosen, or null. */
  getLimitChoicesTo(): object | null {
    const limit = this.remote?.limitChoicesTo;
    return (typeof limit === "function" ? (limit as () => object)() : limit) ?? null;
  }

  /** The column's type, such as `varchar(200)`. */
  dbType(vendor: Vendor): string {
    return this.#type.column(this, vendor);
  }

  /** An SQL condition of the column's type, with `%s` for the column, or null. */
  dbCheck(vendor: Vendor): string | null {
    return this.#type.check?.(vendor) ?? null;
  }

  toDb(value: unknown, vendor: Vendor): unknown {
    return value === null || value === undefined ? null : this.#type.toDb(value, vendor, this);
  }

  /** A value to compare the column with; unlike `toDb` it may be too long, or have too many digits. */
  toLookup(value: unknown, vendor: Vendor): unknown {
    if (value === null || value === undefined) return null;
    return (this.#type.toLookup ?? this.#type.toDb)(value, vendor, this);
  }

  /** SQLite must be asked for bigints where this column is read. */
  get isWide(): boolean {
    return this.isForeignKey ? this.targetField.isWide : this.#type.wide === true;
  }

  fromDb(raw: unknown, vendor: Vendor): unknown {
    return raw === null || raw === undefined ? null : this.#type.fromDb(raw, vendor, this);
  }

  /** A copy that belongs to no model yet: how an abstract model's fields reach its children. */
  clone(): Field {
    const copy = new Field(this.kind, this.options, this.remote);
    copy.name = this.name;
    return copy;
  }
}

/** A default that an object could change is its own; a value of a class, such as a Duration, is one that nobody changes. */
function copyOf(value: unknown): unknown {
  if (value instanceof Date) return new DateTime(value);
  const isData = Array.isArray(value) || value instanceof Uint8Array || isPlainObject(value);
  return isData ? structuredClone(value) : value;
}

let resolver: (label: string) => ModelClass | undefined = () => undefined;

/** A name without an app is of the same one. */
function fullLabel(label: string, { model }: Field): string {
  return label.includes(".") ? label : `${model._meta.appLabel}.${label}`;
}

/** The registry tells here how `"app.Model"` is looked up. */
export function setModelResolver(resolve: (label: string) => ModelClass | undefined): void {
  resolver = resolve;
}

export function resolveModel(reference: ModelReference, field: Field): ModelClass {
  if (reference === "self") return field.model;
  const model = typeof reference === "string" ? resolver(fullLabel(reference, field)) : reference();
  if (model) return model;
  throw new ImproperlyConfigured(
    `${field.label} refers to ${typeof reference === "string" ? `"${reference}"` : "a model"}, which is not installed.`,
    { hint: "Add its app to INSTALLED_APPS, or check the name." },
  );
}

export { uuid4 } from "../../utils/uuid.ts";

export type { BaseModel };
