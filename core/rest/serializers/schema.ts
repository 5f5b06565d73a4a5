// The classes that schemas are made from.

import { declaredFields } from "../declared_fields.ts";
import type { Field, FieldContext } from "../fields/base.ts";

/**
 * A check of all values together: throws a ValidationError, or gives a promise that does. Runs once every field has
 * passed, before `validate()`.
 */
export type SchemaValidator = (attrs: Readonly<Record<string, unknown>>, context: FieldContext) => void | Promise<void>;

/** What a schema class may say about itself; plain classes with class-validator's decorators say nothing. */
export interface SchemaStatics {
  getFields?(): Map<string, Field>;
  validators?: readonly SchemaValidator[];
  /** What happens to keys that no field declares; `UNKNOWN_FIELDS` by default. */
  unknownFields?: "ignore" | "reject";
}

/** A class whose properties are fields. */
export type SchemaClass = (new () => object) & SchemaStatics;

/**
 * A schema: its properties are fields, its methods hooks. One object of it serves all requests, so it keeps nothing.
 *
 * What happens to an input, in this order: is it an object at all? → each field, then its `validate<Field>(value)` hook,
 * all errors together → `validators` → `validate(attrs)`. Every hook may be async, and returns the value.
 *
 * @example
 * class EventInput extends InputSchema {
 *   @fields.CharField({ maxLength: 100 }) title!: string;
 *   @fields.DateField() start!: string;
 *   @fields.DateField() end!: string;
 *
 *   validateTitle(title: string) { return title.replaceAll("  ", " "); }
 *   override validate(attrs: EventInput) {
 *     if (attrs.end < attrs.start) throw new ValidationError("end must not be before start.");
 *     return attrs;
 *   }
 * }
 */
export class Schema {
  /** Checks of all values together. */
  static validators: readonly SchemaValidator[] = [];
  static unknownFields?: "ignore" | "reject";

  /** The fields by property, in the order in which they are shown. */
  static getFields(this: new () => object): Map<string, Field> {
    return declaredFields(this);
  }

  /**
   * Checks all values together, once each has passed; an absent one is not among them.
   *
   * @returns the values to work with, or a promise of them.
   */
  validate(attrs: object, _context: FieldContext): unknown {
    return attrs;
  }
}

/** What comes in. */
export class InputSchema extends Schema {}

/** What goes out. */
export class OutputSchema extends Schema {}
