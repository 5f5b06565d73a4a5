import { parseJson } from "../../utils/json.ts";
import { parseUuid } from "../../utils/uuid.ts";
import { postgresTypes } from "../postgres/field_types.ts";
import { fromDatetime } from "./datetime_reader.ts";
import type { Field } from "./field.ts";
import * as values from "./field_values.ts";

/** The databases that the framework speaks to. */
export type Vendor = "sqlite" | "postgresql";

type Convert = (value: unknown, vendor: Vendor, field: Field) => unknown;

/**
 * How one kind of field stands in a database.
 *
 * `column` gives the column's type under Django's names, `toDb` turns a value of ours into one that the driver takes (a
 * DataError where it does not fit), and `fromDb` turns what the driver gave back. On PostgreSQL the driver gives text for
 * everything; on SQLite it gives numbers, texts and buffers. Neither is called with null.
 */
export interface FieldType {
  column(field: Field, vendor: Vendor): string;
  toDb: Convert;
  fromDb: Convert;
  /** Turns a value to compare with, where it need not fit the column; default `toDb`. */
  toLookup?: Convert;
  /** An SQL condition that the column always satisfies, with `%s` for the quoted column. */
  check?(vendor: Vendor): string | null;
  /** SQLite must be asked for bigints, since a number could lose digits. */
  wide?: boolean;
  /** The smallest and the largest whole number that the column holds. */
  range?: readonly [min: bigint, max: bigint];
}

const same = (value: unknown) => value;
const text = (value: unknown) => String(value);

function fixed(sqlite: string, postgresql: string = sqlite): FieldType["column"] {
  return (_field, vendor) => (vendor === "sqlite" ? sqlite : postgresql);
}

/** Automatic keys are numbers; one past 2^53 would not come back as it was stored. */
function safeInteger(raw: unknown, _vendor: Vendor, field: Field): number {
  const value = Number(raw);
  if (Number.isSafeInteger(value)) return value;
  throw new RangeError(`${field.label} holds ${String(raw)}, which a number cannot; declare it as a BigIntegerField`);
}

const limits = { small: 2n ** 15n, normal: 2n ** 31n, big: 2n ** 63n };

function integer(size: keyof typeof limits, sqlite: string, postgresql: string = sqlite): FieldType {
  const range = [-limits[size], limits[size] - 1n] as const;
  return {
    column: fixed(sqlite, postgresql),
    range,
    toDb: values.integerWithin(...range),
    toLookup: values.toLookupInteger,
    fromDb: safeInteger,
  };
}

function positive(size: keyof typeof limits, sqlite: string, postgresql: string): FieldType {
  const range = [0n, limits[size] - 1n] as const;
  const type = integer(size, sqlite, postgresql);
  return { ...type, range, toDb: values.integerWithin(...range), check: () => "%s >= 0" };
}

const wide = { fromDb: (raw: unknown) => BigInt(raw as string | number | bigint), wide: true };

const string: FieldType = {
  column: (field) => `varchar(${field.options.maxLength})`,
  toDb: values.toLimitedText,
  toLookup: values.toText,
  fromDb: same,
};

/**
 * Every kind of field under Django's name: the table that decides columns and conversions.
 * Column types are those of django.db.backends.sqlite3 and django.db.backends.postgresql.
 */
export const fieldTypes = {
  AutoField: integer("normal", "integer"),
  BigAutoField: integer("big", "integer", "bigint"),
  SmallAutoField: integer("small", "integer", "smallint"),
  BigIntegerField: { ...integer("big", "bigint"), ...wide },
  PositiveBigIntegerField: { ...positive("big", "bigint unsigned", "bigint"), ...wide },
  IntegerField: integer("normal", "integer"),
  PositiveIntegerField: positive("normal", "integer unsigned", "integer"),
  PositiveSmallIntegerField: positive("small", "smallint unsigned", "smallint"),
  SmallIntegerField: integer("small", "smallint"),
  BinaryField: { column: fixed("BLOB", "bytea"), toDb: values.toBinary, fromDb: values.fromBinary },
  BooleanField: {
    column: fixed("bool", "boolean"),
    toDb: values.toBoolean,
    fromDb: (raw) => raw === "t" || raw === 1 || raw === 1n || raw === true,
  },
  CharField: string,
  EmailField: string,
  SlugField: string,
  URLField: string,
  FileField: string,
  ImageField: string,
  FilePathField: string,
  ...postgresTypes,
  TextField: { column: fixed("text"), toDb: values.toText, fromDb: same },
  DateField: { column: fixed("date"), toDb: values.toDate, fromDb: text },
  TimeField: { column: fixed("time"), toDb: values.toTime, fromDb: values.fromTime },
  DateTimeField: {
    column: fixed("datetime", "timestamp with time zone"),
    toDb: values.toDatetime,
    fromDb: fromDatetime,
  },
  DurationField: {
    column: fixed("bigint", "interval"),
    toDb: values.toDuration,
    fromDb: values.fromDuration,
    wide: true,
  },
  DecimalField: {
    column: (field, vendor) =>
      vendor === "sqlite" ? "decimal" : `numeric(${field.options.maxDigits}, ${field.options.decimalPlaces})`,
    toDb: values.toDecimal,
    toLookup: values.toLookupDecimal,
    fromDb: values.fromDecimal,
  },
  FloatField: { column: fixed("real", "double precision"), toDb: values.toFloat, fromDb: Number },
  GenericIPAddressField: {
    column: fixed("char(39)", "inet"),
    toDb: values.toAddress,
    toLookup: values.toLookupAddress,
    fromDb: values.fromAddress,
  },
  JSONField: {
    column: fixed("text", "jsonb"),
    toDb: values.toJson,
    // What is stored is given back, whatever its keys are: refusing is for what comes in.
    fromDb: (raw) => (typeof raw === "string" ? parseJson(raw, { prototypeKeys: "keep" }) : raw),
    check: (vendor) => (vendor === "sqlite" ? "(JSON_VALID(%s) OR %s IS NULL)" : null),
  },
  UUIDField: {
    column: fixed("char(32)", "uuid"),
    toDb: values.toUuid,
    fromDb: (raw) => parseUuid(String(raw)),
  },
  ForeignKey: relation(),
  OneToOneField: relation(),
  ManyToManyField: {
    column: () => {
      throw new TypeError("a ManyToManyField has no column");
    },
    toDb: same,
    fromDb: same,
  },
} satisfies Record<string, FieldType>;

/** The name of a kind of field, as Django writes it: `"CharField"`, `"ForeignKey"`, … */
export type FieldKind = keyof typeof fieldTypes;

/** The numbers that the column of an integer field holds, on both databases. */
export function integerRange(kind: FieldKind): readonly [min: bigint, max: bigint] {
  const { range } = fieldTypes[kind] as FieldType;
  if (range) return range;
  throw new TypeError(`a ${kind} holds no integers`);
}

/** A relation's column is of the type of the key that it points to. */
function relation(): FieldType {
  return {
    column: (field, vendor) => field.targetField.dbType(vendor),
    toDb: (value, vendor, field) => field.targetField.toDb(value, vendor),
    toLookup: (value, vendor, field) => field.targetField.toLookup(value, vendor),
    fromDb: (raw, vendor, field) => field.targetField.fromDb(raw, vendor),
  };
}
