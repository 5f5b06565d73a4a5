// Compiled, never run: a field that does not fit its property is a compile error, one that does is none.

import { fields } from "../../core/rest/field_decorators.ts";
import { Field, type FieldContext } from "../../core/rest/fields.ts";
import { Schema } from "../../core/rest/serializers.ts";
import type { Duration } from "../../core/utils/datetime.ts";

class Point extends Schema {
  @fields.IntegerField() x!: number;
}

class Color {
  red = 0;
}
class ColorField extends Field<Color> {
  toInternalValue(): Color {
    return new Color();
  }
  toRepresentation(value: Color): string {
    return String(value.red);
  }
}
const Paint = fields.custom(ColorField);

export class Fitting extends Schema {
  @fields.CharField() a!: string;
  @fields.CharField({ allowNull: true }) b!: string | null;
  @fields.CharField({ required: false }) c?: string;
  @fields.CharField({ required: false, allowNull: true, maxLength: 3 }) d?: string | null;
  @fields.CharField({ default: "x" }) e!: string;
  @fields.BigIntegerField() f!: bigint;
  @fields.DateTimeField() g!: Date;
  @fields.DurationField() h!: Duration;
  @fields.ChoiceField({ choices: ["small", "large"] }) i!: "small" | "large";
  @fields.ChoiceField({ choices: ["small", "large"] }) j!: string;
  @fields.ChoiceField({
    choices: [
      [1, "One"],
      [2, "Two"],
    ],
    allowBlank: true,
  })
  k!: 1 | 2 | "";
  @fields.MultipleChoiceField({ choices: ["a", "b"] }) l!: ("a" | "b")[];
  @fields.ListField({ child: fields.CharField() }) m!: string[];
  @fields.ListField({ child: fields.ListField({ child: fields.IntegerField({ allowNull: true }) }) }) n!: (
    | number
    | null
  )[][];
  @fields.DictField({ child: fields.FloatField() }) o!: Record<string, number>;
  @fields.JSONField() p!: unknown;
  @fields.Nested(Point) q!: Point;
  @fields.Nested(() => Fitting, { many: true, required: false }) r?: Fitting[];
  @fields.HiddenField({ default: () => 5 }) s!: number;
  @fields.ReadOnlyField({ source: "user.email" }) t!: string;
  @fields.SerializerMethodField() total!: number;
  @Paint({ required: false }) u?: Color;

  getTotal(_object: { x: number }, _context: FieldContext): number {
    return 1;
  }
}

export class Misfitting extends Schema {
  // @ts-expect-error: a text is no number
  @fields.CharField() a!: number;
  // @ts-expect-error: null is allowed but the property cannot hold it
  @fields.CharField({ allowNull: true }) b!: string;
  // @ts-expect-error: null is not allowed but the property expects it
  @fields.CharField() c!: string | null;
  // @ts-expect-error: it may be absent
  @fields.CharField({ required: false }) d!: string;
  // @ts-expect-error: a big integer is a bigint
  @fields.BigIntegerField() e!: number;
  // @ts-expect-error: a decimal is a string
  @fields.DecimalField({ maxDigits: 5, decimalPlaces: 2 }) f!: number;
  // @ts-expect-error: "medium" is missing from the property
  @fields.ChoiceField({ choices: ["small", "medium"] }) g!: "small";
  // @ts-expect-error: a list of texts
  @fields.ListField({ child: fields.CharField() }) h!: number[];
  // @ts-expect-error: one object, not several
  @fields.Nested(Point) i!: Point[];
  // @ts-expect-error: there is no getCount()
  @fields.SerializerMethodField() count!: number;
  // @ts-expect-error: getTotal() returns a number
  @fields.SerializerMethodField() total!: string;
  // @ts-expect-error: there is no such option
  @fields.CharField({ maxLenght: 3 }) j!: string;
  // @ts-expect-error: a colour
  @Paint() k!: string;

  getTotal(_object: object): number {
    return 1;
  }
}
