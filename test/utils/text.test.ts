import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  camelCase,
  camelCaseToSpaces,
  closestMatch,
  didYouMean,
  plural,
  singular,
  snakeCase,
} from "../../core/utils/text.ts";

test("names go between TypeScript's case and the database's", () => {
  assert.equal(snakeCase("createdAt"), "created_at");
  assert.equal(snakeCase("HTMLPage"), "html_page");
  assert.equal(snakeCase("author__bornOn"), "author__born_on");
  assert.equal(camelCase("author__born_on"), "author__bornOn");
  assert.equal(camelCase("address_2"), "address_2");
});

test("a database name survives the way to TypeScript and back", () => {
  // Two neighbours of one letter (x_y_z) look like an acronym afterwards.
  const word = fc.stringMatching(/^[a-z][a-z0-9]{1,5}$/);
  const name = fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join("_"));
  fc.assert(fc.property(name, (column) => assert.equal(snakeCase(camelCase(column)), column)));
});

test("a model's name reads as words", () => {
  assert.equal(camelCaseToSpaces("BlogPost"), "blog post");
});

test("nouns find their plural and their singular", () => {
  for (const [one, many] of Object.entries({ note: "notes", category: "categories", box: "boxes", person: "people" })) {
    assert.equal(plural(one), many);
    assert.equal(singular(many), one);
  }
  for (const word of ["news", "address", "status"]) assert.equal(singular(word), word);
});

test("a near miss finds what was meant, and nonsense finds nothing", () => {
  assert.equal(closestMatch("migrat", ["makemigrations", "migrate"]), "migrate");
  assert.equal(closestMatch("INSTALED_APPS", ["INSTALLED_APPS", "DATABASES"]), "INSTALLED_APPS");
  assert.equal(didYouMean("mgirate", ["migrate"]), "Did you mean migrate?");
  assert.equal(didYouMean("banana", ["migrate"]), undefined);
});
