import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsDate,
  IsDateString,
  IsDefined,
  IsEmail,
  IsEnum,
  IsHexColor,
  IsIn,
  IsInt,
  IsIP,
  IsNotEmpty,
  IsNumber,
  IsObject,
  IsOptional,
  IsPositive,
  IsString,
  IsUrl,
  IsUUID,
  Length,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  Validate,
  ValidateIf,
  ValidateNested,
  ValidatorConstraint,
} from "class-validator";
import { fields } from "../../core/rest/field_decorators.ts";
import * as kinds from "../../core/rest/fields.ts";
import {
  compileSchema,
  declaredFields,
  InputSchema,
  NestedField,
  type SchemaClass,
} from "../../core/rest/serializers.ts";
import { parseJson, stringifyJson } from "../../core/utils/json.ts";

async function outcome(cls: SchemaClass, data: unknown, partial = false): Promise<unknown> {
  const result = await compileSchema(cls).parse(data, { partial });
  return parseJson(stringifyJson(result.ok ? { ok: result.value } : { errors: result.errors }));
}

enum Color {
  Red = "red",
  Blue = "blue",
}

class UserInput extends InputSchema {
  @IsEmail() email!: string;
  @Length(1, 10) displayName!: string;
  @IsInt() @Min(18) @Max(120) age!: number;
  @IsOptional() @IsUrl() website?: string | null;
  @IsIn(["admin", "member"]) role!: string;
  @IsEnum(Color) color!: Color;
  @IsBoolean() active!: boolean;
  @IsUUID() key!: string;
}

test("decorators become the fields of the table, in the order of the class", () => {
  const names = [...declaredFields(UserInput)].map(([name, field]) => `${name}: ${field.constructor.name}`);
  assert.deepEqual(names, [
    "email: EmailField",
    "displayName: CharField",
    "age: IntegerField",
    "website: URLField",
    "role: ChoiceField",
    "color: ChoiceField",
    "active: BooleanField",
    "key: UUIDField",
  ]);
});

const good = {
  email: " a@example.com ",
  display_name: " Ana ",
  age: "42",
  role: "admin",
  color: "blue",
  active: "yes",
  key: "550E8400E29B41D4A716446655440000",
};

test("coercion, trimming and texts are DRF's", async () => {
  assert.deepEqual(await outcome(UserInput, { ...good, website: null }), {
    ok: {
      email: "a@example.com",
      displayName: "Ana",
      age: 42,
      website: null,
      role: "admin",
      color: "blue",
      active: true,
      key: "550e8400-e29b-41d4-a716-446655440000",
    },
  });
  const bad = {
    email: "a@",
    display_name: "much too long",
    age: 17,
    website: "x",
    role: "boss",
    color: "green",
    active: "?",
    key: "-",
  };
  assert.deepEqual(await outcome(UserInput, bad), {
    errors: {
      email: ["Enter a valid email address."],
      display_name: ["Ensure this field has no more than 10 characters."],
      age: ["Ensure this value is greater than or equal to 18."],
      website: ["Enter a valid URL."],
      role: ['"boss" is not a valid choice.'],
      color: ['"green" is not a valid choice.'],
      active: ["Must be a valid boolean."],
      key: ["Must be a valid UUID."],
    },
  });
  const { email, ...rest } = good;
  assert.deepEqual(await outcome(UserInput, rest), { errors: { email: ["This field is required."] } });
  assert.equal(email.length, 15);
});

test("a message given to a decorator replaces DRF's", async () => {
  class Input extends InputSchema {
    @IsEmail({}, { message: "$property: not an address" }) email!: string;
    @IsInt({ message: "whole numbers" }) @Max(5, { message: "at most $constraint1" }) count!: number;
    @IsNotEmpty({ message: "say something" }) @IsString() text!: string;
    @IsIn(["a"], { message: () => "only a" }) choice!: string;
    @IsDefined({ message: "needed" }) @IsBoolean() flag!: boolean;
  }
  assert.deepEqual(await outcome(Input, { email: "x", count: 6, text: " ", choice: "b" }), {
    errors: {
      email: ["email: not an address"],
      count: ["at most 5"],
      text: ["say something"],
      choice: ["only a"],
      flag: ["needed"],
    },
  });
  assert.deepEqual(await outcome(Input, { count: "x" }, true), { errors: { count: ["whole numbers"] } });
});

test("what no field does is checked by the decorator itself, behind the field", async () => {
  class Input extends InputSchema {
    @IsHexColor() paint!: string;
    @Matches(/^[a-z]+$/) @MinLength(2) @MaxLength(3) code!: string;
    @IsNumber({ maxDecimalPlaces: 2 }) @IsPositive() price!: number;
    @IsUUID("4") key!: string;
    @IsDateString() at!: string;
    @IsDate() moment!: Date;
    @IsIP("4") address!: string;
  }
  const good = {
    paint: "#fff",
    code: "ab",
    price: "1.5",
    key: "550e8400-e29b-41d4-a716-446655440000",
    at: "2024-01-01",
    moment: "2024-01-01T00:00:00Z",
    address: "1.2.3.4",
  };
  assert.deepEqual(await outcome(Input, good), { ok: { ...good, price: 1.5 } });
  const bad = {
    paint: "red-ish",
    code: "A",
    price: -1.234,
    key: "550e8400-e29b-11d4-a716-446655440000",
    at: "soon",
    moment: "x",
    address: "::1",
  };
  assert.deepEqual(await outcome(Input, bad), {
    errors: {
      paint: ["paint must be a hexadecimal color"],
      code: ["Ensure this field has at least 2 characters.", "This value does not match the required pattern."],
      price: ["price must be a number conforming to the specified constraints", "price must be a positive number"],
      key: ["key must be a UUID"],
      at: ["at must be a valid ISO 8601 date string"],
      moment: [
        "Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].",
      ],
      address: ["Enter a valid IPv4 address."],
    },
  });
});

