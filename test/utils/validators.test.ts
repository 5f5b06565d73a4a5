import assert from "node:assert/strict";
import { test } from "node:test";
import { ValidationError } from "../../core/exceptions.ts";
import { DateTime, Duration } from "../../core/utils/datetime.ts";
import {
  BaseValidator,
  DecimalValidator,
  EmailValidator,
  FileExtensionValidator,
  intListValidator,
  MaxLengthValidator,
  MaxValueValidator,
  MinLengthValidator,
  MinValueValidator,
  ProhibitNullCharactersValidator,
  ProhibitSurrogateCharactersValidator,
  RegexValidator,
  StepValueValidator,
  URLValidator,
  validateCommaSeparatedIntegerList,
  validateImageFileExtension,
  validateInteger,
  validateIpv46Address,
  validateSlug,
  validateUnicodeSlug,
} from "../../core/utils/validators.ts";

function failure(check: () => void): { code: string; message: string } | null {
  try {
    check();
    return null;
  } catch (error) {
    assert.ok(error instanceof ValidationError);
    return { code: error.code, message: error.message };
  }
}

test("limits compare values of one kind by value: numbers, bigints, decimals, dates, durations", () => {
  const passes: [unknown, unknown][] = [
    [10, 10],
    [2n ** 63n - 1n, 2n ** 63n - 1n],
    ["10.50", 11],
    ["9.5", "10"],
    ["2024-01-01", "2024-01-02"],
    [DateTime.fromString("2024-01-01T00:00:00.000001Z"), DateTime.fromString("2024-01-01T00:00:00.000002Z")],
    [Duration.of({ days: 1 }), Duration.of({ days: 1 })],
  ];
  for (const [value, limit] of passes) {
    assert.equal(
      failure(() => new MaxValueValidator(limit)(value)),
      null,
      String(value),
    );
  }
  assert.deepEqual(
    failure(() => new MaxValueValidator(9223372036854775807n)(9223372036854775808n)),
    {
      code: "max_value",
      message: "Ensure this value is less than or equal to 9223372036854775807.",
    },
  );
  assert.deepEqual(
    failure(() => new MinValueValidator("0.01")("0.001")),
    {
      code: "min_value",
      message: "Ensure this value is greater than or equal to 0.01.",
    },
  );
  assert.equal(
    failure(() => new MinValueValidator(0)("-0.00")),
    null,
  );
  assert.ok(failure(() => new MinValueValidator(() => 5)(4)));
});

test("lengths count code points and items, in Django's words", () => {
  assert.equal(
    failure(() => new MaxLengthValidator(1)("😀")),
    null,
  );
  assert.equal(
    failure(() => new MaxLengthValidator(1)("ab"))?.message,
    "Ensure this value has at most 1 character (it has 2).",
  );
  assert.equal(
    failure(() => new MinLengthValidator(2)([1]))?.message,
    "Ensure this value has at least 2 characters (it has 1).",
  );
  assert.equal(
    failure(() => new MinLengthValidator(2, { message: "At least {limit_value}." })([]))?.message,
    "At least 2.",
  );
});

test("patterns match anywhere unless anchored, and a global pattern remembers nothing", () => {
  const digits = new RegexValidator(/[0-9]/g);
  for (let round = 0; round < 3; round++)
    assert.equal(
      failure(() => digits("a1")),
      null,
    );
  assert.ok(failure(() => new RegexValidator(/x/, { inverseMatch: true })("axb")));
  assert.equal(
    failure(() => validateSlug("a b"))?.message,
    "Enter a valid “slug” consisting of letters, numbers, underscores or hyphens.",
  );
  assert.equal(
    failure(() => validateUnicodeSlug("año-1")),
    null,
  );
  assert.ok(failure(() => validateSlug("a\n")));
});

test("decimals are counted with their zeros", () => {
  const price = new DecimalValidator(5, 2);
  assert.equal(
    failure(() => price("123.45")),
    null,
  );
  assert.equal(failure(() => price("1.500"))?.code, "max_decimal_places");
  assert.equal(
    failure(() => price("1234"))?.message,
    "Ensure that there are no more than 3 digits before the decimal point.",
  );
  assert.equal(failure(() => price("1234.56"))?.code, "max_digits");
  assert.equal(failure(() => price("NaN"))?.message, "Enter a number.");
});

test("characters that cannot be stored are named", () => {
  assert.equal(
    failure(() => new ProhibitNullCharactersValidator()("a\0"))?.message,
    "Null characters are not allowed.",
  );
  assert.equal(
    failure(() => new ProhibitSurrogateCharactersValidator()("a\ud800b"))?.message,
    "Surrogate characters are not allowed: U+D800.",
  );
  assert.equal(
    failure(() => new ProhibitSurrogateCharactersValidator()("😀")),
    null,
  );
});

test("a class of one's own is called like a function and tells how to make it again", () => {
  class Even extends BaseValidator {
    validate(value: unknown) {
      if (Number(value) % 2) throw new ValidationError("Enter an even number.", { code: "odd" });
    }
  }
  assert.equal(failure(() => new Even()(3))?.code, "odd");
  assert.ok(new Even() instanceof BaseValidator);
  assert.deepEqual(new MinValueValidator(0).deconstruct(), { name: "MinValueValidator", args: [0] });
});

