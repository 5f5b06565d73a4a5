import type { Duration } from "../utils/datetime.ts";
import type { OnDelete } from "./deletion.ts";
import type { FieldOptions, LimitChoicesTo, ModelReference } from "./fields/field.ts";
import { decorate, type FieldDecorator, type Nullable, type Shared, type With } from "./fields/field_decorator.ts";
import type { BaseModel, ManyRelated, ModelClass, Related } from "./models.ts";

export type { FieldDecorator } from "./fields/field_decorator.ts";
export * from "./fields/file_fields.ts";
export * from "./fields/generated_field.ts";
export * from "./postgres/fields.ts";

type TextOptions = With<string, "dbCollation"> & { maxLength: number };
type NumberOptions<T> = With<T>;

/** Text of at most `maxLength` characters. */
export function CharField<const O extends TextOptions>(options: O): FieldDecorator<Nullable<string, O>> {
  return decorate("CharField", options);
}

/** Text of any length. */
export function TextField<const O extends With<string, "maxLength" | "dbCollation">>(
  options?: O,
): FieldDecorator<Nullable<string, O>> {
  return decorate("TextField", options);
}

/** A short label of letters, digits, hyphens and underscores; indexed. With `allowUnicode`, letters of any script. */
export function SlugField<const O extends With<string, "maxLength" | "allowUnicode">>(
  options?: O,
): FieldDecorator<Nullable<string, O>> {
  return decorate("SlugField", { maxLength: 50, ...options });
}

/** A CharField that is an e-mail address. */
export function EmailField<const O extends With<string, "maxLength">>(
  options?: O,
): FieldDecorator<Nullable<string, O>> {
  return decorate("EmailField", { maxLength: 254, ...options });
}

/** A CharField that is an absolute URL. */
export function URLField<const O extends With<string, "maxLength">>(options?: O): FieldDecorator<Nullable<string, O>> {
  return decorate("URLField", { maxLength: 200, ...options });
}

/** A UUID as text with hyphens; `default: uuid4` gives a random one. */
export function UUIDField<const O extends With<string>>(options?: O): FieldDecorator<Nullable<string, O>> {
  return decorate("UUIDField", options);
}

/** An IPv4 or IPv6 address. */
export function GenericIPAddressField<const O extends With<string, "protocol" | "unpackIpv4">>(
  options?: O,
): FieldDecorator<Nullable<string, O>> {
  return decorate("GenericIPAddressField", options);
}

/** A 32-bit integer. */
export function IntegerField<const O extends NumberOptions<number>>(options?: O): FieldDecorator<Nullable<number, O>> {
  return decorate("IntegerField", options);
}

/** A 16-bit integer. */
export function SmallIntegerField<const O extends NumberOptions<number>>(
  options?: O,
): FieldDecorator<Nullable<number, O>> {
  return decorate("SmallIntegerField", options);
}

/** A 64-bit integer: a `bigint`, since a number would lose digits. */
export function BigIntegerField<const O extends With<bigint>>(options?: O): FieldDecorator<Nullable<bigint, O>> {
  return decorate("BigIntegerField", options);
}

/** A 32-bit integer that is not negative; the database checks it too. */
export function PositiveIntegerField<const O extends NumberOptions<number>>(
  options?: O,
): FieldDecorator<Nullable<number, O>> {
  return decorate("PositiveIntegerField", options);
}

/** A 16-bit integer that is not negative. */
export function PositiveSmallIntegerField<const O extends NumberOptions<number>>(
  options?: O,
): FieldDecorator<Nullable<number, O>> {
  return decorate("PositiveSmallIntegerField", options);
}

/** A 64-bit integer that is not negative. */
export function PositiveBigIntegerField<const O extends With<bigint>>(
  options?: O,
): FieldDecorator<Nullable<bigint, O>> {
  return decorate("PositiveBigIntegerField", options);
}

/** The automatic 32-bit key. */
export function AutoField<const O extends Shared>(options?: O): FieldDecorator<number> {
  return decorate("AutoField", { primaryKey: true, ...options });
}

/** The automatic 64-bit key: what a model without a key of its own gets as `id`. */
export function BigAutoField<const O extends Shared>(options?: O): FieldDecorator<number> {
  return decorate("BigAutoField", { primaryKey: true, ...options });
}

/** The automatic 16-bit key. */
export function SmallAutoField<const O extends Shared>(options?: O): FieldDecorator<number> {
  return decorate("SmallAutoField", { primaryKey: true, ...options });
}

/** A double. */
export function FloatField<const O extends With<number>>(options?: O): FieldDecorator<Nullable<number, O>> {
  return decorate("FloatField", options);
}

/** An exact decimal, as text: `"12.50"`. */
export function DecimalField<const O extends With<string> & { maxDigits: number; decimalPlaces: number }>(
  options: O,
): FieldDecorator<Nullable<string, O>> {
  return decorate("DecimalField", options);
}