test("arrays are lists: `each` describes the items, the rest the list", async () => {
  class Input extends InputSchema {
    @IsArray()
    @ArrayNotEmpty()
    @ArrayMaxSize(3)
    @IsString({ each: true })
    @MaxLength(2, { each: true })
    tags!: string[];
    @IsInt({ each: true }) @ArrayUnique() numbers!: number[];
    @IsObject() extra!: object;
  }
  assert.ok(declaredFields(Input).get("tags") instanceof kinds.ListField);
  assert.deepEqual(await outcome(Input, { tags: ["a", 1], numbers: ["1", 2], extra: {} }), {
    ok: { tags: ["a", "1"], numbers: [1, 2], extra: {} },
  });
  assert.deepEqual(await outcome(Input, { tags: [], numbers: ["x"], extra: [] }), {
    errors: {
      tags: ["This list may not be empty."],
      numbers: { 0: ["A valid integer is required."] },
      extra: ['Expected a dictionary of items but got type "list".'],
    },
  });
  assert.deepEqual(await outcome(Input, { tags: ["abc", ""], numbers: [1, 1], extra: {} }), {
    errors: {
      tags: { 0: ["Ensure this field has no more than 2 characters."], 1: ["This field may not be blank."] },
      numbers: ["All numbers's elements must be unique"],
    },
  });
});

test("both languages mix, in the order of the class", () => {
  class Mixed extends InputSchema {
    @IsEmail() first!: string;
    @fields.DecimalField({ maxDigits: 5, decimalPlaces: 2 }) second!: string;
    @IsInt() third!: number;
    @fields.CharField() fourth!: string;
    @IsString() @fields.SlugField() fifth!: string;
  }
  class Wider extends Mixed {
    @IsBoolean() sixth!: boolean;
  }
  assert.deepEqual([...declaredFields(Wider).keys()], ["first", "second", "third", "fourth", "fifth", "sixth"]);
  assert.ok(declaredFields(Wider).get("fifth") instanceof kinds.SlugField);
});

test("@ValidateIf asks whether the field is looked at at all", async () => {
  class Input extends InputSchema {
    @IsBoolean() hasSite!: boolean;
    @ValidateIf((input: Input) => input.hasSite) @IsUrl() site!: string;
  }
  assert.deepEqual(await outcome(Input, { has_site: false }), { ok: { hasSite: false } });
  assert.deepEqual(await outcome(Input, { has_site: true }), { errors: { site: ["This field is required."] } });
});

test("validator classes of one's own run, async ones too", async () => {
  @ValidatorConstraint({ name: "even" })
  class Even {
    validate(value: number) {
      return value % 2 === 0;
    }
    defaultMessage() {
      return "$value is odd";
    }
  }
  @ValidatorConstraint({ name: "free", async: true })
  class Free {
    async validate(value: string) {
      return value !== "taken";
    }
    defaultMessage() {
      return "already taken";
    }
  }
  class Input extends InputSchema {
    @IsInt() @Validate(Even) count!: number;
    @IsString() @Validate(Free) name!: string;
  }
  assert.deepEqual(await outcome(Input, { count: 4, name: "x" }), { ok: { count: 4, name: "x" } });
  assert.deepEqual(await outcome(Input, { count: 3, name: "taken" }), {
    errors: { count: ["3 is odd"], name: ["already taken"] },
  });
});

test("a nested class that nobody can know is asked for in words", () => {
  class Inner extends InputSchema {
    @IsInt() x!: number;
  }
  class Input extends InputSchema {
    @ValidateNested({ each: true }) @IsArray() inner!: Inner[];
  }
  const field = declaredFields(Input).get("inner") as NestedField;
  assert.ok(field instanceof NestedField && field.many);
  assert.throws(() => compileSchema(Input).parse({ inner: [{}] }), /The class of Input\.inner/);
});

test("a plain class with decorators is a schema", async () => {
  class Plain {
    @IsInt() x!: number;
  }
  assert.deepEqual(await outcome(Plain, { x: "5" }), { ok: { x: 5 } });
});

test("class-validator is not loaded for those who do not use it", () => {
  const script = `
    await import("./core/rest/field_decorators.ts");
    console.log(typeof globalThis.classValidatorMetadataStorage);`;
  const args = ["--import", "./core/register/index.mjs", "--input-type=module", "-e", script];
  assert.equal(execFileSync(process.execPath, args, { encoding: "utf8" }).trim(), "undefined");
});
