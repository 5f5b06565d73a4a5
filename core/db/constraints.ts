import { ImproperlyConfigured } from "../exceptions.ts";
import { validateCheck, validateUnique } from "./constraint_validation.ts";
import type { Vendor } from "./field_types.ts";
import { columnsOf, fieldTerms, given, interpolatedName, type Lack, namesOf, type RowCondition } from "./indexes.ts";
import type { BaseModel, ModelClass } from "./models.ts";
import { conditionPaths, expressionPaths, renamedCondition, renamedExpression } from "./references.ts";
import type { DeferredStatement, SchemaEditor } from "./schema/base.ts";
import { type IndexTerm, termSql } from "./schema/index_terms.ts";
import { conditionSql } from "./schema/literal_sql.ts";
import { indexStatement, uniqueClause } from "./schema/statements.ts";

/** What every constraint may be told. */
export interface BaseConstraintOptions {
  /** Unique in the database. In an abstract model `%(app_label)s` and `%(class)s` stand for those of its child. */
  name: string;
  /** What is said where a row violates it; `%(name)s` is the constraint's name. */
  violationErrorMessage?: string;
  /** The code of that ValidationError. */
  violationErrorCode?: string;
}

/** Whose values are validated, and where. */
export interface ValidateOptions {
  /** Fields that are not looked at; a constraint that speaks of one is passed over. */
  exclude?: Iterable<string>;
  /** The database; default `"default"`. */
  using?: string;
}

/** A rule that the database keeps. What it is told is in `options`, without what is empty. */
export abstract class BaseConstraint<O extends BaseConstraintOptions = BaseConstraintOptions> {
  static readonly defaultViolationErrorMessage = "Constraint “%(name)s” is violated.";

  readonly options: Readonly<O>;

  constructor(options: O) {
    this.options = given(options);
  }

  get name(): string {
    return this.options.name;
  }

  get violationErrorMessage(): string {
    return this.options.violationErrorMessage ?? BaseConstraint.defaultViolationErrorMessage;
  }

  get violationErrorCode(): string | undefined {
    return this.options.violationErrorCode;
  }

  /** The message with the constraint's name in it. */
  getViolationErrorMessage(): string {
    return this.violationErrorMessage.replaceAll("%(name)s", this.name);
  }

  /** The constraint as it is of a model: an abstract parent's has placeholders in its name. */
  forModel(model: ModelClass): this {
    const name = interpolatedName(this.name, model);
    return name === this.name ? this : this.clone({ name } as Partial<O>);
  }

  /** The same constraint with other options. */
  clone(changes: Partial<O>): this {
    return new (this.constructor as new (options: O) => this)({ ...this.options, ...changes });
  }

  /** The lookups and fields that it names. */
  abstract get paths(): readonly string[];

  /** The same constraint over fields under their new names. */
  abstract renamed(rename: (name: string) => string): this;

  /** What a database has no such thing as. */
  lacks(_vendor: Vendor): readonly Lack[] {
    return [];
  }

  /** False where the database has no such constraint: it is not created, and a check warns of it. */
  isSupported(vendor: Vendor): boolean {
    return this.lacks(vendor).every(({ ignorable }) => ignorable);
  }

  /** The constraint as part of CREATE TABLE, or null where it is a statement of its own. */
  abstract constraintSql(model: ModelClass, editor: SchemaEditor): string | null;

  /** The statement that adds it to a table, or null where the database has no such constraint. */
  createSql(model: ModelClass, editor: SchemaEditor): DeferredStatement | null {
    const clause = this.constraintSql(model, editor);
    if (clause === null) return null;
    const table = model._meta.dbTable;
    return { sql: `ALTER TABLE ${editor.quoteName(table)} ADD ${clause}`, tables: [table], columns: [] };
  }

  /** The statement that drops it. */
  removeSql(model: ModelClass, editor: SchemaEditor): string {
    return `ALTER TABLE ${editor.quoteName(model._meta.dbTable)} DROP CONSTRAINT ${editor.quoteName(this.name)}`;
  }

