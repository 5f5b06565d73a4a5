import { ImproperlyConfigured } from "../exceptions.ts";
import {
  BaseConstraint,
  type BaseConstraintOptions,
  type Deferrable,
  type ValidateOptions,
} from "./constraints/base_constraint.ts";
import { validateCheck, validateUnique } from "./constraints/constraint_validation.ts";
import type { Vendor } from "./fields/field_types.ts";
import { columnsOf, fieldTerms, type Lack, namesOf, type RowCondition } from "./indexes.ts";
import type { BaseModel, ModelClass } from "./models.ts";
import type { DeferredStatement, SchemaEditor } from "./schema/base.ts";
import { type IndexTerm, termSql } from "./schema/index_terms.ts";
import { conditionSql } from "./schema/literal_sql.ts";
import { indexStatement, uniqueClause } from "./schema/statements.ts";
import { conditionPaths, expressionPaths, renamedCondition, renamedExpression } from "./sql/references.ts";

export {
  BaseConstraint,
  type BaseConstraintOptions,
  Deferrable,
  type ValidateOptions,
} from "./constraints/base_constraint.ts";

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
