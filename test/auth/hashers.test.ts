import assert from "node:assert/strict";
import { test } from "node:test";
import { checkPassword, isPasswordUsable, makePassword } from "core-framework/auth";

// Made by Django 3.2: make_password("lètmein", "seasalt").
const DJANGO_3_2 = "pbkdf2_sha256$260000$seasalt$YlZ2Vggtqdc61YjArZuoApoBh9JNGYoDRBUGu6tcJQo=";

test("a password that Django stored is recognized, and a wrong one is not", async () => {
  assert.equal(await checkPassword("lètmein", DJANGO_3_2), true);
  assert.equal(await checkPassword("letmein", DJANGO_3_2), false);
});

test("what is made from the same salt and count is what Django makes", async () => {
  assert.equal(await makePassword("lètmein", { salt: "seasalt", iterations: 260_000 }), DJANGO_3_2);
});

test("a new password has Django 5.2's count and a salt of its own", async () => {
  const [first, second] = await Promise.all([makePassword("secret"), makePassword("secret")]);
  assert.match(first, /^pbkdf2_sha256\$1000000\$[A-Za-z0-9]{22}\$[A-Za-z0-9+/]{43}=$/);
  assert.notEqual(first, second);
  assert.equal(await checkPassword("secret", first), true);
});

test("an account without a password lets nobody in", async () => {
  const unusable = await makePassword(null);
  assert.match(unusable, /^![A-Za-z0-9]{40}$/);
  assert.equal(isPasswordUsable(unusable), false);
  assert.equal(isPasswordUsable(null), false);
  assert.equal(isPasswordUsable(DJANGO_3_2), true);
  assert.equal(await checkPassword(unusable, unusable), false);
});

test("what cannot be read as a password is refused, not an error", async () => {
  for (const stored of ["", "plain", "md5$salt$abc", "pbkdf2_sha256$0$salt$abc", "pbkdf2_sha256$9999999999$a$b"]) {
    assert.equal(await checkPassword("plain", stored), false, stored);
  }
});

test("a right password that was stored with an older count is handed back for storing anew", async () => {
  const stored: string[] = [];
  const setter = async (password: string) => void stored.push(password);
  await checkPassword("wrong", DJANGO_3_2, setter);
  await checkPassword("lètmein", DJANGO_3_2, setter);
  assert.deepEqual(stored, ["lètmein"]);
});

test("a salt that could not be read back is refused", async () => {
  await assert.rejects(makePassword("secret", { salt: "a$b" }), RangeError);
});