  /**
   * Asks the database whether an object's values violate the constraint.
   *
   * @throws ValidationError with the constraint's message and code
   */
  abstract validate(model: ModelClass, instance: BaseModel, options?: ValidateOptions): Promise<void>;
}

/** What a model's `constraints` may hold. */
export type Constraint = BaseConstraint;

/** Options of {@link CheckConstraint}. */
export interface CheckConstraintOptions<C = unknown> extends BaseConstraintOptions {
  /** What must hold of every row, or be unknown since something is NULL. It speaks of the row's own columns. */
  condition: RowCondition<C>;
}

/**
 * Something that holds of every row.
 *
 * @example
 * new CheckConstraint({ condition: Q({ pages__gt: 0 }), name: "pages_positive" });
 */
export class CheckConstraint<C = unknown> extends BaseConstraint<CheckConstraintOptions<C>> {
  declare readonly "~lookups": C;

  get condition(): RowCondition<C> {
    return this.options.condition;
  }

  get paths(): readonly string[] {
    return conditionPaths(this.condition);
  }

  renamed(rename: (name: string) => string): this {
    return this.clone({ condition: renamedCondition(this.condition, rename) });
  }

  constraintSql(model: ModelClass, editor: SchemaEditor): string {
    const condition = conditionSql(model, this.condition, editor.connection);
    return `CONSTRAINT ${editor.quoteName(this.name)} CHECK (${condition})`;
  }

  validate(model: ModelClass, instance: BaseModel, options: ValidateOptions = {}): Promise<void> {
    return validateCheck(this, model, instance, options);
  }
}

/** When a deferrable constraint is checked, unless the transaction says otherwise. */
export const Deferrable = { DEFERRED: "deferred", IMMEDIATE: "immediate" } as const;
export type Deferrable = (typeof Deferrable)[keyof typeof Deferrable];

/** Options of {@link UniqueConstraint}. */
export interface UniqueConstraintOptions<F extends string = string, C = unknown> extends BaseConstraintOptions {
  fields?: readonly F[];
  /** What is computed from a row, instead of fields. */
  expressions?: readonly IndexTerm[];
  /** Only rows of which this holds must differ. */
  condition?: RowCondition<C>;
  /** Checked when the transaction ends, or could be: PostgreSQL only. */
  deferrable?: Deferrable;
  /** Fields that are kept in the index, to be read from it: PostgreSQL only. */
  include?: readonly F[];
  /** One operator class for each field: PostgreSQL only. */
  opclasses?: readonly string[];
  /** False where two NULLs are the same: PostgreSQL 15 and later. */
  nullsDistinct?: boolean;
}

/**
 * No two rows have the same values in these fields.
 *
 * @example
 * new UniqueConstraint({ fields: ["author", "title"], name: "one_title_per_author" });
 * new UniqueConstraint({ fields: ["isbn"], condition: Q({ status: "sold" }), name: "one_isbn_sold" });
 */
export class UniqueConstraint<const F extends string = string, C = unknown> extends BaseConstraint<
  UniqueConstraintOptions<F, C>
