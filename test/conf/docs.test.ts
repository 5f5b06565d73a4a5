import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { globalSettings } from "../../core/conf/global_settings.ts";

const page = readFileSync(new URL("../../docs/settings.md", import.meta.url), "utf8");

test("docs/settings.md lists every setting and every key of REST_FRAMEWORK and OPENAPI", () => {
  const names = Object.keys(globalSettings);
  const nested = [globalSettings.REST_FRAMEWORK, globalSettings.OPENAPI].flatMap(({ default: keys }) =>
    Object.keys(keys),
  );
  for (const name of [...names, ...nested]) assert.ok(page.includes(`| \`${name}\` |`), `${name} is not documented`);
});
