// Fields whose value is one of a list, or several of it.

import { isPlainObject, pythonStr, typeName } from "../../utils/python_text.ts";
import { Field, type FieldContext, type FieldOptions } from "./base.ts";

/** What a choice can be. */
export type ChoiceValue = string | number | bigint | boolean;

/** A value, a value with its label, or a group of such. */
export type Choice<V extends ChoiceValue = ChoiceValue> =
  | V
  | readonly [V, string]
  | readonly [string, readonly (V | readonly [V, string])[]];

export interface ChoiceFieldOptions<V extends ChoiceValue> extends FieldOptions<V> {
  choices: readonly Choice<V>[];
  /** Whether `""` is a value. */
  allowBlank?: boolean;
}

function flatten<V extends ChoiceValue>(choices: readonly Choice<V>[]): [V, string][] {
  return choices.flatMap((choice): [V, string][] => {
    if (!Array.isArray(choice)) return [[choice as V, pythonStr(choice)]];
    const [value, label] = choice as readonly [V, string | readonly Choice<V>[]];
    return typeof label === "string" ? [[value, label]] : flatten(label);
  });
}

/** One of a list. Compared as text; code sees the choice as it was declared. */
export class ChoiceField<V extends ChoiceValue = string> extends Field<V> {
  static override defaultErrorMessages: Readonly<Record<string, string>> = {
    invalid_choice: '"{input}" is not a valid choice.',
  };

  /** Every choice with its label, groups taken apart. */
  readonly choices: ReadonlyMap<V, string>;
  /** As declared, groups included. */
  readonly groupedChoices: readonly Choice<V>[];
  readonly allowBlank: boolean;
  readonly #byText: ReadonlyMap<string, V>;

  constructor(options: ChoiceFieldOptions<V>) {
    super(options);
    const choices = flatten(options.choices);
    this.choices = new Map(choices);
    this.groupedChoices = options.choices;
    this.allowBlank = options.allowBlank ?? false;
    this.#byText = new Map(choices.map(([value]) => [pythonStr(value), value]));
  }

  toInternalValue(data: unknown, _context: FieldContext): V {
    return this.choiceOf(data);
  }

  /** The choice that the data names. */
  protected choiceOf(data: unknown): V {
    if (data === "" && this.allowBlank) return "" as V;
    return this.#byText.get(pythonStr(data)) ?? this.fail("invalid_choice", { input: data });
  }

  toRepresentation(value: V, _context: FieldContext): unknown {
    return this.shown(value);
  }

  /** A value that is no choice any more is shown as it is. */
  protected shown(value: V): V {
    return value === "" ? value : (this.#byText.get(pythonStr(value)) ?? value);
  }
}

export interface MultipleChoiceFieldOptions<V extends ChoiceValue>
  extends Omit<ChoiceFieldOptions<V>, keyof FieldOptions>,
    FieldOptions<V[]> {
  /** Whether the empty list is a value; true by default. */
  allowEmpty?: boolean;
}

/** Any of a list, each once. */
export class MultipleChoiceField<V extends ChoiceValue = string> extends Field<V[]> {
  static override defaultErrorMessages: Readonly<Record<string, string>> = {
    invalid_choice: '"{input}" is not a valid choice.',
    not_a_list: 'Expected a list of items but got type "{input_type}".',
    empty: "This selection may not be empty.",
  };

  readonly allowEmpty: boolean;
  readonly #one: ChoiceField<V>;

  constructor(options: MultipleChoiceFieldOptions<V>) {
    super(options);
    const { choices, allowBlank = false, errorMessages = {} } = options;
    this.allowEmpty = options.allowEmpty ?? true;
    this.#one = new ChoiceField({ choices, allowBlank, errorMessages });
  }

  get choices(): ReadonlyMap<V, string> {
    return this.#one.choices;
  }

  get groupedChoices(): readonly Choice<V>[] {
    return this.#one.groupedChoices;
  }

  toInternalValue(data: unknown, context: FieldContext): V[] {
    const items = itemsOf(data) ?? this.fail("not_a_list", { input_type: typeName(data) });
    if (!this.allowEmpty && items.length === 0) this.fail("empty");
    return [...new Set(items.map((item) => this.#one.toInternalValue(item, context)))];
  }

  toRepresentation(value: Iterable<V>, context: FieldContext): unknown[] {
    return [...new Set([...value].map((item) => this.#one.toRepresentation(item, context)))];
  }
}

/** The items of whatever Python would iterate over: of an object its keys. Null for a single value. */
export function itemsOf(data: unknown): unknown[] | null {
  if (Array.isArray(data)) return data;
  if (data instanceof Set) return [...data];
  return isPlainObject(data) ? Object.keys(data) : null;
}
