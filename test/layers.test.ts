import assert from "node:assert/strict";
import { test } from "node:test";
import { checkFile } from "../.ci/layers.mjs";

test("an import of a higher layer is named with file, line and both layers, also one of types only", () => {
  const source = '/** import "../auth/x.ts" in a comment is none */\nimport type { View } from "../rest/views.ts";\n';
  assert.deepEqual(checkFile("core/db/x.ts", source), [
    "core/db/x.ts:2 (layer 3) imports core/rest/views.ts (layer 5)",
  ]);
});

test("folders of one layer do not import each other, files of one folder and the ground do", () => {
  assert.equal(checkFile("core/db/x.ts", 'import "../http/y.ts";').length, 1);
  assert.equal(checkFile("core/jwt/x.ts", 'import "../openapi/y.ts";').length, 1);
  assert.deepEqual(checkFile("core/db/migrations/x.ts", 'import "../models.ts";'), []);
  assert.deepEqual(checkFile("core/utils/x.ts", 'import "../exceptions.ts";'), []);
});

test("every form of import counts", () => {
  const forms = ['export * from "../rest/y.ts"', 'await import("../rest/y.ts")', 'type Y = import("../rest/y.ts").Y'];
  for (const form of forms) assert.equal(checkFile("core/db/x.ts", form).length, 1, form);
});

test("only commands and entries reach the optional layer", () => {
  const source = 'import "../openapi/generator.ts";';
  assert.deepEqual(checkFile("core/management/commands/generateschema.ts", 'import "../../openapi/generator.ts";'), []);
  assert.match(checkFile("core/testing/x.ts", source)[0]!, /core\/testing\/x\.ts:1 .*optional/);
});

test("inside core/, neither a folder's index.ts nor the package's own name is imported", () => {
  assert.match(checkFile("core/rest/x.ts", 'import "../db/index.ts";')[0]!, /import the file that is needed/);
  assert.match(checkFile("core/rest/x.ts", 'import "core-framework/db";')[0]!, /import the file by its path/);
  assert.deepEqual(checkFile("core/index.ts", 'export * from "./db/index.ts";'), []);
  const migration = 'import { migrations } from "../../db/migrations/index.ts";';
  assert.deepEqual(checkFile("core/auth/migrations/0001_initial.ts", migration), []);
});

test("core/index.ts only re-exports", () => {
  assert.deepEqual(checkFile("core/index.ts", "export const a = 1;"), [
    "core/index.ts:1 defines something: it only re-exports",
  ]);
});

test("TypeORM, Express and ws have one place each", () => {
  for (const [name, place] of [
    ["typeorm", "core/db/x.ts"],
    ["express", "core/http/express.ts"],
    ["ws", "core/channels/server.ts"],
  ]) {
    assert.deepEqual(checkFile(place!, `import "${name}";`), []);
    assert.match(checkFile("core/rest/x.ts", `import "${name}";`)[0]!, new RegExp(`imports ${name}: only core/`));
  }
});

test("code is made from text in one file only", () => {
  for (const source of ['new Function("a", "return a")', 'Function("return 1")', 'eval("1")']) {
    assert.match(checkFile("core/rest/x.ts", `\n${source};`)[0]!, /core\/rest\/x\.ts:2 makes code from text/);
    assert.deepEqual(checkFile("core/utils/codegen.ts", source), []);
  }
});

test("register stands alone, and a folder without a layer is asked for one", () => {
  assert.match(checkFile("core/register/x.mjs", 'import "../utils/text.ts";')[0]!, /stands alone/);
  assert.deepEqual(checkFile("core/management/x.ts", 'await import("../register/index.mjs");'), []);
  assert.deepEqual(checkFile("core/novel/x.ts", ""), ['core/novel/x.ts:1 has no layer: add "novel" to .ci/layers.mjs']);
});
