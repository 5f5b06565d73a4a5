// Values of django.contrib.postgres' HStoreField: texts, or null, by text.
import { DataError } from "../../exceptions.ts";
import { isPlainObject } from "../../utils/python_text.ts";
import type { Field } from "../fields/field.ts";
import { toText, wrongValue } from "../fields/field_values.ts";
import { quoteElement, readQuoted } from "./array_text.ts";

export function toHStore(value: unknown, vendor: unknown, field: Field): string {
  if (!isPlainObject(value)) throw wrongValue(field, "an object of texts", value);
  const pairs = Object.entries(value).map(([key, item]) => {
    const quoted = quoteElement(toText(key, vendor, field));
    return `${quoted}=>${item === null ? "NULL" : quoteElement(toText(item, vendor, field))}`;
  });
  return pairs.join(", ");
}

/** `"key"=>"value", "other"=>NULL` */
export function fromHStore(raw: unknown): Record<string, string | null> {
  const text = String(raw);
  const entries: [string, string | null][] = [];
  for (let at = 0; at < text.length; ) {
    const key = readQuoted(text, at) ?? malformed(text);
    if (!text.startsWith("=>", key.end)) malformed(text);
    const isNull = text.startsWith("NULL", key.end + 2);
    const value = isNull ? { value: null, end: key.end + 6 } : (readQuoted(text, key.end + 2) ?? malformed(text));
    entries.push([key.value, value.value]);
    at = value.end + 2;
  }
  return Object.fromEntries(entries);
}

function malformed(text: string): never {
  throw new DataError(`The database holds the hstore ${JSON.stringify(text)}, which has no such form.`);
}
