// The lookups of django.contrib.postgres: of arrays, hstores, ranges and texts.
import { FieldError, NotSupportedError } from "../../exceptions.ts";
import { outputOf, plainOutput } from "../expressions/outputs.ts";
import { Field } from "../fields/field.ts";
import type { FieldKind } from "../fields/field_types.ts";
import { operators } from "../lookups/comparisons.ts";
import type { LookupContext, Operand, Operator, Transform } from "../lookups/operand.ts";
import { textOperators } from "../lookups/texts.ts";
import { baseField } from "./arrays.ts";
import { Range } from "./ranges.ts";

type Operators = Readonly<Record<string, Operator>>;

/** An operator of PostgreSQL between the column and a value. */
function infix(
  name: string,
  symbol: string,
  cast = "",
  toParam?: (value: unknown, operand: Operand) => unknown,
): Operator {
  return (operand, { vendor, param }) => {
    if (vendor === "sqlite") throw unsupported(name);
    const convert = toParam ?? ((value: unknown) => operand.toParam(value));
    return `${operand.sql} ${symbol} ${param((value) => convert(value, operand))}${cast}`;
  };
}

function unsupported(name: string): NotSupportedError {
  return new NotSupportedError(`${name} lookup is not supported on this database backend.`);
}

/** What these fields have of what every field has: no patterns. */
const plain = Object.fromEntries(Object.entries(operators).filter(([name]) => !Object.hasOwn(textOperators, name)));

const containment: Operators = {
  contains: infix("contains", "@>"),
  containedBy: infix("containedBy", "<@"),
};

function texts(value: unknown): string[] {
  if (typeof value === "object" && value !== null && Symbol.iterator in value)
    return [...(value as Iterable<unknown>)].map(String);
  throw new FieldError(`Keys are a list of texts, not ${JSON.stringify(value)}.`);
}

const hstoreOperators: Operators = {
  ...plain,
  ...containment,
  hasKey: infix("hasKey", "?", "::text", String),
  hasKeys: infix("hasKeys", "?&", "::text[]", texts),
  hasAnyKeys: infix("hasAnyKeys", "?|", "::text[]", texts),
};

/** A single value is a range of itself. */
function asRange(value: unknown, operand: Operand): unknown {
  return operand.toParam(value instanceof Range ? value : new Range(value, value, "[]"));
}

const rangeOperators: Operators = {
  ...plain,
  contains: infix("contains", "@>", "", asRange),
  containedBy: infix("containedBy", "<@"),
  overlap: infix("overlap", "&&"),
  fullyLt: infix("fullyLt", "<<"),
  fullyGt: infix("fullyGt", ">>"),
  notLt: infix("notLt", "&>"),
  notGt: infix("notGt", "&<"),
  adjacentTo: infix("adjacentTo", "-|-"),
};

/** The kinds of what ranges are made of. */
const rangeBases = {
  IntegerRangeField: "IntegerField",
  BigIntegerRangeField: "BigIntegerField",
  DecimalRangeField: "DecimalField",
  DateRangeField: "DateField",
  DateTimeRangeField: "DateTimeField",
} as const satisfies Partial<Record<FieldKind, FieldKind>>;

/** What contains a word: Django's `search`, of a text or of a document's vector. */
function search({ sql, field }: Operand, { vendor, param, isExpression }: LookupContext): string {
  if (vendor === "sqlite") throw unsupported("search");
  const vector = field?.kind === "SearchVectorField" ? sql : `TO_TSVECTOR(COALESCE(${sql}, ''))`;
  return `${vector} @@ ${isExpression ? param(String) : `PLAINTO_TSQUERY(${param(String)})`}`;
}

/** The extension pg_trgm has them; the column stands at the right of the last two. */
const searchOperators: Operators = {
  search,
  trigramSimilar: infix("trigramSimilar", "%", "", String),
  trigramWordSimilar: infix("trigramWordSimilar", "%>", "", String),
  trigramStrictWordSimilar: infix("trigramStrictWordSimilar", "%>>", "", String),
};

