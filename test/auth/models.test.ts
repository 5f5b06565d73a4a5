import assert from "node:assert/strict";
import { test } from "node:test";
import { Group, Permission, User } from "core-framework/auth";
import { ContentType } from "core-framework/contenttypes";

const columns = (model: { _meta: { fields: readonly { column: string }[] } }) =>
  model._meta.fields.map(({ column }) => column);

test("tables and columns are Django's", () => {
  assert.deepEqual(
    [User, Group, Permission, ContentType].map(({ _meta }) => _meta.dbTable),
    ["auth_user", "auth_group", "auth_permission", "django_content_type"],
  );
  assert.deepEqual(columns(User), [
    "id",
    "password",
    "last_login",
    "is_superuser",
    "username",
    "first_name",
    "last_name",
    "email",
    "is_staff",
    "is_active",
    "date_joined",
  ]);
  assert.deepEqual(columns(Permission), ["id", "name", "content_type_id", "codename"]);
  assert.deepEqual(columns(ContentType), ["id", "app_label", "model"]);
});

test("a new user may sign in, and is nobody special", () => {
  const user = new User({ username: "ana" });
  assert.equal(user.isAuthenticated, true);
  assert.equal(user.isAnonymous, false);
  assert.equal(user.isActive, true);
  assert.equal(user.isStaff, false);
  assert.equal(user.isSuperuser, false);
  assert.equal(String(user), "ana");
  assert.ok(user.dateJoined instanceof Date);
});

test("a user's password is hashed, and checked against the hash", async () => {
  const user = new User({ username: "ana", firstName: "Ana", lastName: "Lima" });
  await user.setPassword("correct horse");
  assert.match(user.password, /^pbkdf2_sha256\$/);
  assert.equal(await user.checkPassword("correct horse"), true);
  assert.equal(await user.checkPassword("wrong"), false);
  await user.setPassword(null);
  assert.equal(user.hasUsablePassword(), false);
  assert.equal(user.getFullName(), "Ana Lima");
  assert.equal(user.getShortName(), "Ana");
});
