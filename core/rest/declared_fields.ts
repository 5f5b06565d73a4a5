// Which fields a class declares, by decorators of either language, in the order in which they stand in the file.

import { classValidatorCount, classValidatorFields } from "./class_validator.ts";
import type { Field } from "./fields/base.ts";

/** A field and the number of class-validator's properties that stood before it. */
interface Declared {
  field: Field;
  after: number;
}

const own: unique symbol = Symbol("core.fields");
type Holder = { [own]?: Map<string, Declared> };

/** Writes down that a class declares a field; what the decorators of `fields` do. */
export function declareField(cls: object, name: string, field: Field): void {
  const holder = cls as Holder;
  if (!Object.hasOwn(holder, own)) Object.defineProperty(holder, own, { value: new Map<string, Declared>() });
  (holder[own] as Map<string, Declared>).set(name, { field, after: classValidatorCount(cls) });
}

function ownFields(cls: new () => object): [string, Field][] {
  const declared = Object.hasOwn(cls, own) ? [...((cls as Holder)[own] ?? [])] : [];
  const names = new Set(declared.map(([name]) => name));
  const result: [string, Field][] = [];
  // Where both languages describe a property, the field decorator knows better.
  [...classValidatorFields(cls)].forEach(([name, field], index) => {
    while (declared[0] && declared[0][1].after <= index) result.push(takeFirst(declared));
    if (!names.has(name)) result.push([name, field]);
  });
  while (declared.length > 0) result.push(takeFirst(declared));
  return result;
}

function takeFirst(declared: [string, Declared][]): [string, Field] {
  const [name, { field }] = declared.shift() as [string, Declared];
  return [name, field];
}

/**
 * The fields of a class and its parents by property, in the order of declaration, parents first. A subclass that declares
 * a property again replaces the field in its place.
 */
export function declaredFields(cls: new () => object): Map<string, Field> {
  const parent = Object.getPrototypeOf(cls);
  const inherited =
    typeof parent === "function" && parent.prototype ? declaredFields(parent) : new Map<string, Field>();
  for (const [name, field] of ownFields(cls)) inherited.set(name, field);
  return inherited;
}