const textKinds = ["CharField", "TextField", "SlugField", "EmailField", "URLField"] as const satisfies FieldKind[];

function each<K extends string, T>(kinds: readonly K[], value: T): Record<K, T> {
  return Object.fromEntries(kinds.map((kind) => [kind, value])) as Record<K, T>;
}

/** Comparisons by kind of field. */
export const postgresOperators: Partial<Record<FieldKind, Operators>> = {
  ArrayField: { ...plain, ...containment, overlap: infix("overlap", "&&") },
  HStoreField: hstoreOperators,
  SearchVectorField: { ...plain, search, exact: search },
  ...each(Object.keys(rangeBases) as (keyof typeof rangeBases)[], rangeOperators),
  ...each(textKinds, { ...operators, ...searchOperators }),
};

function transform(output: Field, sql: (sql: string) => string): Transform {
  return {
    output,
    write: (operand, vendor) => ({
      sql: sql(operand.sql),
      field: output,
      toParam: (value) => output.toLookup(value, vendor),
      nullable: true,
    }),
  };
}

const length = transform(
  plainOutput("IntegerField"),
  (sql) => `(CASE WHEN ${sql} IS NULL THEN NULL ELSE COALESCE(ARRAY_LENGTH(${sql}, 1), 0) END)`,
);

/** `tags__0` is the first item, `tags__0_2` the first two: PostgreSQL counts from one. */
function arrayTransform(field: Field, name: string): Transform | undefined {
  if (name === "len") return length;
  const [, from, to] = /^(\d{1,9})(?:_(\d{1,9}))?$/.exec(name) ?? [];
  if (from === undefined) return undefined;
  const indexed = (sql: string) => (sql.endsWith("]") ? sql : `(${sql})`);
  if (to === undefined) return transform(baseField(field), (sql) => `${indexed(sql)}[${Number(from) + 1}]`);
  return transform(field, (sql) => `${indexed(sql)}[${Number(from) + 1}:${Number(to)}]`);
}

const textArray = outputOf("ArrayField", { baseField: outputOf("TextField") });

function hstoreTransform(_field: Field, name: string): Transform {
  if (name === "keys") return transform(textArray, (sql) => `AKEYS(${sql})`);
  if (name === "values") return transform(textArray, (sql) => `AVALS(${sql})`);
  if (name.includes("\0")) throw new FieldError(`The key ${JSON.stringify(name)} contains NUL.`);
  return transform(plainOutput("TextField"), (sql) => `(${sql} -> '${name.replaceAll("'", "''")}')`);
}

const boolean = plainOutput("BooleanField");

function rangeTransforms(base: Field): Readonly<Record<string, Transform>> {
  return {
    startswith: transform(base, (sql) => `LOWER(${sql})`),
    endswith: transform(base, (sql) => `UPPER(${sql})`),
    isempty: transform(boolean, (sql) => `ISEMPTY(${sql})`),
    lowerInc: transform(boolean, (sql) => `LOWER_INC(${sql})`),
    lowerInf: transform(boolean, (sql) => `LOWER_INF(${sql})`),
    upperInc: transform(boolean, (sql) => `UPPER_INC(${sql})`),
    upperInf: transform(boolean, (sql) => `UPPER_INF(${sql})`),
  };
}

type FindTransform = (field: Field, name: string) => Transform | undefined;

function named(table: Readonly<Record<string, Transform>>): FindTransform {
  return (_field, name) => (Object.hasOwn(table, name) ? table[name] : undefined);
}

/** Decimals have as many digits as they need. */
const ranges = Object.entries(rangeBases).map(
  ([kind, base]) => [kind, named(rangeTransforms(new Field(base)))] as const,
);

const unaccent: FindTransform = (field, name) =>
  name === "unaccent" ? transform(field, (sql) => `UNACCENT(${sql})`) : undefined;

/** What may follow a column, by kind of field. */
export const postgresTransforms: Partial<Record<FieldKind, FindTransform>> = {
  ArrayField: arrayTransform,
  HStoreField: hstoreTransform,
  ...Object.fromEntries(ranges),
  ...each(textKinds, unaccent),
};
