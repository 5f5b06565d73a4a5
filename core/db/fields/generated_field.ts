// django.db.models.fields.generated: columns that the database computes from others of their row.
import type { Expression } from "../expressions/base.ts";
import type { FieldOptions } from "./field.ts";
import { decorate, type FieldDecorator, type Nullable } from "./field_decorator.ts";

type ColumnOptions = Pick<
  FieldOptions,
  "null" | "unique" | "dbIndex" | "dbColumn" | "dbComment" | "verboseName" | "helpText"
>;

/** What a GeneratedField is made from. */
export interface GeneratedFieldOptions<T> extends ColumnOptions {
  /** Of other columns of the model: `F("price").multiply(F("stock"))`. */
  expression: Expression;
  /** The field that says what the column holds. */
  outputField: FieldDecorator<T>;
  /** Computed when the row is written, and stored; else whenever it is read, which PostgreSQL cannot do before version 18. */
  dbPersist: boolean;
}

/**
 * A column that the database computes. An object has its value once it is saved; nobody writes it.
 *
 * @example
 * `@GeneratedField({ expression: F("price").multiply(F("stock")), outputField: IntegerField(), dbPersist: true }) worth!: number;`
 */
export function GeneratedField<T, const O extends GeneratedFieldOptions<T>>(
  options: O & { outputField: FieldDecorator<T> },
): FieldDecorator<Nullable<T, O>> {
  const { expression, outputField, dbPersist, ...column } = options;
  const { kind, options: output } = outputField.field;
  const generated = { expression, dbPersist };
  return decorate(kind, { ...output, null: false, ...column, editable: false, blank: true, generated });
}
