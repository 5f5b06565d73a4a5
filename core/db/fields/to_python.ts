// `Field.to_python()` of django.db.models.fields: what comes from forms, fixtures and careless code becomes a value of the
// field's own type, or is a ValidationError in Django's words. Unlike `toDb` it says nothing of the column.
import { DataError, ValidationError } from "../../exceptions.ts";
import { DateTime, Duration, formatDate, parseDate, parseTime } from "../../utils/datetime.ts";
import { Decimal } from "../../utils/decimal.ts";
import { cleanIPv6 } from "../../utils/ipv6.ts";
import { parseFloatText, parseInteger } from "../../utils/python_numbers.ts";
import { pythonStr } from "../../utils/python_text.ts";
import { strip } from "../../utils/unicode.ts";
import { parseUuid } from "../../utils/uuid.ts";
import { arrayToPython, hstoreToPython, rangeToPython } from "../postgres/to_python.ts";
import type { Field } from "./field.ts";
import type { FieldKind } from "./field_types.ts";

type ToPython = (value: unknown, field: Field) => unknown;

/** Throws the field's sentence of that code. */
export function fail(field: Field, code: string, params: Readonly<Record<string, unknown>>): never {
  throw new ValidationError(field.errorMessages[code] as string, { code, params });
}

function toText(value: unknown): string {
  return typeof value === "string" ? value : pythonStr(value);
}

/** A whole number of any size; a fraction is refused, where Python's `int()` would cut it off. */
function toBigint(value: unknown, field: Field): bigint {
  if (typeof value === "bigint") return value;
  if (typeof value === "boolean" || (typeof value === "number" && Number.isInteger(value))) return BigInt(value);
  const parsed = typeof value === "string" ? parseInteger(value) : null;
  return parsed ?? fail(field, "invalid", { value });
}

function toInteger(value: unknown, field: Field): number | bigint {
  const integer = toBigint(value, field);
  const number = Number(integer);
  // One that is too large is refused by its range, with all its digits.
  return Number.isSafeInteger(number) ? number : integer;
}

/** NaN is refused, since it could not be stored. */
function toFloat(value: unknown, field: Field): number {
  const isNumber = ["number", "bigint", "boolean"].includes(typeof value);
  const parsed = isNumber ? Number(value) : typeof value === "string" ? parseFloatText(value) : null;
  return parsed === null || Number.isNaN(parsed) ? fail(field, "invalid", { value }) : parsed;
}

function toDecimal(value: unknown, field: Field): string {
  const isScalar = ["string", "number", "bigint"].includes(typeof value);
  const decimal = value instanceof Decimal ? value : isScalar ? Decimal.parse(String(value)) : null;
  // What no column could hold is not written out with all its zeros.
  if (!decimal?.isFinite || Math.abs(decimal.exponent) > 10_000) return fail(field, "invalid", { value });
  return decimal.toFixed();
}

const truth: ReadonlyMap<unknown, boolean> = new Map<unknown, boolean>([
  ...[true, 1, 1n, "t", "True", "1"].map((value) => [value, true] as const),
  ...[false, 0, 0n, "f", "False", "0"].map((value) => [value, false] as const),
]);

function toBoolean(value: unknown, field: Field): boolean | null {
  if (field.null && value === "") return null;
  const known = truth.get(value);
  if (known !== undefined) return known;
  const message = field.errorMessages[field.null ? "invalid_nullable" : "invalid"] as string;
  throw new ValidationError(message, { code: "invalid", params: { value } });
}

function toNoBoolean(field: Field): null {
  return field.null ? null : fail(field, "invalid", { value: null });
}

const dateForm = /^\d{4}-\d{1,2}-\d{1,2}$/;
const timeForm = /^\d{1,2}:\d{1,2}(?::\d{1,2}(?:[.,]\d{1,12})?)?$/;
const datetimeForm =
  /^\d{4}-\d{1,2}-\d{1,2}[T ]\d{1,2}:\d{1,2}(?::\d{1,2}(?:[.,]\d{1,12})?)?\s*(?:Z|[+-]\d{2}(?::?\d{2})?)?$/;

function isDate(value: unknown): value is Date {
  return value instanceof Date && !Number.isNaN(value.getTime());
}

function toDate(value: unknown, field: Field): string {
  if (isDate(value)) return formatDate(value);
  const text = typeof value === "string" ? value : "";
  return parseDate(text) ?? fail(field, dateForm.test(text) ? "invalid_date" : "invalid", { value });
}

