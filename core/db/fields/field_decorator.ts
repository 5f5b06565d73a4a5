import type { Expression } from "../expressions/base.ts";
import { declareField } from "../meta/model_state.ts";
import type { Choices, ChoiceValue } from "./choices.ts";
import { Field, type FieldOptions, type Remote } from "./field.ts";
import type { FieldKind } from "./field_types.ts";

/** What a property says where its type is not the one that its decorator stands for. */
interface PropertyMustBe<T> {
  "the property's type must be": T;
}

type Fits<P, T> = [P] extends [T]
  ? [null] extends [T]
    ? [null] extends [P]
      ? unknown
      : PropertyMustBe<T>
    : unknown
  : PropertyMustBe<T>;

/**
 * A field decorator: put on a property whose type does not fit, it is a compile error.
 * It carries the field that it stands for, which is what migrations read.
 */
export interface FieldDecorator<T> {
  <C extends object, K extends keyof C & string>(target: C, name: K & Fits<C[K], T>): void;
  readonly field: Field;
  /** Says what the property holds; there is no such value. */
  readonly "~type"?: T;
}

/** The type of a field's values with its option `null`. */
export type Nullable<T, O> = O extends { null: true } ? T | null : T;

/** The options of every column. */
export type Shared = Pick<
  FieldOptions,
  | "null"
  | "blank"
  | "dbColumn"
  | "dbComment"
  | "dbIndex"
  | "unique"
  | "primaryKey"
  | "editable"
  | "verboseName"
  | "helpText"
  | "validators"
  | "errorMessages"
  | "uniqueForDate"
  | "uniqueForMonth"
  | "uniqueForYear"
>;

/** The options of a field of such values, and some more. */
export type With<T, K extends keyof FieldOptions = never> = Shared &
  Pick<FieldOptions, K> & {
    default?: T | null | (() => T);
    dbDefault?: T | Expression;
    choices?: Choices<Extract<T, ChoiceValue>>;
  };

/** The decorator that declares a field of that kind. */
export function decorate<T>(
  kind: FieldKind,
  options: FieldOptions = {},
  remote: Remote | null = null,
): FieldDecorator<T> {
  const field = new Field(kind, options, remote);
  const decorator = (target: object, name: string) => declareField(target, name, field);
  return Object.assign(decorator, { field }) as FieldDecorator<T>;
}
