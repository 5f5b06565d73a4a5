import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ImproperlyConfigured } from "../../core/exceptions.ts";
import { fillPath, RouteTable } from "../../core/urls/resolvers.ts";

function table(...paths: string[]): RouteTable<string> {
  const routes = new RouteTable<string>();
  for (const path of paths) routes.add(path, path, { suffixes: true });
  return routes;
}

test("a fixed segment goes before a dynamic one, whatever the order", () => {
  const routes = table("/books/{pk}", "/books/recent", "/books");
  assert.equal(routes.match("/books/recent/")?.target, "/books/recent");
  assert.deepEqual(routes.match("/books/7")?.params, { pk: "7" });
  assert.equal(routes.match("/books/")?.slash, true);
  assert.equal(routes.match("/books")?.slash, false);
});

test("a dead end is left again: the dynamic branch is tried when the fixed one has no such child", () => {
  const routes = table("/a/b/c", "/a/{x}/d");
  assert.deepEqual(routes.match("/a/b/d")?.params, { x: "b" });
  assert.equal(routes.match("/a/b/e"), null);
});

test("a parameter's pattern must match the whole text", () => {
  const routes = table("/catalog/{isbn:[0-9]{13}}");
  assert.equal(routes.match("/catalog/9780000000021/")?.params.isbn, "9780000000021");
  assert.equal(routes.match("/catalog/978000000002/"), null);
  assert.equal(routes.match("/catalog/9780000000021x/"), null);
});

test("a key ends before a dot, and what follows is a format", () => {
  const routes = table("/books", "/books/{pk}");
  assert.deepEqual([routes.match("/books.json")?.target, routes.match("/books.json")?.format], ["/books", "json"]);
  assert.deepEqual([routes.match("/books/3.csv/")?.params.pk, routes.match("/books/3.csv/")?.format], ["3", "csv"]);
  assert.equal(routes.match("/books/3.")?.target, undefined);
});

test("two routes for one path are refused", () => {
  assert.throws(() => table("/books/{pk}", "/books/{id}/"), ImproperlyConfigured);
});

test("a broken percent code is no match but an error of its own", () => {
  assert.throws(() => table("/books/{pk}").match("/books/%zz"), URIError);
});

test("what fillPath makes of any key, match reads back", () => {
  const routes = table("/books/{pk}/notes/{slug:[^/]+}");
  const key = fc.string({ minLength: 1, unit: "grapheme" }).filter((text) => !/[/.]/.test(text));
  fc.assert(
    fc.property(key, key, (pk, slug) => {
      const path = fillPath("/books/{pk}/notes/{slug:[^/]+}/", { pk, slug });
      assert.deepEqual({ ...routes.match(path)?.params }, { pk, slug });
    }),
  );
});
