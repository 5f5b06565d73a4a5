import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { DateTime, Duration } from "../../core/utils/datetime.ts";
import { JsonFloat, JsonSyntaxError, parseJson, stringifyJson } from "../../core/utils/json.ts";

test("integers keep every digit, floats stay floats, the rest is what JSON.parse gives", () => {
  assert.deepEqual(parseJson("[1, -5, 9007199254740993, -9007199254740993]"), [
    1,
    -5,
    9007199254740993n,
    -9007199254740993n,
  ]);
  assert.deepEqual(parseJson("[4.0, 1e3, 0.5, 1.5e-7]"), [
    new JsonFloat(4, "4.0"),
    new JsonFloat(1000, "1e3"),
    0.5,
    1.5e-7,
  ]);
  assert.equal((parseJson("1e400") as JsonFloat).value, Infinity);
  assert.equal(
    stringifyJson(parseJson("[4.0, 4, 1e22, 1e-7, -0.0, -0, 1e300, 12345678901234567890]")),
    "[4.0,4,1e+22,1e-07,-0.0,0,1e+300,12345678901234567890]",
  );
});

test("numbers inside texts and keys are left alone", () => {
  const value = { "1.0": "4.0 and 12345678901234567890", escaped: 'a \\" 5.0 \\\\', plain: "x" };
  assert.deepEqual(parseJson(JSON.stringify(value)), value);
  assert.deepEqual(parseJson('{"a": "\\\\", "b": 4.0}'), { a: "\\", b: new JsonFloat(4, "4.0") });
});

test("the last of repeated keys counts", () => {
  assert.deepEqual(parseJson('{"a": 1, "a": 2.0}'), { a: new JsonFloat(2, "2.0") });
});

const malformed = [
  "",
  " ",
  "{",
  "[1,]",
  '{"a":1,}',
  "{a:1}",
  "'a'",
  "NaN",
  "Infinity",
  "-Infinity",
  "[1 2]",
  '"\u0001"',
  '"\\x"',
  '"abc',
  "01",
  "1.",
  ".5",
  "+1",
  "tru",
  "1e",
  "\ufeff{}",
  "[4.0",
  '{"a" 4.0}',
  '{"a": 4.0 "b"}',
  "4.0 5",
  "[4.0,]",
  '["\\ud8',
  "--1",
  "{4.0: 1}",
];

test("what is not JSON is refused with line and column", () => {
  for (const text of malformed) assert.throws(() => parseJson(text), JsonSyntaxError, JSON.stringify(text));
  assert.throws(() => parseJson('{"a": 1,\n "b": x}'), /Expecting value: line 2 column 7 \(char 15\)/);
  assert.throws(() => parseJson("9".repeat(100_000)), /Exceeds the limit/);
});

test("nesting has a limit, found quickly and without using up the stack", () => {
  for (const text of [
    '{"a":'.repeat(12_000),
    "[".repeat(30_000),
    `${'{"a":'.repeat(12_000)}1.0${"}".repeat(12_000)}`,
  ]) {
    const start = performance.now();
    assert.throws(() => parseJson(text), /Nested deeper than 500 levels/);
    assert.ok(performance.now() - start < 500);
  }
  assert.ok(parseJson("[".repeat(500) + "]".repeat(500)));
  assert.throws(() => parseJson(`${"[".repeat(3)}4.0${"]".repeat(3)}`, { maxDepth: 2 }));
  assert.equal((parseJson(`["${"[".repeat(900)}"]`) as string[])[0]?.length, 900);
});

test("keys that poison objects are refused, spelt in any way; kept as plain keys where asked for", () => {
  const poison = [
    '{"__proto__": {"x": 1}}',
    '{"a": [{"\\u005f_proto__": {"x": 1}}]}',
    '{"constructor": {"prototype": {"x": 1}}}',
    '{"constructor": {"\\u0070rototype": 1}}',
  ];
  for (const text of poison) {
    assert.throws(() => parseJson(text), /is not allowed/);
    const kept = parseJson(text, { prototypeKeys: "keep" }) as object;
    assert.equal((kept as { x?: number }).x, undefined);
    assert.equal(stringifyJson(kept), stringifyJson(JSON.parse(text)));
  }
  assert.equal(({} as { x?: number }).x, undefined);
  assert.deepEqual(parseJson('{"constructor": "Ferrari", "note": "__proto__"}'), {
    constructor: "Ferrari",
    note: "__proto__",
  });
});

test("writing is DRF's: compact, non-ASCII kept, line separators escaped, own values in their own form", () => {
  assert.equal(stringifyJson({ ü: "日本\u2028\u2029</script>" }), '{"ü":"日本\\u2028\\u2029</script>"}');
  assert.equal(
    stringifyJson([2n ** 70n, new JsonFloat(3), 1e21, null, undefined, true]),
    "[1180591620717411303424,3.0,1000000000000000000000,null,null,true]",
  );
  assert.equal(
    stringifyJson({ at: new Date(0), us: new DateTime(0, 5), span: new Duration(90_000_000n) }),
    '{"at":"1970-01-01T00:00:00Z","us":"1970-01-01T00:00:00.000005Z","span":"90.0"}',
  );
  assert.equal(stringifyJson({ a: undefined, m: new Map([["k", new Set([1])]]) }), '{"m":{"k":[1]}}');
  assert.equal(
    stringifyJson({ a: [1, { b: [] }], c: {} }, 2),
    '{\n  "a": [\n    1,\n    {\n      "b": []\n    }\n  ],\n  "c": {}\n}',
  );
  assert.throws(() => stringifyJson([Number.NaN]), /not JSON compliant/);
});

test("what was written is read back unchanged", () => {
  const float = fc
    .double({ noNaN: true, noDefaultInfinity: true })
    .map((value) => (Number.isInteger(value) ? new JsonFloat(value) : value));
  const integer = fc.bigInt().map((value) => (Number.isSafeInteger(Number(value)) ? Number(value) : value));
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      fc.string({ unit: "binary" }),
      integer,
      float,
      fc.boolean(),
      fc.constant(null),
      fc.array(tie("tree")),
      fc.dictionary(fc.string(), tie("tree")),
    ),
  }));
  fc.assert(
    fc.property(tree, fc.integer({ min: 0, max: 4 }), (value, indent) => {
      const text = stringifyJson(value, indent);
      assert.equal(stringifyJson(parseJson(text, { prototypeKeys: "keep" }), indent), text);
    }),
  );
});

test("any text is either read as JSON.parse reads it or refused by both", () => {
  const piece = fc.constantFrom(
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    '"',
    "\\",
    "1",
    "0",
    ".",
    "e",
    "-",
    "true",
    "null",
    " ",
    "a",
    "\u0000",
    "\n",
  );
  const text = fc.array(piece, { maxLength: 12 }).map((parts) => parts.join(""));
  const attempt = (read: () => unknown) => {
    try {
      return { text: JSON.stringify(read(), (_, value) => (typeof value === "bigint" ? Number(value) : value)) };
    } catch {
      return "refused";
    }
  };
  fc.assert(
    fc.property(text, (input) => {
      assert.deepEqual(
        attempt(() => parseJson(input)),
        attempt(() => JSON.parse(input)),
      );
      assert.deepEqual(
        attempt(() => parseJson(`[4.0,${input}]`)),
        attempt(() => JSON.parse(`[4.0,${input}]`)),
      );
    }),
    { numRuns: 2000 },
  );
});
