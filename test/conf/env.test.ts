import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { unloadEnvFiles } from "../../core/conf/dotenv.ts";
import { collectEnvProblems, env, takeEnvProblems } from "../../core/conf/env.ts";
import { setProjectRoot } from "../../core/conf/project.ts";

const real = { ...process.env };
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "core-env-"));
  setProjectRoot(root);
});
afterEach(() => {
  unloadEnvFiles();
  process.env = { ...real };
  setProjectRoot(undefined);
  collectEnvProblems(true);
  rmSync(root, { recursive: true });
});

function file(name: string, text: string): void {
  writeFileSync(join(root, name), text);
}

/** The database that a URL means, or the sentence that refuses it. */
function database(url: string): object | string {
  process.env.DATABASE_URL = url;
  const config = env.database("DATABASE_URL");
  const [problem] = takeEnvProblems();
  return problem ? problem.message : config;
}

test(".env files give what the environment lacks, the more specific file first", () => {
  process.env.NODE_ENV = "staging";
  process.env.T_REAL = "real";
  file(".env", "T_REAL=file\nT_BASE=base\nT_MODE=base\nT_LOCAL=base");
  file(".env.staging", "T_MODE=mode\nT_LOCAL=mode");
  file(".env.local", "T_LOCAL=local");
  assert.equal(env.string("T_REAL"), "real");
  assert.equal(env.string("T_BASE"), "base");
  assert.equal(env.string("T_MODE"), "mode");
  assert.equal(env.string("T_LOCAL"), "local");
  unloadEnvFiles();
  assert.equal(process.env.T_BASE, undefined);
});

test("values are typed", () => {
  file(".env", "T_ON=Yes\nT_OFF=0\nT_NUM=1.5\nT_INT=42\nT_LIST=' a, b ,,c'\nT_WORD=red");
  assert.equal(env.boolean("T_ON"), true);
  assert.equal(env.boolean("T_OFF"), false);
  assert.equal(env.number("T_NUM"), 1.5);
  assert.equal(env.integer("T_INT"), 42);
  assert.deepEqual(env.list("T_LIST"), ["a", "b", "c"]);
  assert.equal(env.choice("T_WORD", ["red", "blue"]), "red");
});

test("a default stands in for what is not set or empty", () => {
  process.env.T_EMPTY = "";
  assert.equal(env.string("T_EMPTY", "x"), "x");
  assert.equal(env.boolean("T_NONE", true), true);
  assert.deepEqual(takeEnvProblems(), []);
});

test("problems wait while settings are read and throw afterwards", () => {
  process.env.T_BAD = "perhaps";
  assert.equal(env.boolean("T_BAD"), false);
  assert.match(takeEnvProblems()[0].message, /T_BAD must be true or false, not "perhaps"/);
  collectEnvProblems(false);
  assert.throws(() => env.string("T_UNSET"), { message: /T_UNSET is not set/, code: "invalid_settings" });
});

test("a SQLite URL is relative to the project, absolute, or memory", () => {
  const sqlite = { engine: "sqlite", host: "", port: null, user: "", password: "", options: {} };
  assert.deepEqual(database("sqlite:///db.sqlite3"), { ...sqlite, name: join(root, "db.sqlite3") });
  assert.deepEqual(database("sqlite:////var/db.sqlite3"), { ...sqlite, name: "/var/db.sqlite3" });
  assert.deepEqual(database("sqlite://:memory:"), { ...sqlite, name: ":memory:" });
  assert.match(database("sqlite://db.sqlite3") as string, /three slashes.*sqlite:\/\/\/db\.sqlite3/);
});

test("a PostgreSQL URL gives host, port, user, password, name and options", () => {
  assert.deepEqual(database("postgres://ana:p%40ss%23@db.example.com:6432/shop?sslmode=require"), {
    engine: "postgresql",
    name: "shop",
    host: "db.example.com",
    port: 6432,
    user: "ana",
    password: "p@ss#",
    options: { sslmode: "require" },
  });
  const socket = database("postgresql:///shop?host=/run/postgresql") as { host: string; port: null };
  assert.deepEqual([socket.host, socket.port], ["/run/postgresql", null]);
  assert.equal((database("postgresql://[::1]:5432/shop") as { host: string }).host, "::1");
});

test("a database URL that cannot be used is refused in one sentence, without its password", () => {
  const sentences = {
    "mysql://u:hunter2@h/db": /unknown scheme "mysql"; a database is written as sqlite:/,
    "db.sqlite3": /is not a URL/,
    "postgresql://u:hunter2@h:port/db": /cannot be read as a URL/,
    "postgresql://u:hunter2@h": /names no database/,
    "postgresql://u:hunter2%@h/db": /%25/,
  };
  for (const [url, sentence] of Object.entries(sentences)) {
    const message = database(url);
    assert.match(String(message), sentence);
    assert.doesNotMatch(String(message), /hunter2/);
  }
});

test("a wrong default is reported like a wrong variable", () => {
  env.database("T_NO_URL", "oracle://x");
  assert.match(takeEnvProblems()[0].message, /unknown scheme "oracle"/);
});

test("caches are written as URLs too", () => {
  assert.deepEqual(env.cache("T_NO_CACHE", "memory://"), { backend: "memory", location: "", options: {} });
  process.env.T_CACHE = "redis://cache:6379/1";
  assert.equal(env.cache("T_CACHE").location, "redis://cache:6379/1");
});
