// django.contrib.postgres.fields. A model with one of these on SQLite is an error of `core check`.
import { decorate, type FieldDecorator, type Nullable, type With } from "../fields/field_decorator.ts";
import type { Range } from "./ranges.ts";

/**
 * An array of values of another field, at most `size` of them; of arrays as well, if they are all of one length.
 *
 * @example `@ArrayField(CharField({ maxLength: 20 }), { size: 5, default: () => [] }) tags!: string[];`
 */
export function ArrayField<T, const O extends With<T[], "size">>(
  base: FieldDecorator<T>,
  options?: O,
): FieldDecorator<Nullable<T[], O>> {
  return decorate("ArrayField", { ...options, baseField: base.field });
}

/** Texts, or null, by text. The database needs its extension: the operation `HStoreExtension` of a migration. */
export function HStoreField<const O extends With<Record<string, string | null>>>(
  options?: O,
): FieldDecorator<Nullable<Record<string, string | null>, O>> {
  return decorate("HStoreField", options);
}

/** A range of 32-bit integers. */
export function IntegerRangeField<const O extends With<Range<number>>>(
  options?: O,
): FieldDecorator<Nullable<Range<number>, O>> {
  return decorate("IntegerRangeField", options);
}

/** A range of 64-bit integers. */
export function BigIntegerRangeField<const O extends With<Range<bigint>>>(
  options?: O,
): FieldDecorator<Nullable<Range<bigint>, O>> {
  return decorate("BigIntegerRangeField", options);
}

/** A range of decimals, as texts. */
export function DecimalRangeField<const O extends With<Range<string>>>(
  options?: O,
): FieldDecorator<Nullable<Range<string>, O>> {
  return decorate("DecimalRangeField", options);
}

/** A range of days, as texts. */
export function DateRangeField<const O extends With<Range<string>>>(
  options?: O,
): FieldDecorator<Nullable<Range<string>, O>> {
  return decorate("DateRangeField", options);
}

/** A range of instants. */
export function DateTimeRangeField<const O extends With<Range<Date>>>(
  options?: O,
): FieldDecorator<Nullable<Range<Date>, O>> {
  return decorate("DateTimeRangeField", options);
}

/** The words of a document, as PostgreSQL's full text search keeps them: `'a':1 'sea':2`. */
export function SearchVectorField<const O extends With<string>>(options?: O): FieldDecorator<Nullable<string, O>> {
  return decorate("SearchVectorField", options);
}
