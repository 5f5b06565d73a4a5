// The columns of django.contrib.postgres.fields, which SQLite does not have.
import { ImproperlyConfigured } from "../../exceptions.ts";
import { fromDatetime } from "../fields/datetime_reader.ts";
import type { Field } from "../fields/field.ts";
import type { FieldType, Vendor } from "../fields/field_types.ts";
import * as values from "../fields/field_values.ts";
import { arrayColumn, fromArray, toArray } from "./arrays.ts";
import { fromHStore, toHStore } from "./hstore.ts";
import { readRange, writeRange } from "./ranges.ts";

function only(column: (field: Field) => string): FieldType["column"] {
  return (field, vendor: Vendor) => {
    if (vendor === "postgresql") return column(field);
    throw new ImproperlyConfigured(`${field.label} is a ${field.kind}, which only PostgreSQL has.`, {
      hint: "Use a JSONField, or move the model to a PostgreSQL database.",
    });
  };
}

type ToDb = (value: unknown, vendor: Vendor, field: Field) => unknown;

function range<T>(type: string, toDb: ToDb, read: (text: string) => T): FieldType {
  return {
    column: only(() => type),
    toDb: (value, _vendor, field) => writeRange(value, field, toDb),
    fromDb: (raw) => readRange(raw, read),
  };
}

const same = (value: unknown) => value;
const text = (value: string) => value;
const big = 2n ** 63n;

/** What kinds of field only PostgreSQL has. */
export const postgresTypes = {
  ArrayField: { column: only(arrayColumn), toDb: toArray, fromDb: fromArray },
  HStoreField: { column: only(() => "hstore"), toDb: toHStore, fromDb: fromHStore },
  IntegerRangeField: range("int4range", values.integerWithin(-(2n ** 31n), 2n ** 31n - 1n), Number),
  BigIntegerRangeField: range("int8range", values.integerWithin(-big, big - 1n), BigInt),
  DecimalRangeField: range("numrange", values.toLookupDecimal, text),
  DateRangeField: range("daterange", values.toDate, text),
  DateTimeRangeField: range("tstzrange", values.toDatetime, fromDatetime),
  SearchVectorField: { column: only(() => "tsvector"), toDb: values.toText, fromDb: same },
} satisfies Record<string, FieldType>;
