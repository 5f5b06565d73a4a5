// What a field's value is in a fixture: Field.value_to_string() of Django, and the values that it leaves as they are.
import { formatDatetime } from "../../utils/datetime.ts";
import { Decimal } from "../../utils/decimal.ts";
import { JsonFloat } from "../../utils/json.ts";
import { pythonStr } from "../../utils/python_text.ts";
import type { Field } from "../fields/field.ts";
import type { FieldKind } from "../fields/field_types.ts";
import { baseField } from "../postgres/arrays.ts";
import type { Range } from "../postgres/ranges.ts";
import { djangoJson } from "./json.ts";

type Encode = (value: never, field: Field) => unknown;

const range: Encode = (value: Range<unknown>) => asciiJson(rangeValue(value));

const encoders: { readonly [kind in FieldKind]?: Encode } = {
  FloatField: (value: number) => new JsonFloat(value),
  DecimalField: (value: string) => String(Decimal.parse(value) ?? value),
  TimeField: (value: string) => value.slice(0, "00:00:00.000".length),
  DurationField: String,
  BinaryField: (value: Uint8Array) => Buffer.from(value).toString("base64"),
  ArrayField: (value: unknown[], field) => asciiJson(value.map((item) => itemText(baseField(field), item))),
  HStoreField: (value: object) => asciiJson(value),
  IntegerRangeField: range,
  BigIntegerRangeField: range,
  DecimalRangeField: range,
  DateRangeField: range,
  DateTimeRangeField: range,
};

/** The value of a field as it stands in a fixture; a relation's is that of the key it holds. */
export function fixtureValue(field: Field, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  if (field.isForeignKey) return fixtureValue(field.targetField, value);
  const encode = encoders[field.kind] as ((value: unknown, field: Field) => unknown) | undefined;
  return encode ? encode(value, field) : value;
}

function rangeValue({ isEmpty, bounds, lower, upper }: Range<unknown>): object {
  return isEmpty ? { empty: true } : { bounds, lower: asText(lower), upper: asText(upper) };
}

/** An item of an array is a text, whatever it is: Django's `value_to_string()`. */
function itemText(field: Field, value: unknown): unknown {
  if (value === null || field.kind === "JSONField") return value;
  if (field.kind === "TimeField") return value;
  return asText(fixtureValue(field, value));
}

function asText(value: unknown): string | null {
  if (value === null) return null;
  if (value instanceof Date) return formatDatetime(value).replace(/Z$/, "+00:00");
  return value instanceof JsonFloat ? String(value) : pythonStr(typeof value === "bigint" ? String(value) : value);
}

/** `json.dumps()` without options, which leaves no character beyond ASCII. */
function asciiJson(value: unknown): string {
  const escaped = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return djangoJson(value).replace(/[\u007f-\uffff]/g, escaped);
}
