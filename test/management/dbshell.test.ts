import assert from "node:assert/strict";
import { chmodSync } from "node:fs";
import { test } from "node:test";
import { createPostgresDatabase } from "../support/databases.ts";
import { makeProject, type Project } from "../support/projects.ts";
import { requirePostgres } from "../support/services.ts";
import { core } from "./cli.ts";

const settings = (databases: object) =>
  `export default ${JSON.stringify({ SECRET_KEY: "x", DATABASES: databases })};\n`;

/** A client that says how it was called, put before everything else on the path. */
function withClient(files: Project, program: string, script: string): { PATH: string } {
  files.write({ [`bin/${program}`]: `#!/bin/sh\n${script}\n` });
  chmodSync(files.path(`bin/${program}`), 0o755);
  return { PATH: `${files.path("bin")}:${process.env.PATH}` };
}

const postgresql = {
  engine: "postgresql",
  name: "shop",
  host: "db.example.org",
  port: 5433,
  user: "ana",
  password: "s3cret",
  options: { sslmode: "verify-full", sslrootcert: "/ca.pem" },
};

test("psql is given the settings, and the password where nobody sees it", async (t) => {
  const files = makeProject(t, { "settings.ts": settings({ default: postgresql }) });
  const env = withClient(files, "psql", 'echo "$@"; echo "$PGPASSWORD $PGSSLMODE $PGSSLROOTCERT"');
  const { stdout, stderr, code } = await core(files, ["dbshell", "--", "-c", "SELECT 1"], env);
  assert.equal(stdout, "-U ana -h db.example.org -p 5433 shop -c SELECT 1\ns3cret verify-full /ca.pem\n", stderr);
  assert.equal(code, 0);
});

test("the exit code is the client's", async (t) => {
  const databases = { default: { engine: "sqlite", name: "a.sqlite3" }, other: postgresql };
  const files = makeProject(t, { "settings.ts": settings(databases) });
  const env = withClient(files, "psql", "exit 7");
  const { stderr, code } = await core(files, ["dbshell", "--database", "other"], env);
  assert.equal(code, 7);
  assert.equal(stderr, 'Error: "psql -U ana -h db.example.org -p 5433 shop" returned non-zero exit status 7.\n');
});

test("a client that is not installed is one sentence with a hint", async (t) => {
  const files = makeProject(t, { "settings.ts": settings({ default: { engine: "sqlite", name: "a.sqlite3" } }) });
  const { stderr, code } = await core(files, ["dbshell"], { PATH: files.path("bin") });
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^Error: You appear not to have the 'sqlite3' program installed or on your path\.\nHint: .*sqlite3/,
  );
});

test("psql opens the database of the settings", { skip: (await requirePostgres()).skip }, async (t) => {
  const database = await createPostgresDatabase();
  t.after(() => database.drop());
  const files = makeProject(t, {
    "settings.ts":
      'import { defineSettings, env } from "core-framework";\n' +
      'export default defineSettings({ SECRET_KEY: "x", DATABASES: { default: env.database("DATABASE_URL") } });',
  });
  const query = ["-X", "-A", "-t", "-c", "SELECT current_database()"];
  const { stdout, stderr } = await core(files, ["dbshell", "--", ...query], { DATABASE_URL: database.url });
  if (/not to have the 'psql'/.test(stderr)) return t.skip("psql is not installed");
  assert.equal(stdout.trim(), new URL(database.url).pathname.slice(1), stderr);
});