test("no built-in validator takes long over hostile input", () => {
  const validators = [
    new EmailValidator(),
    new URLValidator(),
    validateSlug,
    validateUnicodeSlug,
    validateIpv46Address,
  ];
  const hostile = [
    "a".repeat(100_000),
    `a@${"a.".repeat(50_000)}`,
    `${"a.".repeat(150)}@x`,
    "(".repeat(100_000),
    " ".repeat(100_000),
    "%".repeat(100_000),
    `http://${"a".repeat(2000)}`,
    `http://${"a-".repeat(1000)}`,
    `http://${"a.".repeat(1000)}!`,
    `http://${"a:".repeat(1000)}@`,
    `http://[${":".repeat(2000)}`,
    ":".repeat(39),
    `"${"\\".repeat(200)}@x.io`,
  ];
  for (const validate of validators) {
    for (const text of hostile) {
      const start = performance.now();
      failure(() => validate(text));
      assert.ok(performance.now() - start < 250, `${text.slice(0, 20)} (${text.length})`);
    }
  }
});

test("a limit's text may be given instead of options", () => {
  assert.equal(
    failure(() => new MinValueValidator(1, "At least %(limit_value)s, not {show_value}.")(0))?.message,
    "At least 1, not 0.",
  );
  assert.equal(failure(() => new MinValueValidator(1, { message: "More.", code: "few" })(0))?.code, "few");
});

test("steps are exact, from an offset too", () => {
  const step = new StepValueValidator("0.1");
  for (const value of ["0.3", 0.3, "-1.1", 7, 7n])
    assert.equal(
      failure(() => step(value)),
      null,
      String(value),
    );
  assert.deepEqual(
    failure(() => step("0.35")),
    {
      code: "step_size",
      message: "Ensure this value is a multiple of step size 0.1.",
    },
  );
  const shifted = new StepValueValidator(3, { offset: 1 });
  assert.equal(
    failure(() => shifted(10)),
    null,
  );
  assert.equal(
    failure(() => shifted(9))?.message,
    "Ensure this value is a multiple of step size 3, starting from 1, e.g. 1, 4, 7, and so on.",
  );
  assert.equal(failure(() => step("1e999999999"))?.code, "step_size");
});

test("whole numbers in text, alone and in lists", () => {
  assert.equal(
    failure(() => validateInteger("-42")),
    null,
  );
  assert.equal(failure(() => validateInteger("4.2"))?.message, "Enter a valid integer.");
  assert.equal(failure(() => validateInteger("4\n"))?.message, "Enter a valid integer.");
  assert.equal(
    failure(() => validateCommaSeparatedIntegerList("1,2,3")),
    null,
  );
  for (const value of ["1,,2", ",1", "1,", "-1", "a", ""]) {
    assert.equal(
      failure(() => validateCommaSeparatedIntegerList(value))?.message,
      "Enter only digits separated by commas.",
      value,
    );
  }
  assert.equal(
    failure(() => intListValidator({ sep: "|", allowNegative: true })("1|-2")),
    null,
  );
});

test("extensions of files", () => {
  const pdf = new FileExtensionValidator(["PDF", "txt"]);
  for (const value of ["a.pdf", "b/c.TXT", { name: "a.b.pdf" }])
    assert.equal(
      failure(() => pdf(value)),
      null,
    );
  assert.deepEqual(
    failure(() => pdf("a.pdf.exe")),
    {
      code: "invalid_extension",
      message: "File extension “exe” is not allowed. Allowed extensions are: pdf, txt.",
    },
  );
  assert.equal(failure(() => pdf(".pdf"))?.code, "invalid_extension");
  assert.equal(
    failure(() => new FileExtensionValidator()("x")),
    null,
  );
  assert.equal(
    failure(() => validateImageFileExtension("me.jpeg")),
    null,
  );
});

test("a ValidationError is a sentence with a code, several of them, or these by field, as Django's", () => {
  const single = new ValidationError("Value %(value)r is {what}.", { code: "odd", params: { value: "x", what: 3 } });
  assert.deepEqual([single.message, single.code, single.messages], ["Value 'x' is 3.", "odd", ["Value 'x' is 3."]]);
  const list = new ValidationError(["One.", single]);
  assert.deepEqual(list.messages, ["One.", "Value 'x' is 3."]);
  assert.deepEqual(
    list.errorList.map(({ code }) => code),
    ["invalid", "odd"],
  );
  const byField = new ValidationError({ title: list, __all__: "Three." });
  assert.deepEqual(byField.messageDict, { title: ["One.", "Value 'x' is 3."], __all__: ["Three."] });
  assert.deepEqual(
    byField.errorDict?.title.map(({ code }) => code),
    ["invalid", "odd"],
  );
  const errors = byField.updateErrorDict({ title: [new ValidationError("Zero.")] });
  assert.deepEqual(new ValidationError(errors).messageDict.title, ["Zero.", "One.", "Value 'x' is 3."]);
  assert.deepEqual(new ValidationError(single).code, "odd");
});
