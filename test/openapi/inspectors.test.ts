import assert from "node:assert/strict";
import { test } from "node:test";
import { Field, IntegerField } from "../../core/rest/fields.ts";
import { RegexValidator } from "../../core/utils/validators.ts";
import { Author, fields, PostSchema, propertiesOf, Schema } from "./posts.ts";

test("numbers have their limits, and decimals the pattern of what is shown", () => {
  class NumbersSchema extends Schema {
    @fields.IntegerField({ minValue: 1, maxValue: 10 }) small!: number;
    @fields.IntegerField({ maxValue: 9_223_372_036_854_775_807n }) large!: number;
    @fields.BigIntegerField({}) huge!: bigint;
    @fields.BigIntegerField({ coerceToString: true }) text!: bigint;
    @fields.FloatField({ minValue: 0.5 }) float!: number;
    @fields.DecimalField({ maxDigits: 8, decimalPlaces: 2 }) price!: string;
    @fields.DecimalField({ maxDigits: 2, decimalPlaces: 2 }) share!: string;
    @fields.DecimalField({ maxDigits: 4, decimalPlaces: 1, coerceToString: false }) number!: string;
    @fields.BooleanField() flag!: boolean;
  }
  assert.deepEqual(propertiesOf(NumbersSchema), {
    small: { type: "integer", minimum: 1, maximum: 10 },
    large: { type: "integer", format: "int64" },
    huge: { type: "integer", format: "int64" },
    text: { type: "string", pattern: "^-?\\d+$" },
    float: { type: "number", format: "double", minimum: 0.5 },
    price: { type: "string", format: "decimal", pattern: "^-?\\d{1,6}(?:\\.\\d{0,2})?$" },
    share: { type: "string", format: "decimal", pattern: "^-?\\d{1,1}(?:\\.\\d{0,2})?$" },
    number: { type: "number", exclusiveMinimum: -1000, exclusiveMaximum: 1000 },
    flag: { type: "boolean" },
  });
});

test("texts have formats, lengths and patterns, and are not blank unless they may be", () => {
  class TextsSchema extends Schema {
    @fields.CharField({ maxLength: 5 }) short!: string;
    @fields.CharField({ allowBlank: true }) blank!: string;
    @fields.CharField({ minLength: 3 }) long!: string;
    @fields.EmailField() email!: string;
    @fields.URLField() url!: string;
    @fields.SlugField() slug!: string;
    @fields.UUIDField() uuid!: string;
    @fields.UUIDField({ format: "hex" }) hex!: string;
    @fields.IPAddressField({ protocol: "ipv6" }) ip!: string;
    @fields.RegexField({ regex: /^a/, validators: [new RegexValidator(/z$/)] }) both!: string;
    @fields.RegexField({ regex: /^a/i }) flags!: string;
  }
  assert.deepEqual(propertiesOf(TextsSchema), {
    short: { type: "string", minLength: 1, maxLength: 5 },
    blank: { type: "string" },
    long: { type: "string", minLength: 3 },
    email: { type: "string", minLength: 1, format: "email" },
    url: { type: "string", minLength: 1, format: "uri" },
    slug: { type: "string", minLength: 1, pattern: "^[-a-zA-Z0-9_]+$" },
    uuid: { type: "string", format: "uuid" },
    hex: { type: "string", pattern: "^[0-9a-f]{32}$" },
    ip: { type: "string", minLength: 1, format: "ipv6" },
    both: { type: "string", minLength: 1, pattern: "z$", allOf: [{ pattern: "^a" }] },
    flags: { type: "string", minLength: 1 },
  });
});

test("dates and times have the formats that JSON Schema knows, unless they are shown otherwise", () => {
  class TimesSchema extends Schema {
    @fields.DateField() date!: string;
    @fields.DateTimeField() moment!: Date;
    @fields.TimeField() time!: string;
    @fields.DateField({ format: "%d.%m.%Y" }) own!: string;
  }
  assert.deepEqual(propertiesOf(TimesSchema), {
    date: { type: "string", format: "date" },
    moment: { type: "string", format: "date-time" },
    time: { type: "string", format: "time-local" },
    own: { type: "string" },
  });
});

