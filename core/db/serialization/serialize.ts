// django.core.serializers: objects as the text of a fixture.
import { CoreError } from "../../exceptions.ts";
import { enumerate } from "../../utils/text.ts";
import type { BaseModel, ModelClass } from "../models.ts";
import { djangoJson } from "./json.ts";
import { type EncodeOptions, type FixtureRecord, ObjectEncoder } from "./object_encoder.ts";

/** A format of fixtures: a list in JSON, or one object to a line. */
export type FixtureFormat = "json" | "jsonl";

export const FIXTURE_FORMATS: readonly FixtureFormat[] = ["json", "jsonl"];

/** There is no such format. */
export class SerializerDoesNotExist extends CoreError {
  static override code = "serializer_does_not_exist";
}

/** How {@link serialize} writes. */
export interface SerializeOptions extends EncodeOptions {
  /** Spaces a level; none for everything in one line. `jsonl` has none. */
  indent?: number;
}

/** Objects that are there, or that come one by one: a queryset as well. */
export type Objects = Iterable<BaseModel> | AsyncIterable<BaseModel>;

/**
 * Objects as the text of a fixture, which `loaddata` and Django read: `django.core.serializers.serialize`.
 *
 * @throws SerializerDoesNotExist for another format than `json` and `jsonl`.
 * @example
 * const text = await serialize("json", Book.objects.filter({ author: 3 }), { indent: 2, fields: ["title", "price"] });
 */
export async function serialize(format: FixtureFormat, objects: Objects, options?: SerializeOptions): Promise<string> {
  const parts: string[] = [];
  for await (const part of serializeParts(format, objects, options)) parts.push(part);
  return parts.join("");
}

/** {@link serialize}, piece by piece: nothing is held but the present object. */
export function serializeParts(
  format: FixtureFormat,
  objects: Objects,
  options: SerializeOptions = {},
): AsyncGenerator<string> {
  if (!FIXTURE_FORMATS.includes(format)) throw unknownFormat(format);
  const records = encodeAll(objects, options);
  return format === "json" ? jsonParts(records, options.indent ?? 0) : jsonLines(records);
}

function unknownFormat(format: string): SerializerDoesNotExist {
  return new SerializerDoesNotExist(`Unknown serialization format: ${format}`, {
    hint: `Use ${enumerate(FIXTURE_FORMATS)}.`,
  });
}

async function* encodeAll(objects: Objects, options: EncodeOptions): AsyncGenerator<FixtureRecord> {
  const encoders = new Map<ModelClass, ObjectEncoder>();
  for await (const object of objects) {
    const model = object.constructor as ModelClass;
    const encoder = encoders.get(model) ?? new ObjectEncoder(model, options);
    encoders.set(model, encoder);
    yield encoder.encode(object);
  }
}

async function* jsonParts(records: AsyncIterable<FixtureRecord>, indent: number): AsyncGenerator<string> {
  const [between, end] = indent > 0 ? [",\n", "\n]\n"] : [", ", "]"];
  let before = indent > 0 ? "[\n" : "[";
  for await (const record of records) {
    yield before + djangoJson(record, { indent });
    before = between;
  }
  // Nothing was written yet where there is no object.
  yield before === between ? end : `[${end}`;
}

async function* jsonLines(records: AsyncIterable<FixtureRecord>): AsyncGenerator<string> {
  for await (const record of records) yield `${djangoJson(record, { separator: "," })}\n`;
}