function toTime(value: unknown, field: Field): string {
  if (isDate(value)) return DateTime.from(value).isoformat().slice(11).replace("Z", "");
  const text = typeof value === "string" ? value : "";
  return parseTime(text) ?? fail(field, timeForm.test(text) ? "invalid_time" : "invalid", { value });
}

/** A day alone is its midnight, as in Django; what has no offset is in UTC, as for `save()`. */
function toDatetime(value: unknown, field: Field): Date {
  if (isDate(value)) return value;
  const text = typeof value === "string" ? value : "";
  const day = dateForm.test(text) ? parseDate(text) : null;
  const parsed = DateTime.fromString(day ? `${day}T00:00:00Z` : text);
  if (parsed) return parsed;
  const code = dateForm.test(text) ? "invalid_date" : datetimeForm.test(text) ? "invalid_datetime" : "invalid";
  return fail(field, code, { value });
}

function toDuration(value: unknown, field: Field): Duration {
  if (value instanceof Duration) return value;
  return parseDuration(value) ?? fail(field, "invalid", { value });
}

/** Text may also stand for more days than a duration has. */
function parseDuration(value: unknown): Duration | null {
  try {
    return typeof value === "string" ? Duration.parse(value) : null;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function toUuid(value: unknown, field: Field): string {
  const isScalar = ["string", "number", "bigint"].includes(typeof value);
  return (isScalar ? parseUuid(value as string) : null) ?? fail(field, "invalid", { value });
}

/** Text is base64, as Django's serializers write bytes. */
function toBinary(value: unknown, field: Field): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (typeof value !== "string" || !/^[A-Za-z0-9+/]*={0,2}$/.test(value)) return fail(field, "invalid", { value });
  return Buffer.from(value, "base64");
}

const protocols = { both: "IPv4 or IPv6", IPv4: "IPv4", IPv6: "IPv6" };

function toAddress(value: unknown, field: Field): string {
  const text = strip(toText(value));
  if (!text.includes(":")) return text;
  const address = cleanIPv6(text, field.options.unpackIpv4);
  return address ?? fail(field, "invalid", { protocol: protocols[field.options.protocol ?? "both"], value });
}

/** Anything that can be stored as JSON stays as it is. */
function toJson(value: unknown, field: Field): unknown {
  try {
    field.toDb(value, "postgresql");
    return value;
  } catch (error) {
    if (error instanceof DataError || error instanceof TypeError) return fail(field, "invalid", { value });
    throw error;
  }
}

const toKey: ToPython = (value, field) => field.targetField.toPython(value);

const converters: { readonly [kind in FieldKind]?: ToPython } = {
  AutoField: toInteger,
  BigAutoField: toInteger,
  SmallAutoField: toInteger,
  BigIntegerField: toBigint,
  IntegerField: toInteger,
  PositiveBigIntegerField: toBigint,
  PositiveIntegerField: toInteger,
  PositiveSmallIntegerField: toInteger,
  SmallIntegerField: toInteger,
  BinaryField: toBinary,
  BooleanField: toBoolean,
  CharField: toText,
  EmailField: toText,
  SlugField: toText,
  TextField: toText,
  URLField: toText,
  FileField: toText,
  ImageField: toText,
  FilePathField: toText,
  ArrayField: arrayToPython(fail),
  HStoreField: hstoreToPython(fail),
  IntegerRangeField: rangeToPython(fail, toInteger),
  BigIntegerRangeField: rangeToPython(fail, toBigint),
  DecimalRangeField: rangeToPython(fail, toDecimal),
  DateRangeField: rangeToPython(fail, toDate),
  DateTimeRangeField: rangeToPython(fail, toDatetime),
  SearchVectorField: toText,
  DateField: toDate,
  DateTimeField: toDatetime,
  DecimalField: toDecimal,
  DurationField: toDuration,
  FloatField: toFloat,
  ForeignKey: toKey,
  OneToOneField: toKey,
  GenericIPAddressField: toAddress,
  JSONField: toJson,
  TimeField: toTime,
  UUIDField: toUuid,
};

/** What `Field.toPython()` does; see there. Null is never converted. */
export function toPython(value: unknown, field: Field): unknown {
  // Django calls null a wrong answer where only true and false are right ones.
  if (value === null || value === undefined) return field.kind === "BooleanField" ? toNoBoolean(field) : null;
  const convert = converters[field.kind];
  return convert ? convert(value, field) : value;
}
