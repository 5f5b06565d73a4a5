// What a field's value is in a fixture: Field.value_to_string() of Django, and the values that it leaves as they are.
import { Decimal } from "../../utils/decimal.ts";
import { JsonFloat } from "../../utils/json.ts";
import type { Field } from "../field.ts";
import type { FieldKind } from "../field_types.ts";

type Encode = (value: never) => unknown;

const encoders: { readonly [kind in FieldKind]?: Encode } = {
  FloatField: (value: number) => new JsonFloat(value),
  DecimalField: (value: string) => String(Decimal.parse(value) ?? value),
  TimeField: (value: string) => value.slice(0, "00:00:00.000".length),
  DurationField: String,
  BinaryField: (value: Uint8Array) => Buffer.from(value).toString("base64"),
};

/** The value of a field as it stands in a fixture; a relation's is that of the key it holds. */
export function fixtureValue(field: Field, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  if (field.isForeignKey) return fixtureValue(field.targetField, value);
  const encode = encoders[field.kind] as ((value: unknown) => unknown) | undefined;
  return encode ? encode(value) : value;
}
