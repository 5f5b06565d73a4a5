// Keys of JSON, and what is asked of them: django.db.models.fields.json.
import { FieldError, NotSupportedError } from "../../exceptions.ts";
import { stringifyJson } from "../../utils/json.ts";
import { outputOf, plainOutput } from "../expressions/outputs.ts";
import type { Vendor } from "../fields/field_types.ts";
import { jsonArray, type LookupContext, type Operand, type Operator, type Transform } from "./operand.ts";
import { textOperators } from "./texts.ts";

/** Names stand in SQL as literals: what a query asks for is part of its text. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** What counts items of an array; every other name is the key of an object. */
function isIndex(name: string): boolean {
  return /^-?\d{1,9}$/.test(name);
}

/** A path as SQLite reads it, `$."name"` or `$[0]`; the last item is `$[#-1]`. */
function sqlitePath(name: string): string {
  if (!isIndex(name)) return objectPath(name);
  return name.startsWith("-") ? `$[#${Number(name)}]` : `$[${Number(name)}]`;
}

function objectPath(key: string): string {
  return `$.${JSON.stringify(key)}`;
}

function member(sql: string, name: string, vendor: Vendor): string {
  if (name.includes("\0")) throw new FieldError(`The key ${JSON.stringify(name)} contains NUL.`);
  if (vendor === "sqlite") return `(${sql} -> ${quoted(sqlitePath(name))})`;
  return `(${sql} -> ${isIndex(name) ? Number(name) : quoted(name)})`;
}

/** What stands at a key, which is JSON again. */
const keyOutput = outputOf("JSONField");

/** Whether an operand is what stands at a key, and not the whole column. */
function isKey({ field }: Operand): boolean {
  return field === keyOutput;
}

/** Goes on to a key of an object, or to an item of an array. */
export function keyTransform(name: string): Transform {
  return {
    output: keyOutput,
    write: (operand, vendor) => ({
      ...operand,
      sql: member(operand.sql, name, vendor),
      field: keyOutput,
      nullable: true,
    }),
  };
}

/** What JSON says, as text: a text without its quotes, null as NULL. */
export function jsonText(sql: string, vendor: Vendor): string {
  if (vendor === "postgresql") return `(${sql} #>> '{}')`;
  return `(CASE JSON_TYPE(${sql}) WHEN 'text' THEN ${sql} ->> '$' WHEN 'null' THEN NULL ELSE ${sql} END)`;
}

/** JSON to order by: SQLite, where it is text, compares its numbers as numbers then. */
export function jsonOrder(sql: string, vendor: Vendor): string {
  return vendor === "sqlite" ? `JSON_EXTRACT(${sql}, '$')` : sql;
}

/** A value as JSON; NUL and halves of surrogate pairs are refused as they are on their way into a column. */
function jsonParam(value: unknown, vendor: Vendor): string {
  return value === null ? "null" : String(keyOutput.toDb(value, vendor));
}

/** On SQLite numbers are compared as numbers, everything else as the JSON that it is. */
function sqliteScalar(sql: string): string {
  return `(CASE WHEN JSON_TYPE(${sql}) IN ('integer', 'real') THEN JSON_EXTRACT(${sql}, '$') ELSE ${sql} END)`;
}

function sqliteParam(value: unknown): unknown {
  return typeof value === "number" || typeof value === "bigint" ? value : jsonParam(value, "sqlite");
}

function exact(operand: Operand, { vendor, param }: LookupContext): string {
  const { sql } = operand;
  if (vendor === "postgresql") return `${sql} = ${param((value) => jsonParam(value, vendor))}::jsonb`;
  if (isKey(operand)) return `${sqliteScalar(sql)} = ${param(sqliteParam)}`;
  return `JSON(${sql}) = JSON(${param((value) => jsonParam(value, vendor))})`;
}

function isIn({ sql }: Operand, { vendor, param }: LookupContext): string {
  const all = (convert: (value: unknown) => unknown) => (values: unknown) => (values as unknown[]).map(convert);
  if (vendor === "postgresql") return `${sql} = ANY(${param(all((value) => jsonParam(value, vendor)))}::jsonb[])`;
  const list = param((values) => jsonArray(all(sqliteParam)(values)));
  return `${sqliteScalar(sql)} IN (SELECT value FROM json_each(${list}))`;
}

