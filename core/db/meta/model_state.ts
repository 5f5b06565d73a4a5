import type { Field } from "../fields/field.ts";
import type { BaseModel, ModelClass } from "../models.ts";
import type { RowReader } from "../rows/hydration.ts";
import type { SavedValues } from "../rows/saved_values.ts";

const declared = Symbol("core.fields");
const reversed = Symbol("core.reverse");
const privates = Symbol("core.privateFields");

/** Where an object keeps what it remembers of its row. */
export const state: unique symbol = Symbol("core.state");

/** What an object remembers of its row. */
export interface ModelState {
  /** True until the row is in the database. */
  adding: boolean;
  /** The database that it came from. */
  db: string | null;
  /** Related objects that were loaded or set, by the relation's name. */
  related: Map<string, unknown> | null;
  /** The row as the driver gave it; what an attribute held is read from it again when that matters. */
  row: readonly unknown[] | null;
  reader: RowReader | null;
  /** What was last saved, by column, as it was sent: it counts more than `row`. */
  saved: SavedValues | null;
  /** The objects of the same result, whose relations are loaded together. */
  peers: readonly BaseModel[] | null;
}

export function newState(): ModelState {
  return { adding: true, db: null, related: null, row: null, reader: null, saved: null, peers: null };
}

/** The state of an object: whether it is new, and what was loaded with it. */
export function stateOf(object: BaseModel): ModelState {
  return object[state];
}

/** Called by a field's decorator: writes down, on the prototype, that the class has this field. */
export function declareField(prototype: object, name: string, field: Field): void {
  field.name = name;
  ownMap(prototype, declared).set(name, field);
}

/**
 * The fields that a class and its abstract parents declare, the parents' first.
 *
 * @param above the prototype whose fields, and those above it, are another table's
 */
export function declaredFields(prototype: object, above: object | null = null): Map<string, Field> {
  return inheritedMap(prototype, declared, above);
}

/** Makes what is a field without a column, once its class is a model. */
export type PrivateFieldMaker = (model: ModelClass) => void;

/** Called by the decorator of a field without a column. */
export function declarePrivateField(prototype: object, name: string, make: PrivateFieldMaker): void {
  ownMap(prototype, privates).set(name, make);
}

/** The fields without a column of a class and of all its parents: each model has its own. */
export function declaredPrivateFields(prototype: object): Map<string, PrivateFieldMaker> {
  return inheritedMap(prototype, privates);
}

/** What `@Reverse()` says of a property. */
export interface ReverseDeclaration {
  to: () => ModelClass;
  fieldName: string;
}

export function declareReverse(prototype: object, name: string, declaration: ReverseDeclaration): void {
  ownMap(prototype, reversed).set(name, declaration);
}

/** As {@link declaredFields}. */
export function declaredReverses(prototype: object, above: object | null = null): Map<string, ReverseDeclaration> {
  return inheritedMap(prototype, reversed, above);
}

function ownMap(prototype: object, key: symbol): Map<string, unknown> {
  if (!Object.hasOwn(prototype, key)) Object.defineProperty(prototype, key, { value: new Map() });
  return (prototype as Record<symbol, Map<string, unknown>>)[key];
}

function inheritedMap<T>(prototype: object, key: symbol, above: object | null = null): Map<string, T> {
  const parent = Object.getPrototypeOf(prototype);
  const isLast = !parent || parent === Object.prototype || parent === above;
  const inherited = isLast ? new Map<string, T>() : inheritedMap<T>(parent, key, above);
  const own = Object.hasOwn(prototype, key) ? (prototype as Record<symbol, Map<string, T>>)[key] : new Map<string, T>();
  return new Map([...inherited, ...own]);
}
