import type { Field } from "../db/fields/field.ts";
import type { ModelClass } from "../db/models.ts";
import type { Projection } from "../db/projection.ts";
import { SerializerMethodField } from "./fields.ts";
import { ManyRelatedField, RelatedField, StringRelatedField } from "./relations.ts";
import { type CompiledField, type CompiledSchema, NestedField } from "./serializers.ts";

/** A projection while it is being put together. */
interface Draft {
  columns: Set<Field>;
  one: Map<string, Draft>;
  many: Map<string, Draft>;
}

const draft = (): Draft => ({ columns: new Set(), one: new Map(), many: new Map() });

/** Thrown inside this module where a field needs the object itself; the schema is then served from whole objects. */
class NeedsObject extends Error {}

/**
 * The columns, joins and prefetches that a schema's output is made of, so that no query is made per row. Null where a
 * field is more than columns: a method, a property, a method field.
 */
export function projectionOf(schema: CompiledSchema, model: ModelClass): Projection | null {
  try {
    const result = draft();
    addSchema(result, schema, model);
    return freeze(result);
  } catch (error) {
    if (error instanceof NeedsObject) return null;
    throw error;
  }
}

/** The relations that a schema's output reads, as names for `selectRelated` and `prefetchRelated`. */
export function loadPaths(schema: CompiledSchema, model: ModelClass): { one: string[]; many: string[] } {
  const result = draft();
  addSchema(result, schema, model, true);
  return pathsOf(result, []);
}

function addSchema(into: Draft, schema: CompiledSchema, model: ModelClass, lenient = false): void {
  for (const field of schema.fields) {
    if (field.field.writeOnly) continue;
    try {
      addField(into, field, model, lenient);
    } catch (error) {
      if (!lenient || !(error instanceof NeedsObject)) throw error;
    }
  }
}

function addField(into: Draft, { field, source }: CompiledField, model: ModelClass, lenient: boolean): void {
  if (field instanceof SerializerMethodField || source === "*") throw new NeedsObject();
  const path = source.split(".");
  const last = path.pop() as string;
  const [holder, owner] = descend(into, path, model);
  const column = owner._meta.byName.get(last);
  if (field instanceof NestedField) addNested(holder, field, last, owner, lenient);
  else if (field instanceof ManyRelatedField) addMany(holder, last, owner, field.child);
  else if (field instanceof RelatedField) addRelated(holder, last, owner, field, lenient);
  else if (column === undefined || column.isManyToMany) throw new NeedsObject();
  else holder.columns.add(column);
}

/** Walks `user.profile` of `user.profile.nickname`, joining on the way. */
function descend(into: Draft, path: string[], model: ModelClass): [Draft, ModelClass] {
  return path.reduce<[Draft, ModelClass]>(([at, owner], name) => joined(at, name, owner), [into, model]);
}

function joined(into: Draft, name: string, model: ModelClass): [Draft, ModelClass] {
  const relation = model._meta.byName.get(name);
  if (!relation?.isForeignKey) throw new NeedsObject();
  return [child(into.one, name), relation.relatedModel];
}

function child(children: Map<string, Draft>, name: string): Draft {
  let found = children.get(name);
  if (!found) {
    found = draft();
    children.set(name, found);
  }
  return found;
}

function addNested(into: Draft, field: NestedField, name: string, model: ModelClass, lenient: boolean): void {
  if (field.many) {
    addSchema(child(into.many, name), field.compiled, manyTarget(model, name), lenient);
    return;
  }
  const [next, related] = joined(into, name, model);
  next.columns.add(related._meta.pk);
  addSchema(next, field.compiled, related, lenient);
}

function manyTarget(model: ModelClass, name: string): ModelClass {
  const field = model._meta.byName.get(name);
  if (field?.isManyToMany) return field.relatedModel;
  const related = model._meta.getRelated(name);
  if (!related) throw new NeedsObject();
  return related.relatedModel;
}

function addMany(into: Draft, name: string, model: ModelClass, childField: RelatedField): void {
  const target = manyTarget(model, name);
  const next = child(into.many, name);
  for (const column of childField.columnsOf(target)) next.columns.add(column);
}

/** A key is in the row itself; anything else of the other object needs the join. */
function addRelated(into: Draft, name: string, model: ModelClass, field: RelatedField, lenient: boolean): void {
  const relation = model._meta.byName.get(name);
  if (!relation?.isForeignKey) throw new NeedsObject();
  if (field.usesKeyOnly) {
    into.columns.add(relation);
    return;
  }
  const [next, related] = joined(into, name, model);
  next.columns.add(related._meta.pk);
  for (const column of field.columnsOf(related)) next.columns.add(column);
  // Only the object itself knows its text.
  if (field instanceof StringRelatedField && !lenient) throw new NeedsObject();
}

function freeze({ columns, one, many }: Draft): Projection {
  const all = (children: Map<string, Draft>) => new Map([...children].map(([name, inner]) => [name, freeze(inner)]));
  return { columns: [...columns], one: all(one), many: all(many) };
}

function pathsOf({ one, many }: Draft, prefix: string[]): { one: string[]; many: string[] } {
  const result: { one: string[]; many: string[] } = { one: [], many: [] };
  const join = (name: string) => [...prefix, name].join("__");
  for (const [name, inner] of one) {
    const below = pathsOf(inner, [...prefix, name]);
    result.one.push(join(name), ...below.one);
    result.many.push(...below.many);
  }
  for (const [name, inner] of many) {
    const below = pathsOf(inner, [...prefix, name]);
    // What hangs below a relation to many is fetched with it: prefetchRelated follows a whole path.
    result.many.push(join(name), ...below.one, ...below.many);
  }
  return result;
}