test("choices are an enum whose labels are told; null and blank are choices where they are allowed", () => {
  class ChoicesSchema extends Schema {
    @fields.ChoiceField({ choices: ["a", "b"] }) plain!: string;
    @fields.ChoiceField({ choices: [[1, "One"]], helpText: "How many." }) labelled!: number;
    @fields.ChoiceField({ choices: ["a"], allowBlank: true, allowNull: true }) free!: string | null;
    @fields.MultipleChoiceField({ choices: ["a"], allowEmpty: false }) several!: string[];
  }
  assert.deepEqual(propertiesOf(ChoicesSchema), {
    plain: { type: "string", enum: ["a", "b"] },
    labelled: { type: "integer", enum: [1], description: "How many.\n\n* `1` - One" },
    free: { type: ["string", "null"], enum: ["a", "", null] },
    several: { type: "array", items: { type: "string", enum: ["a"] }, minItems: 1 },
  });
});

test("lists and dictionaries tell what is inside, nested schemas are referred to", () => {
  class PartSchema extends Schema {
    @fields.CharField() name!: string;
    @fields.Nested(() => PartSchema, { many: true, required: false }) parts?: PartSchema[];
  }
  class WholeSchema extends Schema {
    @fields.ListField({ child: fields.IntegerField({ minValue: 0 }), maxLength: 3 }) list!: number[];
    @fields.DictField({ child: fields.BooleanField() }) map!: Record<string, boolean>;
    @fields.JSONField({ allowNull: true }) any!: unknown;
    @fields.Nested(PartSchema, { allowNull: true }) part!: PartSchema | null;
    @fields.Nested(PartSchema, { readOnly: true, helpText: "The first." }) first!: PartSchema;
  }
  const ref = { $ref: "#/components/schemas/Part" };
  assert.deepEqual(propertiesOf(WholeSchema), {
    list: { type: "array", items: { type: "integer", minimum: 0 }, maxItems: 3 },
    map: { type: "object", additionalProperties: { type: "boolean" } },
    any: {},
    part: { anyOf: [ref, { type: "null" }] },
    first: { ...ref, description: "The first.", readOnly: true },
  });
});

test("relations are of the type of what they show of the other model", () => {
  class RelationsSchema extends Schema {
    @fields.PrimaryKeyRelatedField({ queryset: Author }) author!: Author;
    @fields.SlugRelatedField({ queryset: Author, slugField: "name", source: "author" }) byName!: Author;
    @fields.PrimaryKeyRelatedField({ readOnly: true, source: "author" }) shown!: Author;
    @fields.StringRelatedField({ source: "author" }) text!: Author;
    @fields.ReadOnlyField({ source: "author.name" }) authorName!: unknown;
  }
  assert.deepEqual(propertiesOf(RelationsSchema), {
    author: { type: "integer" },
    by_name: { type: "string" },
    shown: { type: "integer", readOnly: true },
    text: { type: "string", readOnly: true },
    author_name: { type: "string", readOnly: true },
  });
  assert.deepEqual(propertiesOf(PostSchema).author, { type: "integer" });
});

test("default, label, help and direction are told; what a client never sees is not", () => {
  class SaidSchema extends Schema {
    @fields.IntegerField({ default: 3, label: "Stars", helpText: "Up to five." }) stars!: number;
    @fields.CharField({ writeOnly: true, default: () => "x" }) secret!: string;
    @fields.HiddenField({ default: 1 }) hidden!: number;
    @fields.SerializerMethodField() sum!: unknown;
    getSum() {
      return 1;
    }
  }
  assert.deepEqual(propertiesOf(SaidSchema), {
    stars: { type: "integer", title: "Stars", description: "Up to five.", default: 3 },
    secret: { type: "string", minLength: 1, writeOnly: true },
    sum: { readOnly: true },
  });
});

test("a field class may describe itself; without that it is what its parent is", () => {
  class Color extends Field<string> {
    toInternalValue(data: unknown) {
      return String(data);
    }
    toRepresentation(value: string) {
      return value;
    }
    openapi() {
      return { type: "string", format: "color" };
    }
  }
  class Score extends IntegerField {}
  const ColorField = fields.custom(Color);
  const ScoreField = fields.custom(Score);
  class OwnSchema extends Schema {
    @ColorField({ allowNull: true }) paint!: string | null;
    @ScoreField() score!: number;
  }
  assert.deepEqual(propertiesOf(OwnSchema), {
    paint: { type: ["string", "null"], format: "color" },
    score: { type: "integer" },
  });
});
