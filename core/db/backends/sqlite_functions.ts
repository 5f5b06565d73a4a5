// The functions that queries need and SQLite lacks, under names of our own.
import { createHash } from "node:crypto";
import { DataError } from "../../exceptions.ts";
import { uuid4, uuid7 } from "../../utils/uuid.ts";
import type { SqliteDatabase } from "./sqlite_driver.ts";
import { registerStatistics } from "./sqlite_statistics.ts";
import { registerTimes } from "./sqlite_times.ts";

type Scalar = string | number | bigint | Uint8Array | null;

/** A function that gives null where it is given null. */
export function strict(run: (...args: never[]) => Scalar) {
  return (...args: Scalar[]): Scalar => (args.includes(null) ? null : run(...(args as never[])));
}

function regexp(flags: string) {
  const compiled = new Map<string, RegExp>();
  return (pattern: string, text: unknown): number => {
    let regex = compiled.get(pattern);
    if (!regex) {
      regex = new RegExp(pattern, flags);
      if (compiled.size > 100) compiled.clear();
      compiled.set(pattern, regex);
    }
    return regex.test(String(text)) ? 1 : 0;
  };
}

/** Halves go away from zero, as PostgreSQL rounds numerics. */
function round(value: number, places: number): number {
  const shifted = Math.round(Number(`${exponential(Math.abs(value), places)}`));
  return Math.sign(value) * Number(exponential(shifted, -places));
}

function exponential(value: number, places: number): string {
  const [digits, exponent = "0"] = String(value).split("e");
  return `${digits}e${Number(exponent) + Number(places)}`;
}

const math: Readonly<Record<string, (...args: never[]) => number>> = {
  acos: Math.acos,
  asin: Math.asin,
  atan: Math.atan,
  atan2: Math.atan2,
  ceiling: Math.ceil,
  cos: Math.cos,
  cot: (value: number) => 1 / Math.tan(value),
  degrees: (value: number) => (value * 180) / Math.PI,
  exp: Math.exp,
  floor: Math.floor,
  ln: Math.log,
  log: (base: number, value: number) => (base === 10 ? Math.log10(value) : Math.log(value) / Math.log(base)),
  mod: (value: number, divisor: number) => value % divisor,
  pi: () => Math.PI,
  power: Math.pow,
  radians: (value: number) => (value * Math.PI) / 180,
  round,
  sign: Math.sign,
  sin: Math.sin,
  sqrt: Math.sqrt,
  tan: Math.tan,
};

/** What is not defined is an error, as on PostgreSQL. */
function defined(name: string, run: (...args: never[]) => number) {
  return (...args: never[]): number => {
    const result = run(...args);
    if (Number.isFinite(result)) return result;
    throw new DataError(`${name}(${args.join(", ")}) is not defined or out of range.`);
  };
}

/** Characters are code points, not halves of surrogate pairs. */
function padding(text: string, length: number, fill: string): string {
  const missing = length - [...text].length;
  if (missing <= 0 || fill === "") return "";
  return [...fill.repeat(Math.ceil(missing / [...fill].length))].slice(0, missing).join("");
}

function cut(text: string, length: number): string {
  return [...text].slice(0, length).join("");
}

function hash(algorithm: string) {
  return (text: Scalar) => createHash(algorithm).update(String(text)).digest("hex");
}

const texts: Readonly<Record<string, (...args: never[]) => Scalar>> = {
  iregexp: regexp("iu"),
  lpad: (text: Scalar, length: number, fill: string) => {
    return padding(String(text), length, fill) + cut(String(text), length);
  },
  rpad: (text: Scalar, length: number, fill: string) => {
    return cut(String(text), length) + padding(String(text), length, fill);
  },
  repeat: (text: Scalar, count: number) => String(text).repeat(Math.max(count, 0)),
  reverse: (text: Scalar) => [...String(text)].reverse().join(""),
  ...Object.fromEntries(["md5", "sha1", "sha224", "sha256", "sha384", "sha512"].map((name) => [name, hash(name)])),
};

/** Stored as UUIDs are: without hyphens. */
const random: Readonly<Record<string, () => Scalar>> = {
  random: Math.random,
  uuid4: () => uuid4().replaceAll("-", ""),
  uuid7: () => uuid7().replaceAll("-", ""),
};

/** Registers everything for one handle; `x REGEXP y` calls `regexp(y, x)`. */
export function registerFunctions(database: SqliteDatabase): void {
  database.function("regexp", { deterministic: true, varargs: true }, strict(regexp("u")));
  for (const [name, run] of Object.entries(texts)) register(database, name, run);
  for (const [name, run] of Object.entries(math)) register(database, name, defined(name.toUpperCase(), run));
  for (const [name, run] of Object.entries(random)) database.function(`core_${name}`, { deterministic: false }, run);
  registerTimes(database);
  registerStatistics(database);
}

/** SQLite would count the arguments of the wrapper, which names none. */
function register(database: SqliteDatabase, name: string, run: (...args: never[]) => Scalar): void {
  database.function(`core_${name}`, { deterministic: true, varargs: true }, strict(run));
}