/** Numbers are more or less than numbers, and texts than texts; nothing else has an order. */
function orderedValue(value: unknown): string | number | bigint {
  const plain = typeof value === "bigint" ? value : JSON.parse(stringifyJson(value));
  if (["string", "number", "bigint"].includes(typeof plain)) return plain;
  throw new FieldError(`JSON is ordered by numbers and by texts, not by ${JSON.stringify(value)}.`);
}

type Pick = (value: unknown) => unknown;

/** Only what is of the same type is compared. */
function compared({ sql }: Operand, { vendor, param }: LookupContext, picks: readonly Pick[], test: Test): string {
  if (vendor === "postgresql") {
    const bounds = picks.map((pick) => `${param((value) => stringifyJson(orderedValue(pick(value))))}::jsonb`);
    return `(JSONB_TYPEOF(${sql}) = JSONB_TYPEOF(${bounds[0]}) AND ${test(sql, bounds)})`;
  }
  const bounds = picks.map((pick) => param((value) => orderedValue(pick(value))));
  const isText = `TYPEOF(${bounds[0]}) = 'text'`;
  const types = `CASE WHEN ${isText} THEN JSON_TYPE(${sql}) = 'text' ELSE JSON_TYPE(${sql}) IN ('integer', 'real') END`;
  return `(CASE WHEN ${types} THEN ${test(`JSON_EXTRACT(${sql}, '$')`, bounds)} ELSE 0 END)`;
}

type Test = (sql: string, bounds: readonly string[]) => string;

function compare(symbol: string): Operator {
  return (operand, context) => {
    return compared(operand, context, [(value) => value], (sql, [bound]) => `${sql} ${symbol} ${bound}`);
  };
}

function range(operand: Operand, context: LookupContext): string {
  const picks = [0, 1].map((index) => (value: unknown) => (value as unknown[])[index]);
  return compared(operand, context, picks, (sql, [least, most]) => `${sql} BETWEEN ${least} AND ${most}`);
}

/** Texts at keys are looked at without their quotes. */
function ofText(operator: Operator): Operator {
  const field = plainOutput("TextField");
  return (operand, context) => operator({ ...operand, sql: jsonText(operand.sql, context.vendor), field }, context);
}

function containment(name: string, symbol: string): Operator {
  return ({ sql }, { vendor, param }) => {
    if (vendor === "postgresql") return `${sql} ${symbol} ${param((value) => jsonParam(value, vendor))}::jsonb`;
    throw new NotSupportedError(`${name} lookup is not supported on this database backend.`);
  };
}

function keyName(value: unknown): string {
  if (typeof value === "string" || typeof value === "number") return String(value);
  throw new FieldError(`A key of JSON is text, not ${JSON.stringify(value)}.`);
}

/** PostgreSQL finds texts in arrays as well, as under Django. */
function hasKey({ sql }: Operand, { vendor, param }: LookupContext): string {
  if (vendor === "postgresql") return `${sql} ? ${param(keyName)}::text`;
  return `JSON_TYPE(${sql}, ${param((value) => objectPath(keyName(value)))}) IS NOT NULL`;
}

function hasSome(symbol: "?&" | "?|"): Operator {
  return ({ sql }, { vendor, param }) => {
    if (vendor === "postgresql") return `${sql} ${symbol} ${param((value) => keyNames(value))}::text[]`;
    const paths = param((value) => jsonArray(keyNames(value).map(objectPath)));
    const missing = symbol === "?&" ? ["NOT EXISTS", "IS NULL"] : ["EXISTS", "IS NOT NULL"];
    return `${missing[0]} (SELECT 1 FROM json_each(${paths}) WHERE JSON_TYPE(${sql}, value) ${missing[1]})`;
  };
}

function keyNames(value: unknown): string[] {
  if (typeof value === "object" && value !== null && Symbol.iterator in value) {
    return [...(value as Iterable<unknown>)].map(keyName);
  }
  throw new FieldError(`Keys of JSON are a list of texts, not ${JSON.stringify(value)}.`);
}

/** Comparisons of JSON. */
export const jsonOperators: Readonly<Record<string, Operator>> = {
  ...Object.fromEntries(Object.entries(textOperators).map(([name, operator]) => [name, ofText(operator)])),
  exact,
  in: isIn,
  gt: compare(">"),
  gte: compare(">="),
  lt: compare("<"),
  lte: compare("<="),
  range,
  contains: containment("contains", "@>"),
  containedBy: containment("containedBy", "<@"),
  hasKey,
  hasKeys: hasSome("?&"),
  hasAnyKeys: hasSome("?|"),
};
