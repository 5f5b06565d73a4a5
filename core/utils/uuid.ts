// UUIDs are strings in Python's canonical form: lower case, with hyphens.

import { randomUUID } from "node:crypto";

const canonical = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const largest = 1n << 128n;

function hyphenate(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/**
 * Reads a UUID in any form that Python's `UUID(hex=…)` takes (hyphens anywhere or nowhere, braces, `urn:uuid:`), or an
 * integer as `UUID(int=…)`.
 *
 * @returns the canonical text, or null.
 * @example
 * parseUuid("{550E8400-E29B-41D4-A716-446655440000}"); // "550e8400-e29b-41d4-a716-446655440000"
 */
export function parseUuid(value: string | number | bigint): string | null {
  if (typeof value !== "string") return uuidFromInteger(value);
  if (canonical.test(value)) return value;
  const hex = value
    .replaceAll("urn:", "")
    .replaceAll("uuid:", "")
    .replace(/^[{}]+|[{}]+$/g, "")
    .replaceAll("-", "");
  // Python counts characters, then reads them as int(hex, 16) does: a sign, "0x" or "_" may stand among them.
  if ([...hex].length !== 32) return null;
  const digits = hexDigits(hex);
  return digits === null ? null : hyphenate(digits.padStart(32, "0"));
}

function hexDigits(text: string): string | null {
  if (/^[0-9a-f]{32}$/i.test(text)) return text.toLowerCase();
  const match = /^\+?(?:0x_?)?([0-9a-f]+(?:_[0-9a-f]+)*)$/i.exec(text.trim());
  return match ? (match[1] as string).replaceAll("_", "").toLowerCase() : null;
}

function uuidFromInteger(value: number | bigint): string | null {
  if (typeof value === "number" && !Number.isInteger(value)) return null;
  const integer = BigInt(value);
  return integer >= 0n && integer < largest ? hyphenate(integer.toString(16).padStart(32, "0")) : null;
}

/** Whether the text is a UUID in canonical form. */
export function isUuid(value: string): boolean {
  return canonical.test(value);
}

/** The 32 digits without hyphens, Python's `UUID.hex`. */
export function uuidHex(value: string): string {
  return value.replaceAll("-", "");
}

/** The UUID as one number, Python's `UUID.int`. */
export function uuidInteger(value: string): bigint {
  return BigInt(`0x${uuidHex(value)}`);
}

/** A random UUID, version 4; the usual `default` of a UUIDField. */
export function uuid4(): string {
  return randomUUID();
}

/** A UUID of version 7: the milliseconds of now, then random digits, so that later ones are greater. */
export function uuid7(): string {
  const time = Date.now().toString(16).padStart(12, "0");
  return hyphenate(`${time}7${uuidHex(randomUUID()).slice(13)}`);
}
