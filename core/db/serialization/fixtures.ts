// django.core.serializers: rows as Django's `dumpdata` writes them, read.
import { apps } from "../../apps/registry.ts";
import { CoreError, type CoreErrorOptions, ValidationError } from "../../exceptions.ts";
import { JsonFloat, JsonSyntaxError, type JsonValue, parseJson } from "../../utils/json.ts";
import { didYouMean, snakeCase } from "../../utils/text.ts";
import type { Field } from "../fields/field.ts";
import type { ModelClass } from "../models.ts";
import { Range, type RangeBounds } from "../postgres/ranges.ts";
import { findsByNaturalKey } from "./natural_keys.ts";
import type { FixtureFormat } from "./serialize.ts";

/** A fixture cannot be read or stored; the message names the file, the object and the field. */
export class DeserializationError extends CoreError {
  static override code = "deserialization_error";
}

/** What a fixture has in the place of a key where it names a row by its natural key: `["Ursula", "Le Guin"]`. */
export class NaturalKey {
  readonly values: readonly JsonValue[];

  constructor(values: readonly JsonValue[]) {
    this.values = values;
  }
}

/** One object of a fixture: the values of its columns, and the keys of its relations to many. */
export interface FixtureObject {
  /** Which file and object it is, for messages: `books.json: library.Book (pk=3)`. */
  label: string;
  model: ModelClass;
  /** Null where the database is to give one, or where the natural key finds the row. */
  pk: unknown;
  /** A {@link NaturalKey} may stand for the key of another row, here and in `many`. */
  columns: ReadonlyMap<Field, unknown>;
  many: ReadonlyMap<Field, readonly unknown[]>;
}

/** How a fixture is read. */
export interface ReadFixtureOptions {
  /** The file's name, for messages. */
  source: string;
  /** Leave out models and fields that there are not, instead of complaining. */
  ignoreNonexistent?: boolean;
  /** `"json"`, or `"jsonl"` for one object to a line. Default: `"json"`. */
  format?: FixtureFormat;
}

type JsonObject = { [key: string]: JsonValue };

/**
 * Reads a fixture in Django's JSON: `[{"model": "library.book", "pk": 1, "fields": {"author": 3, "categories": [1, 2]}}]`.
 * Fields have their names in snake_case, foreign keys hold the other row's key, relations to many a list of keys.
 *
 * @throws DeserializationError
 */
export function readFixture(text: string, options: ReadFixtureOptions): FixtureObject[] {
  const items = options.format === "jsonl" ? parseLines(text, options.source) : parse(text, options.source);
  return items.flatMap((item, position) => readObject(item, position, options) ?? []);
}

function parse(text: string, source: string): JsonValue[] {
  const data = parsed(text.replace(/^\uFEFF/, ""), source);
  if (Array.isArray(data)) return data;
  throw new DeserializationError(`${source} holds ${nameOf(data)}, not a list of objects.`, {
    hint: 'Each is {"model": "app.model", "pk": 1, "fields": {…}}, as "python manage.py dumpdata" writes them.',
  });
}

function parseLines(text: string, source: string): JsonValue[] {
  const lines = text.replace(/^\uFEFF/, "").split("\n");
  return lines.flatMap((line, index) => (line.trim() === "" ? [] : [parsed(line, `${source}, line ${index + 1},`)]));
}

/** Python writes floats that no JSON has, and reads them. */
const infinity = /("(?:[^"\\]|\\.)*")|\bInfinity\b/g;

function parsed(text: string, source: string): JsonValue {
  try {
    return parseJson(text, { prototypeKeys: "keep" });
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    const readable = text.replace(infinity, (_, string) => string ?? "1e999");
    if (readable !== text) return parsed(readable, source);
    throw new DeserializationError(`${source} is not JSON: ${error.message}.`, { cause: error });
  }
}

function readObject(item: JsonValue, position: number, options: ReadFixtureOptions): FixtureObject | undefined {
  const place = `${options.source}: object ${position + 1}`;
  if (!isObject(item) || typeof item.model !== "string") throw new DeserializationError(`${place} names no model.`);
  const model = findModel(item.model, place, options);
  if (!model) return undefined;
  const pk = item.pk ?? null;
  const label = `${options.source}: ${model._meta.label} (pk=${pk === null ? "None" : String(pk)})`;
  if (item.fields !== undefined && !isObject(item.fields)) {
    throw new DeserializationError(`${label} has ${nameOf(item.fields)} for "fields", not an object.`);
  }
  const read = readFields(model, item.fields ?? {}, label, options);
  return { label, model, pk: pk ?? linkedKey(model, read.columns), ...read };
}

/** The key that a row shares with another one, where that is given as a field; else null. */
export function linkedKey({ _meta }: ModelClass, columns: ReadonlyMap<Field, unknown>): unknown {
  const value = _meta.pk.isForeignKey ? columns.get(_meta.pk) : null;
  return value instanceof NaturalKey ? null : (value ?? null);
}

