import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { CoreApp, connections, setup } from "core-framework";
import { callCommand } from "core-framework/management";

/** Serves the library until SIGTERM or SIGINT: on a new SQLite file, or in the PostgreSQL database of `--database`, emptied. */
export async function main(args: string[]): Promise<void> {
  const options = { port: { type: "string", default: "4300" }, database: { type: "string" } } as const;
  const { values } = parseArgs({ args, options });
  const folder = values.database ? null : mkdtempSync(join(tmpdir(), "core-library-"));
  process.env.DATABASE_URL = values.database ?? `sqlite:///${folder}/db.sqlite3`;
  await setup({ root: import.meta.dirname });
  const { loadFixture } = await import("./reset.ts");
  await emptyDatabase();
  await callCommand("migrate", [], { verbosity: 0 });
  await loadFixture();
  const app = await CoreApp.create();
  const { port } = await app.listen({ port: Number(values.port) });
  console.log(`http://127.0.0.1:${port}/`);
  for (const signal of ["SIGTERM", "SIGINT"]) process.once(signal, stop);

  async function stop() {
    await app.close();
    if (folder) rmSync(folder, { recursive: true, force: true });
  }
}

async function emptyDatabase(): Promise<void> {
  const connection = connections.get();
  if (connection.vendor !== "postgresql") return;
  await connection.execute("DROP SCHEMA public CASCADE");
  await connection.execute("CREATE SCHEMA public");
}