> {
  declare readonly "~lookups": C;

  /** @throws ImproperlyConfigured for options that exclude each other. */
  constructor(options: UniqueConstraintOptions<F, C>) {
    super(options);
    const wrong = uniqueRules.find(([isWrong]) => isWrong(this.options));
    if (wrong) throw new ImproperlyConfigured(wrong[1]);
  }

  get fields(): readonly F[] {
    return this.options.fields ?? [];
  }

  get expressions(): readonly IndexTerm[] {
    return this.options.expressions ?? [];
  }

  get condition(): RowCondition<C> | undefined {
    return this.options.condition;
  }

  get paths(): readonly string[] {
    const { include = [], condition = {} } = this.options;
    return [...this.fields, ...include, ...expressionPaths(this.expressions), ...conditionPaths(condition)];
  }

  renamed(rename: (name: string) => string): this {
    const { fields, include, expressions, condition } = this.options;
    return this.clone({
      fields: fields?.map(rename) as F[] | undefined,
      include: include?.map(rename) as F[] | undefined,
      expressions: renamedExpression(expressions, rename),
      condition: condition && renamedCondition(condition, rename),
    });
  }

  override lacks(vendor: Vendor): readonly Lack[] {
    if (vendor === "postgresql") return [];
    const { deferrable, include, nullsDistinct } = this.options;
    const lacks = [
      deferrable && (["models.W038", "deferrable unique constraints"] as const),
      include && (["models.W039", "unique constraints with non-key columns"] as const),
      nullsDistinct !== undefined && (["models.W047", "unique constraints with nulls distinct"] as const),
    ];
    const hint = "A constraint won't be created. Silence this warning if you don't care about it.";
    return lacks.flatMap((lack) => (lack ? [{ id: lack[0], what: lack[1], hint, ignorable: false }] : []));
  }

  /** True of what only an index can be: on SQLite every one, so that none takes a new table. */
  #isIndex(vendor: Vendor): boolean {
    const { condition, include, opclasses, expressions } = this.options;
    return vendor === "sqlite" || Boolean(condition || include || opclasses || expressions);
  }

  constraintSql(model: ModelClass, editor: SchemaEditor): string | null {
    if (this.#isIndex(editor.vendor)) return null;
    const clause = uniqueClause(columnsOf(model, this.fields), this.options);
    return `CONSTRAINT ${editor.quoteName(this.name)} ${clause}`;
  }

  override createSql(model: ModelClass, editor: SchemaEditor): DeferredStatement | null {
    if (!this.isSupported(editor.vendor)) return null;
    if (!this.#isIndex(editor.vendor)) return super.createSql(model, editor);
    const { include = [], opclasses, expressions = [], condition, nullsDistinct } = this.options;
    const columns = columnsOf(model, this.fields);
    const computed = expressions.map((term) => termSql(model, term, editor));
    return indexStatement(model, {
      name: this.name,
      unique: true,
      terms: [...fieldTerms(this.fields, columns, editor, opclasses), ...computed],
      columns: [...new Set([...columns, ...columnsOf(model, namesOf(this.paths))])],
      include: columnsOf(model, include),
      nullsDistinct,
      condition: condition ? conditionSql(model, condition, editor.connection) : null,
    });
  }

  override removeSql(model: ModelClass, editor: SchemaEditor): string {
    const name = editor.quoteName(this.name);
    return this.#isIndex(editor.vendor) ? `DROP INDEX IF EXISTS ${name}` : super.removeSql(model, editor);
  }

  validate(model: ModelClass, instance: BaseModel, options: ValidateOptions = {}): Promise<void> {
    return validateUnique(this, model, instance, options);
  }
}

type Rule = readonly [isWrong: (options: UniqueConstraintOptions) => unknown, text: string];

const uniqueRules: readonly Rule[] = [
  [({ name }) => !name, "A unique constraint must be named."],
  [
    ({ fields, expressions }) => !fields && !expressions,
    "At least one field or expression is required to define a unique constraint.",
  ],
  [
    ({ fields, expressions }) => fields && expressions,
    "UniqueConstraint.fields and expressions are mutually exclusive.",
  ],
  [({ condition, deferrable }) => condition && deferrable, "UniqueConstraint with conditions cannot be deferred."],
  [({ include, deferrable }) => include && deferrable, "UniqueConstraint with include fields cannot be deferred."],
  [({ opclasses, deferrable }) => opclasses && deferrable, "UniqueConstraint with opclasses cannot be deferred."],
  [({ expressions, deferrable }) => expressions && deferrable, "UniqueConstraint with expressions cannot be deferred."],
  [
    ({ expressions, opclasses }) => expressions && opclasses,
    "UniqueConstraint.opclasses cannot be used with expressions. Use OpClass() instead.",
  ],
  [
    ({ fields, opclasses }) => opclasses && fields?.length !== opclasses.length,
    "UniqueConstraint.fields and UniqueConstraint.opclasses must have the same number of elements.",
  ],
];
