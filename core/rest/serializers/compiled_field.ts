// A field at its place in a schema: its names, and the way to its value.

import { snakeCase } from "../../utils/text.ts";
import { type CompileSchema, type Empty, empty, type Field, type FieldContext } from "../fields/base.ts";

/** How property names are written on the wire. */
export type FieldCase = "snake_case" | "camelCase";

/** A field, its names, and where its value stands. */
export interface CompiledField {
  readonly field: Field;
  /** The property of the schema: `publishedOn`. */
  readonly name: string;
  /** The key in JSON: `published_on`. */
  readonly wireName: string;
  /** The property of the object: usually the name, `user.username`, or `*` for the whole. */
  readonly source: string;
  /** `source` taken apart; empty for `*`. */
  readonly sourceAttrs: readonly string[];
  /** The text for people: the field's own, or the name with spaces and a capital letter. */
  readonly label: string;
}

function labelOf(name: string): string {
  const words = snakeCase(name).replaceAll("_", " ").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Puts a field in its place. */
export function compileField(
  name: string,
  declared: Field,
  options: { fieldCase: FieldCase; schema: object; compile: CompileSchema },
): CompiledField {
  const field = declared.bind(name, options.schema, options.compile);
  const source = field.source ?? name;
  return {
    field,
    name,
    wireName: options.fieldCase === "camelCase" ? name : snakeCase(name),
    source,
    sourceAttrs: source === "*" ? [] : source.split("."),
    label: field.label ?? labelOf(name),
  };
}

/** Writes a value to its source: `["x", "y"]` goes into an object under x, no source into the object itself. */
export function setValue(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const last = path[path.length - 1];
  if (last === undefined) {
    if (typeof value === "object") Object.assign(target, value);
    return;
  }
  let at = target;
  for (const key of path.slice(0, -1)) {
    at[key] ??= {};
    at = at[key] as Record<string, unknown>;
  }
  at[last] = value;
}

/** A value that is still on its way cannot be shown; who forgot to load it wants to know which it was. */
function refusePromise(name: string, attr: string, holder: object): never {
  throw new TypeError(
    `Field "${name}" needs ${holder.constructor.name}.${attr}, which is not loaded: it is a promise. ` +
      "Load it with the query (selectRelated, prefetchRelated) or await it before.",
  );
}

/**
 * The value of a field in an object, {@link empty} if the field shows nothing for it.
 *
 * Where a step of the path leads nowhere, the field's default is shown, or null if it may be null, or nothing if it need
 * not be there. Methods without parameters are called.
 *
 * @throws TypeError where a required value is not there or not loaded.
 */
export function readSource(field: CompiledField, object: object, context: FieldContext): unknown {
  if (field.sourceAttrs.length === 1 && !field.field.getAttribute) {
    const value = (object as Record<string, unknown>)[field.source];
    // Nearly every field of nearly every row ends here.
    if (value === null || (typeof value !== "object" && typeof value !== "function" && value !== undefined))
      return value;
  }
  return readPath(field, object, context);
}

function readPath(field: CompiledField, object: object, context: FieldContext): unknown {
  let value: unknown = object;
  const last = field.sourceAttrs.length - 1;
  for (const [at, attr] of field.sourceAttrs.entries()) {
    if (value === null || value === undefined) return absent(field, object, context);
    const holder = value as Record<string, unknown>;
    value = at === last && field.field.getAttribute ? field.field.getAttribute(holder, attr) : holder[attr];
    if (typeof value === "function" && value.length === 0) value = value.call(holder);
    if (value instanceof Promise) refusePromise(field.name, attr, holder);
  }
  return value === undefined ? absent(field, object, context) : value;
}

function absent({ field, name, source }: CompiledField, object: object, context: FieldContext): unknown | Empty {
  const value = field.getDefault(context);
  if (value !== empty) return value;
  if (field.allowNull) return null;
  if (!field.required) return empty;
  throw new TypeError(`Field "${name}" needs "${source}", which ${object.constructor?.name ?? "the object"} has not.`);
}