function findModel(name: string, place: string, { ignoreNonexistent }: ReadFixtureOptions): ModelClass | undefined {
  const models = apps.getModels<ModelClass>();
  const found = models.find(({ _meta }) => _meta.label.toLowerCase() === name.toLowerCase());
  if (found || ignoreNonexistent) return found;
  const labels = models.map(({ _meta }) => _meta.label.toLowerCase());
  throw new DeserializationError(`${place} is of the model "${name}", which is not installed.`, {
    hint: didYouMean(name, labels) ?? "Add its app to INSTALLED_APPS, or say --ignorenonexistent.",
  });
}

function readFields(
  model: ModelClass,
  values: JsonObject,
  label: string,
  { ignoreNonexistent }: ReadFixtureOptions,
): Pick<FixtureObject, "columns" | "many"> {
  const columns = new Map<Field, unknown>(model._meta.fields.map((field) => [field, field.getDefault()]));
  const many = new Map<Field, unknown[]>();
  for (const [name, value] of Object.entries(values)) {
    const field = findField(model, name);
    if (field?.isManyToMany) many.set(field, readKeys(field, value, label));
    else if (field) columns.set(field, readValue(field, value, label));
    else if (!ignoreNonexistent) throw unknownField(model, name, label);
  }
  return { columns, many };
}

const fieldsByModel = new WeakMap<ModelClass, Map<string, Field>>();

/** Fields by the names that they have in Django. */
function fieldNames(model: ModelClass): Map<string, Field> {
  const known = fieldsByModel.get(model);
  if (known) return known;
  const names = new Map([...model._meta.byName].map(([name, field]) => [snakeCase(name), field]));
  fieldsByModel.set(model, names);
  return names;
}

function findField(model: ModelClass, name: string): Field | undefined {
  return fieldNames(model).get(name);
}

function unknownField(model: ModelClass, name: string, label: string): DeserializationError {
  const near = didYouMean(name, fieldNames(model).keys());
  return new DeserializationError(`${label} has the field "${name}", which its model has not.`, {
    hint: near ?? "Correct it, or say --ignorenonexistent.",
  });
}

function readKeys(field: Field, value: JsonValue, label: string): unknown[] {
  if (field.remote?.through) {
    throw new DeserializationError(
      `${label}, field "${snakeCase(field.name)}": its pairs are rows of a model of their own.`,
      {
        hint: "List those rows instead, as dumpdata does.",
      },
    );
  }
  if (!Array.isArray(value)) throw wrong(field, label, `expected a list of keys but got ${nameOf(value)}`);
  return value.map((key) => readKey(field, key, label));
}

/** The values are JSON's; what a column makes of them, and whether it takes them, is said when they are stored. */
function readValue(field: Field, value: JsonValue, label: string): unknown {
  if (field.kind === "JSONField") return value;
  if (field.kind === "BinaryField" && typeof value === "string") return Buffer.from(value, "base64");
  if (field.isForeignKey) return readKey(field, value, label);
  return value instanceof JsonFloat ? value.value : readSpecial(field, value, label);
}

/** Arrays, stores and ranges are texts that hold JSON; a boolean may be a text, as Python writes one. */
function readSpecial(field: Field, value: JsonValue, label: string): unknown {
  if (typeof value !== "string") return value;
  if (field.kind.endsWith("RangeField")) return readRange(field, value, label);
  if (!["ArrayField", "BooleanField", "HStoreField"].includes(field.kind)) return value;
  try {
    return field.toPython(value);
  } catch (error) {
    if (error instanceof ValidationError) throw wrong(field, label, error.messages.join(" "), { cause: error });
    throw error;
  }
}

function readRange(field: Field, text: string, label: string): Range<unknown> {
  const value = parsed(text, `${label}, field "${snakeCase(field.name)}"`);
  if (!isObject(value)) throw wrong(field, label, `expected a range but got ${nameOf(value)}`);
  const { lower = null, upper = null, bounds = "[)", empty } = value;
  return empty === true ? Range.empty() : new Range<unknown>(lower, upper, bounds as RangeBounds);
}

/** A list is a natural key. */
function readKey(field: Field, key: JsonValue, label: string): unknown {
  if (!Array.isArray(key)) return key instanceof JsonFloat ? key.value : key;
  if (findsByNaturalKey(field.relatedModel)) return new NaturalKey(key);
  throw wrong(field, label, "expected a key but got a list, which is a natural key", {
    hint:
      `Give the manager of ${field.relatedModel._meta.label} a getByNaturalKey(), ` +
      "or write the fixture without --natural-foreign.",
  });
}

function wrong(field: Field, label: string, problem: string, options: CoreErrorOptions = {}): DeserializationError {
  return new DeserializationError(`${label}, field "${snakeCase(field.name)}": ${problem}.`, options);
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof JsonFloat);
}

function nameOf(value: JsonValue | undefined): string {
  if (Array.isArray(value)) return "a list";
  return isObject(value) ? "an object" : JSON.stringify(typeof value === "bigint" ? String(value) : (value ?? null));
}
