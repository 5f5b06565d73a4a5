// django.db.models.functions.text
import { FieldError } from "../../exceptions.ts";
import { type Is, Value } from "../expressions/base.ts";
import type { Func, FuncKind } from "../expressions/func.ts";
import type { FieldKind } from "../fields/field_types.ts";
import { type Argument, type ArgumentsOf, func, named, outputKind, type Strict } from "./arguments.ts";

/** A function of a text; it may be registered as a transform. */
export interface TextFunction<T = string> {
  <const A extends Argument>(text: A): Func<Strict<Is<T>, A>>;
  readonly lookupName: string;
}

function kindOf(name: string, sqlite = name, output: FieldKind = "TextField"): FuncKind {
  return { name, sql: named(name, sqlite), output: outputKind(output) };
}

function ofText<T = string>(kind: FuncKind, lookupName: string): TextFunction<T> {
  return Object.assign((text: Argument) => func(kind, text) as never, { lookupName });
}

/** The text of so many characters, if it is a number that is given and not an expression. */
function checkLength(name: string, value: unknown, least: number): void {
  if (typeof value !== "number" || value >= least) return;
  throw new FieldError(`'${name}' must be greater ${least === 0 ? "or equal to 0" : "than 0"}.`);
}

/** The character of a code point. */
export const Chr = ofText(kindOf("CHR", "CHAR"), "chr");

/** Texts one after another; a null is no text. `Concat("firstName", Value(" "), "lastName")`. */
export function Concat<const A extends readonly Argument[]>(...parts: A): Func<Is<string>> & ReadsAll<A> {
  if (parts.length < 2) throw new FieldError("Concat must take at least two expressions");
  return func(concat, ...parts);
}

/** Tells the compiler what a function reads, where its result does not. */
export interface ReadsAll<A extends readonly unknown[]> {
  readonly "~reads"?: ArgumentsOf<A>[number];
}

const concat: FuncKind = {
  name: "Concat",
  sql: (args, { vendor }) => {
    const texts = args.map((sql) => `COALESCE(${vendor === "sqlite" ? sql : `(${sql})::text`}, '')`);
    return `(${texts.join(" || ")})`;
  },
  output: outputKind("TextField"),
  nullable: false,
};

/** {@link Concat} of two. */
export function ConcatPair<const A extends Argument, const B extends Argument>(
  first: A,
  second: B,
): Func<Is<string>> & ReadsAll<[A, B]> {
  return func(concat, first, second);
}

/** The first characters. */
export function Left<const A extends Argument>(text: A, length: number | Argument): Func<Strict<Is<string>, A>> {
  checkLength("length", length, 1);
  return func(left, text, length);
}

const left: FuncKind = {
  ...kindOf("LEFT"),
  sql: ([text, length], { vendor }) =>
    vendor === "sqlite" ? `SUBSTR(${text}, 1, ${length})` : `LEFT(${text}, ${length})`,
};

/** How many characters there are. */
export const Length = ofText<number>(kindOf("LENGTH", "LENGTH", "IntegerField"), "length");

/** With small letters; on SQLite only those of ASCII. */
export const Lower = ofText(kindOf("LOWER"), "lower");

/** Filled up at the left to so many characters, or cut. */
export function LPad<const A extends Argument>(
  text: A,
  length: number | Argument,
  fillText: Argument = Value(" "),
): Func<Strict<Is<string>, A>> {
  checkLength("length", length, 0);
  return func(kindOf("LPAD", "core_lpad"), text, length, fillText);
}

/** Without blanks at the left. */
export const LTrim = ofText(kindOf("LTRIM"), "ltrim");

/** The MD5 hash, in hexadecimal. */
export const MD5 = ofText(kindOf("MD5", "core_md5"), "md5");

/** The code point of the first character. */
export const Ord = ofText<number>(kindOf("ASCII", "UNICODE", "IntegerField"), "ord");

/** The text so many times. */
export function Repeat<const A extends Argument>(text: A, number: number | Argument): Func<Strict<Is<string>, A>> {
  checkLength("number", number, 0);
  return func(kindOf("REPEAT", "core_repeat"), text, number);
}

/** With every occurrence of a text replaced: `Replace("title", Value("old"), Value("new"))`. */
export function Replace<const A extends Argument>(
  text: A,
  old: Argument,
  replacement: Argument = Value(""),
): Func<Strict<Is<string>, A>> {
  return func(kindOf("REPLACE"), text, old, replacement);
}

/** Its characters from the last to the first: Django's `Reverse`, which declares the other side of a relation here. */
export const ReverseText = ofText({ ...kindOf("REVERSE", "core_reverse"), name: "ReverseText" }, "reverse");

/** The last characters. */
export function Right<const A extends Argument>(text: A, length: number | Argument): Func<Strict<Is<string>, A>> {
  checkLength("length", length, 1);
  return func(right, text, length);
}

const right: FuncKind = {
  ...kindOf("RIGHT"),
  sql: ([text, length], { vendor }) =>
    vendor === "sqlite" ? `SUBSTR(${text}, -(${length}), ${length})` : `RIGHT(${text}, ${length})`,
};

/** Filled up at the right to so many characters, or cut. */
export function RPad<const A extends Argument>(
  text: A,
  length: number | Argument,
  fillText: Argument = Value(" "),
): Func<Strict<Is<string>, A>> {
  checkLength("length", length, 0);
  return func(kindOf("RPAD", "core_rpad"), text, length, fillText);
}

/** Without blanks at the right. */
export const RTrim = ofText(kindOf("RTRIM"), "rtrim");

/** The SHA-1 hash, in hexadecimal. PostgreSQL needs the extension pgcrypto. */
export const SHA1 = ofText(
  hash("SHA1", (text) => `DIGEST(${text}, 'sha1')`),
  "sha1",
);

/** The SHA-224 hash, in hexadecimal. */
export const SHA224 = ofText(hash("SHA224"), "sha224");

/** The SHA-256 hash, in hexadecimal. */
export const SHA256 = ofText(hash("SHA256"), "sha256");

/** The SHA-384 hash, in hexadecimal. */
export const SHA384 = ofText(hash("SHA384"), "sha384");

/** The SHA-512 hash, in hexadecimal. */
export const SHA512 = ofText(hash("SHA512"), "sha512");

/** PostgreSQL hashes bytes. */
function hash(name: string, digest = (text: string) => `${name}(CONVERT_TO(${text}, 'UTF8'))`): FuncKind {
  const sql: FuncKind["sql"] = ([text], { vendor }) => {
    return vendor === "sqlite" ? `core_${name.toLowerCase()}(${text})` : `ENCODE(${digest(text)}, 'hex')`;
  };
  return { ...kindOf(name), sql };
}

/** Where a text stands in another one, counted from 1; 0 where it does not: `StrIndex("title", Value("sea"))`. */
export function StrIndex<const A extends Argument>(text: A, substring: Argument): Func<Strict<Is<number>, A>> {
  return func(kindOf("STRPOS", "INSTR", "IntegerField"), text, substring);
}

/** So many characters from a position, counted from 1; without a length all that follow. */
export function Substr<const A extends Argument>(
  text: A,
  pos: number | Argument,
  length?: number | Argument,
): Func<Strict<Is<string>, A>> {
  checkLength("pos", pos, 1);
  return func(kindOf("SUBSTR"), text, pos, ...(length === undefined ? [] : [length]));
}

/** Without blanks at both ends. */
export const Trim = ofText(kindOf("TRIM"), "trim");

/** With capital letters; on SQLite only those of ASCII. */
export const Upper = ofText(kindOf("UPPER"), "upper");
