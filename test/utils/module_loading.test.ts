import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { findModuleFile, importDriver, importString } from "../../core/utils/module_loading.ts";

let root: string;

before(() => {
  root = mkdtempSync(join(tmpdir(), "core-modules-"));
  write("plain.js", "export const answer = 42; export default 'plain';");
  write("folder/index.js", "export const inside = true;");
  write(
    "node_modules/esm-only/package.json",
    '{"type":"module","exports":{".":{"types":"./x.d.ts","import":"./m.js"}}}',
  );
  write("node_modules/esm-only/m.js", "export const kind = 'esm';");
  write("node_modules/@acme/old/package.json", '{"main":"main.cjs"}');
  write("node_modules/@acme/old/main.cjs", "exports.kind = 'cjs';");
});
after(() => rmSync(root, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

test("a string names an export of a file or of a package seen from the project", async () => {
  assert.equal(await importString("./plain#answer", { root }), 42);
  assert.equal(await importString("plain.js", { root }), "plain");
  assert.equal(await importString("folder#inside", { root }), true);
  assert.equal(await importString("esm-only#kind", { root }), "esm");
  assert.equal(await importString("@acme/old#kind", { root }), "cjs");
});

test("a wrong name says what is wrong with it", async () => {
  await assert.rejects(importString("./plain#answr", { root }), {
    name: "ImproperlyConfigured",
    message: 'Module "./plain" exports no "answr", which "./plain#answr" asks for.',
    hint: "Did you mean answer?",
  });
  await assert.rejects(importString("./nowhere#x", { root }), { message: /"\.\/nowhere".*does not exist/ });
});

test("a missing driver is one sentence that says what to install", async () => {
  await assert.rejects(importDriver("no-such-driver", "npm install no-such-driver", { root }), {
    message: 'The package "no-such-driver" is needed by the settings but not installed.',
    hint: "Run: npm install no-such-driver",
  });
  assert.equal((await importDriver<{ kind: string }>("esm-only", "", { root })).kind, "esm");
});

test("a module is found with and without its extension, and by the name it will be compiled to", () => {
  assert.equal(findModuleFile(join(root, "plain")), join(root, "plain.js"));
  assert.equal(findModuleFile(join(root, "nothing")), undefined);
});
