import { FieldError } from "../../exceptions.ts";
import { closestMatch } from "../../utils/text.ts";
import type { Field } from "../fields/field.ts";
import {
  isOperator,
  isTransform,
  operatorNames,
  registrationCount,
  transformNames,
  transformOutput,
} from "../lookups.ts";
import type { Options } from "../meta/options.ts";
import type { ModelClass } from "../models.ts";
import { findRelation, linksTo, lookupNames, type Relation, wayOf } from "../related/relations.ts";

/** A place that a query may read: a column, reached through relations. */
export interface FieldPath {
  relations: readonly Relation[];
  field: Field;
  /** Some relation on the way leads to many rows. */
  toMany: boolean;
}

/** `author__bornOn__year__gte`, understood. */
export interface Lookup extends FieldPath {
  /** As it was written; within a model it names the lookup. */
  key: string;
  transforms: readonly string[];
  operator: string;
}

let known = new WeakMap<Options, Map<string, Lookup>>();
let registrations = 0;

/** Keys of JSON make any number of lookups; more than these are understood anew each time. */
const LIMIT = 10_000;

/** Understands a lookup's name. Throws a FieldError that says which part of it is wrong. */
export function parseLookup(model: ModelClass, key: string): Lookup {
  if (registrations !== registrationCount()) {
    known = new WeakMap();
    registrations = registrationCount();
  }
  let lookups = known.get(model._meta);
  if (!lookups) {
    lookups = new Map();
    known.set(model._meta, lookups);
  }
  let lookup = lookups.get(key);
  if (!lookup) {
    lookup = parse(model, key);
    if (lookups.size < LIMIT) lookups.set(key, lookup);
  }
  return lookup;
}

/** Relations may be connected later than the first lookup was understood. */
export function forgetLookups(model: ModelClass): void {
  known.delete(model._meta);
}

/** The parts of a lookup, as far as they name relations and a field, and what is left. */
export function walkPath(model: ModelClass, key: string): { path: FieldPath; rest: string[] } {
  const parts = key.split("__");
  const relations: Relation[] = [];
  let meta = model._meta;
  for (;;) {
    const name = parts.shift() as string;
    const relation = findRelation(meta, name);
    if (!relation) return { path: toColumn(relations, meta, columnNamed(meta, name, key)), rest: parts };
    const follows = parts.length > 0 && isMember(relation.model._meta, parts[0]);
    if (!relation.reverse && !relation.toMany && !relation.generic && !follows)
      return { path: toColumn(relations, meta, relation.field), rest: parts };
    relations.push(...wayOf(meta, relation));
    meta = relation.model._meta;
    if (!follows) return { path: toPath(relations, meta.pk), rest: parts };
  }
}

/** A column of the model that the relations lead to, or of a parent, whose table is one JOIN away. */
function toColumn(relations: readonly Relation[], meta: Options, field: Field): FieldPath {
  return toPath([...relations, ...linksTo(meta, field.model)], field);
}

function toPath(relations: readonly Relation[], field: Field): FieldPath {
  return { relations, field, toMany: relations.some((relation) => relation.toMany) };
}

function isMember(meta: Options, name: string): boolean {
  return name === "pk" || meta.byName.has(name) || findRelation(meta, name) !== undefined;
}

function columnNamed(meta: Options, name: string, key: string): Field {
  const field = name === "pk" ? meta.pk : meta.byName.get(name);
  if (field) return field;
  if (meta.privateFields.some((candidate) => candidate.name === name)) throw notQueried(name);
  const choices = lookupNames(meta);
  const near = closestMatch(name, choices);
  throw new FieldError(`Cannot resolve "${name}" of "${key}" into a field of ${meta.label}.`, {
    hint: near ? `Did you mean "${near}"?` : `Choices are: ${choices.join(", ")}.`,
  });
}

/** The sentence is Django's. */
function notQueried(name: string): FieldError {
  return new FieldError(
    `Field '${name}' does not generate an automatic reverse relation and therefore cannot be used for reverse querying. ` +
      "If it is a GenericForeignKey, consider adding a GenericRelation.",
  );
}

function parse(model: ModelClass, key: string): Lookup {
  const { path, rest } = walkPath(model, key);
  return { ...path, key, ...splitLookup(rest, path.field, key) };
}

/** What follows the field: any transforms, then perhaps an operator. */
export function splitLookup(rest: readonly string[], field: Field, key: string) {
  const { transforms, last, left } = takeTransforms(rest, field, isOperator);
  const [operator = "exact", ...tooMany] = left;
  if (isOperator(operator, last) && tooMany.length === 0) return { transforms, operator };
  throw noLookup(isOperator(operator, last) ? tooMany[0] : operator, field, last, key);
}

/** What follows the field, where there is nothing to compare: transforms only. */
export function splitTransforms(rest: readonly string[], field: Field, key: string): readonly string[] {
  const { transforms, last, left } = takeTransforms(rest, field, () => false);
  if (left.length === 0) return transforms;
  throw noLookup(left[0], field, last, key);
}

/** The last name is an operator rather than a key of JSON, if it may be both. */
function takeTransforms(rest: readonly string[], field: Field, ends: (name: string, field: Field) => boolean) {
  const transforms: string[] = [];
  let last = field;
  for (const [index, name] of rest.entries()) {
    if ((index === rest.length - 1 && ends(name, last)) || !isTransform(name, last)) break;
    transforms.push(name);
    last = transformOutput(last, name);
  }
  return { transforms, last, left: rest.slice(transforms.length) };
}

function noLookup(wrong: string, field: Field, last: Field, key: string): FieldError {
  const names = [...operatorNames(last), ...transformNames(last)];
  const near = closestMatch(wrong, names);
  return new FieldError(`"${wrong}" of "${key}" is no lookup of ${field.label}, a ${field.kind}.`, {
    hint: near ? `Did you mean "${near}"?` : `Lookups are: ${names.join(", ")}.`,
  });
}