/** True or false. */
export function BooleanField<const O extends With<boolean>>(options?: O): FieldDecorator<Nullable<boolean, O>> {
  return decorate("BooleanField", options);
}

/** A day, as text: `"2026-11-23"`. */
export function DateField<const O extends With<string, "autoNow" | "autoNowAdd">>(
  options?: O,
): FieldDecorator<Nullable<string, O>> {
  return decorate("DateField", options);
}

/** A time of day, as text: `"09:30:00"` or `"09:30:00.000250"`. */
export function TimeField<const O extends With<string, "autoNow" | "autoNowAdd">>(
  options?: O,
): FieldDecorator<Nullable<string, O>> {
  return decorate("TimeField", options);
}

/** An instant: a `Date` that remembers microseconds. `autoNowAdd` sets it on creation, `autoNow` on every save. */
export function DateTimeField<const O extends With<Date, "autoNow" | "autoNowAdd">>(
  options?: O,
): FieldDecorator<Nullable<Date, O>> {
  return decorate("DateTimeField", options);
}

/** A span of time with microseconds. */
export function DurationField<const O extends With<Duration>>(options?: O): FieldDecorator<Nullable<Duration, O>> {
  return decorate("DurationField", options);
}

/** Anything that JSON has. */
export function JSONField<const O extends With<unknown>>(options?: O): FieldDecorator<unknown> {
  return decorate("JSONField", options);
}

/** Bytes. */
export function BinaryField<const O extends With<Uint8Array>>(options?: O): FieldDecorator<Nullable<Uint8Array, O>> {
  return decorate("BinaryField", { editable: false, ...options });
}

interface RelationOptions extends Omit<Shared, "primaryKey" | "blank"> {
  blank?: boolean;
  primaryKey?: boolean;
  onDelete: OnDelete;
  relatedName?: string;
  relatedQueryName?: string;
  limitChoicesTo?: LimitChoicesTo;
  /** The unique field of the other model that the column holds a value of; default its key. */
  toField?: string;
  dbConstraint?: boolean;
  default?: number | string | bigint | (() => number | string | bigint);
}

interface OneToOneOptions extends RelationOptions {
  /** Of a class that extends another model: this is the reference to it, in the place of `<parent>Ptr`. */
  parentLink?: boolean;
}

type To<M extends BaseModel> = string | (() => ModelClass<M>);
type RelatedTo<M, O> = O extends { null: true } ? Related<M | null> : Related<M>;

/** Divides the options of a relation into those of the column and those of the relation. */
function relation(kind: "ForeignKey" | "OneToOneField", to: ModelReference, options: OneToOneOptions) {
  const { onDelete, relatedName, relatedQueryName, limitChoicesTo, toField, parentLink, ...column } = options;
  const remote = definedOnly({ relatedName, relatedQueryName, limitChoicesTo, toField, parentLink });
  return decorate<never>(kind, column, { to, onDelete, ...remote });
}

/**
 * A reference to a row of another model. Beside `author` the object has `authorId`; the column is `author_id`.
 *
 * @example `@ForeignKey(() => Author, { onDelete: CASCADE, relatedName: "books" }) author!: Related<Author>;`
 */
export function ForeignKey<M extends BaseModel, const O extends RelationOptions>(
  to: To<M>,
  options: O,
): FieldDecorator<RelatedTo<M, O>> {
  return relation("ForeignKey", to, options);
}

/** A ForeignKey that no two rows share. */
export function OneToOneField<M extends BaseModel, const O extends OneToOneOptions>(
  to: To<M>,
  options: O,
): FieldDecorator<RelatedTo<M, O>> {
  return relation("OneToOneField", to, options);
}

interface ManyToManyOptions extends Pick<FieldOptions, "blank" | "verboseName" | "helpText" | "dbConstraint"> {
  relatedName?: string;
  relatedQueryName?: string;
  limitChoicesTo?: LimitChoicesTo;
  /** Of a relation to the same model: what is related to me, I am related to. Default true. */
  symmetrical?: boolean;
  through?: ModelReference;
  throughFields?: readonly [from: string, to: string];
  /** The columns of the table between, where they are not `<model>_id`: that to this side, and that to the other. */
  pairColumns?: readonly [from: string, to: string];
  dbTable?: string;
}

/**
 * Rows on both sides, through a table of their own named `<app>_<model>_<field>`, or through a model of one's own.
 *
 * @example `@ManyToManyField(() => Person, { through: () => Membership }) members!: ManyRelated<Person>;`
 */
export function ManyToManyField<M extends BaseModel>(
  to: To<M>,
  options: ManyToManyOptions = {},
): FieldDecorator<ManyRelated<M>> {
  const { blank, verboseName, helpText, dbConstraint, ...remote } = options;
  const own = definedOnly({ blank, verboseName, helpText, dbConstraint });
  return decorate("ManyToManyField", own, { to, ...definedOnly(remote) });
}

function definedOnly<T extends object>(values: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}
