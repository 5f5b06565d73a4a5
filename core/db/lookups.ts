// django.db.models.lookups: what stands behind the last `__` of a lookup, and what may stand before it.
import { ImproperlyConfigured } from "../exceptions.ts";
import type { Expression } from "./expressions/base.ts";
import type { Field } from "./fields/field.ts";
import type { FieldKind, Vendor } from "./fields/field_types.ts";
import { comparedWith } from "./lookups/compared.ts";
import { operators } from "./lookups/comparisons.ts";
import { CustomTransform } from "./lookups/custom.ts";
import { dateTransforms } from "./lookups/dates.ts";
import { jsonOperators, keyTransform } from "./lookups/json.ts";
import type { LookupContext, Operand, Operator, Transform } from "./lookups/operand.ts";

import { postgresOperators, postgresTransforms } from "./postgres/lookups.ts";

export { collated, isTextField, type LookupContext, type Operand } from "./lookups/operand.ts";

type Table<T> = Readonly<Record<string, T>>;

const operatorsOf: Partial<Record<FieldKind, Table<Operator>>> = {
  JSONField: { ...operators, ...jsonOperators },
  ...postgresOperators,
};

/** What users have registered, by kind of field; `"Field"` stands for all of them. */
const registered = new Map<FieldKind | "Field", Map<string, Operator | CustomTransform>>();
let registrations = 0;

/** Changes whenever a lookup is registered: what was understood before may mean something else. */
export function registrationCount(): number {
  return registrations;
}

function kindOf(field: Field): FieldKind {
  return field.isForeignKey ? kindOf(field.targetField) : field.kind;
}

function custom(field: Field, name: string): Operator | CustomTransform | undefined {
  return registered.get(kindOf(field))?.get(name) ?? registered.get("Field")?.get(name);
}

function own<T>(table: Table<T> | undefined, name: string): T | undefined {
  return table && Object.hasOwn(table, name) ? table[name] : undefined;
}

function operatorOf(field: Field | null, name: string): Operator | undefined {
  const known = field && custom(field, name);
  if (typeof known === "function") return known;
  return own((field && operatorsOf[kindOf(field)]) ?? operators, name);
}

export function isOperator(name: string, field: Field | null = null): boolean {
  return operatorOf(field, name) !== undefined;
}

export function operatorNames(field: Field): string[] {
  const all = [...(registered.get(kindOf(field)) ?? []), ...(registered.get("Field") ?? [])];
  return [...Object.keys(operatorsOf[kindOf(field)] ?? operators), ...all.map(([name]) => name)];
}

export function writeOperator(name: string, operand: Operand, context: LookupContext): string {
  return (operatorOf(operand.field, name) as Operator)(operand, context);
}

/** {@link writeOperator} with another expression's SQL in the place of a value; null where that means nothing. */
export function writeCompared(
  name: string,
  operand: Operand,
  other: string,
  context: Omit<LookupContext, "param">,
): string | null {
  return comparedWith(name, operatorOf(operand.field, name) as Operator, operand, other, context);
}

/** Every name that is nothing else is a key of JSON. */
function transformOf(field: Field, name: string): Transform | undefined {
  const known = custom(field, name);
  if (known instanceof CustomTransform) return known.of(field);
  const kind = kindOf(field);
  if (kind === "JSONField") return keyTransform(name);
  return own(dateTransforms[kind], name) ?? postgresTransforms[kind]?.(field, name);
}

export function transformNames(field: Field): string[] {
  return Object.keys(dateTransforms[kindOf(field)] ?? {});
}

export function isTransform(name: string, field: Field): boolean {
  return transformOf(field, name) !== undefined;
}

/** The kind of what a transform gives. */
export function transformOutput(field: Field, name: string): Field {
  return (transformOf(field, name) as Transform).output;
}

export function writeTransform(name: string, operand: Operand, vendor: Vendor): Operand {
  return (transformOf(operand.field as Field, name) as Transform).write(operand, vendor);
}

/** A comparison of one's own; see {@link registerLookup}. */
export interface Lookup {
  /** What stands behind the `__`. */
  lookupName: string;
  /** The condition as SQL, of that of both sides. */
  asSql(left: string, right: string, vendor: Vendor): string;
  /** Turns the value into what is compared, a value of the field by itself. */
  getPrepValue?(value: unknown): unknown;
}

/** A function of one expression that may stand in a lookup, such as `Lower`; see {@link registerLookup}. */
export interface LookupTransform {
  (value: Expression): Expression;
  readonly lookupName?: string;
}

/**
 * Makes a comparison or a function part of the lookups of a kind of field; `"Field"` is every kind.
 *
 * For the compiler to know the name, add it to {@link CustomLookups}.
 *
 * @param lookupName the name of a function that has none, or another one.
 * @throws ImproperlyConfigured where there is no name, or one that could not stand in a lookup.
 * @example
 * registerLookup("CharField", { lookupName: "ne", asSql: (left, right) => `${left} <> ${right}` });
 * registerLookup("CharField", Length);
 * Book.objects.where("title__ne", "The Sea").where("title__length__gt", 3);
 */
export function registerLookup(
  kind: FieldKind | "Field",
  lookup: Lookup | LookupTransform,
  lookupName: string | undefined = lookup.lookupName,
): void {
  if (lookupName === undefined || !/^[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*$/.test(lookupName)) {
    throw new ImproperlyConfigured(`A lookup cannot be named ${JSON.stringify(lookupName)}.`, {
      hint: 'Use letters and digits, as in registerLookup("CharField", Length, "length").',
    });
  }
  const known = registered.get(kind) ?? new Map<string, Operator | CustomTransform>();
  registered.set(
    kind,
    known.set(lookupName, typeof lookup === "function" ? new CustomTransform(lookup) : operatorFrom(lookup)),
  );
  registrations++;
}

function operatorFrom(lookup: Lookup): Operator {
  return (operand, { vendor, param }) => {
    const prepare = lookup.getPrepValue ?? operand.toParam;
    return lookup.asSql(
      operand.sql,
      param((value) => prepare(value)),
      vendor,
    );
  };
}
