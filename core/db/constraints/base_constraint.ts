import type { Vendor } from "../fields/field_types.ts";
import { given, interpolatedName, type Lack } from "../indexes.ts";
import type { BaseModel, ModelClass } from "../models.ts";
import type { DeferredStatement, SchemaEditor } from "../schema/base.ts";

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

/** When a deferrable constraint is checked, unless the transaction says otherwise. */
export const Deferrable = { DEFERRED: "deferred", IMMEDIATE: "immediate" } as const;
export type Deferrable = (typeof Deferrable)[keyof typeof Deferrable];
