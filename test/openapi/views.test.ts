import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { OpenAPIDocument } from "../../core/openapi/types.ts";
import { core } from "../management/cli.ts";
import { makeProject, root } from "../support/projects.ts";
import { servePosts } from "./serving.ts";
import { findProblems } from "./structure.ts";

test("the document is served as JSON, with what the settings say of the API", async (t) => {
  const OPENAPI = {
    TITLE: "Blog",
    VERSION: "2.1",
    DESCRIPTION: "For *readers*.",
    SERVERS: ["https://api.example.org"],
  };
  const url = await servePosts(t, { OPENAPI });
  const response = await fetch(`${url}/openapi.json`);
  assert.equal(response.headers.get("content-type"), "application/json");
  const document = (await response.json()) as OpenAPIDocument;
  assert.equal(document.openapi, "3.1.0");
  assert.deepEqual(document.info, { title: "Blog", version: "2.1", description: "For *readers*." });
  assert.deepEqual(document.servers, [{ url: "https://api.example.org" }]);
  assert.deepEqual(findProblems(document), []);
  const head = await fetch(`${url}/openapi.json`, { method: "HEAD" });
  assert.deepEqual([head.status, await head.text()], [200, ""]);
});

test("without DEBUG there is neither document nor page", async (t) => {
  const url = await servePosts(t, { DEBUG: false });
  for (const path of ["/openapi.json", "/docs", "/docs/", "/docs/swagger-ui.css"]) {
    assert.equal((await fetch(url + path)).status, 404, path);
  }
});

test("every answer of the page has a policy with a nonce of its own that lets nothing else run", async (t) => {
  const url = await servePosts(t, {
    OPENAPI: { TITLE: "<script>alert(1)</script>", SERVERS: ["https://api.example.org/v1"] },
  });
  const nonces = new Set<string>();
  for (const path of ["/docs", "/docs/"]) {
    const response = await fetch(url + path);
    const policy = response.headers.get("content-security-policy") ?? "";
    const page = await response.text();
    const nonce = /'nonce-([^']+)'/.exec(policy)?.[1] ?? "";
    nonces.add(nonce);
    assert.match(policy, /default-src 'none'; script-src 'nonce-[\w+/=]{24}';/);
    assert.match(policy, /connect-src 'self' https:\/\/api\.example\.org;/);
    assert.doesNotMatch(policy, /unsafe/);
    assert.doesNotMatch(page, /<script>/);
    const tags = [...page.matchAll(/<(?:script|style)\b[^>]*>/g)].map(([tag]) => tag);
    assert.ok(
      tags.length >= 3 && tags.every((tag) => tag.includes(`nonce="${nonce.replace(/[+/=]/g, (c) => c)}"`)),
      tags.join("\n"),
    );
    assert.doesNotMatch(page, /https?:\/\//, "nothing comes from elsewhere");
  }
  assert.equal(nonces.size, 2);
});

test("of the package behind the page only what it needs is served", async (t) => {
  const url = await servePosts(t);
  const css = await fetch(`${url}/docs/swagger-ui.css`);
  assert.deepEqual([css.status, css.headers.get("content-type")], [200, "text/css; charset=utf-8"]);
  assert.equal((await fetch(`${url}/docs/swagger-ui-bundle.js`)).status, 200);
  for (const path of [
    "package.json",
    "index.html",
    "swagger-ui-bundle.js.map",
    "..%2fpackage.json",
    "../package.json",
  ]) {
    assert.equal((await fetch(`${url}/docs/${path}`)).status, 404, path);
  }
  assert.equal((await fetch(`${url}/docs`, { method: "POST" })).status, 404);
});

test("core openapi prints the library's document, sound, the same each time, and to a file", async (t) => {
  const library = { folder: join(root, "test/projects/library") };
  const { stdout, stderr, code } = await core(library, ["openapi"]);
  assert.equal(code, 0, stderr);
  const document = JSON.parse(stdout) as OpenAPIDocument;
  assert.deepEqual(findProblems(document), []);
  assert.ok(Object.keys(document.paths).length > 20);
  const file = makeProject(t, {}).path("openapi.json");
  assert.equal((await core(library, ["openapi", "--file", file])).stdout, `Wrote ${file}.\n`);
  assert.equal(readFileSync(file, "utf8"), stdout);
});
