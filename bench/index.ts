// npm run bench -- [--only NAME] [--json FILE]
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { databaseNames, openBench } from "./db/database.ts";
import { databaseCases } from "./db/index.ts";
import { page, type Result, type Versions } from "./support/report.ts";

const { values: options } = parseArgs({
  options: { only: { type: "string", multiple: true }, database: { type: "string" }, json: { type: "string" } },
});

const known = databaseCases.map(({ name }) => name);
for (const name of options.only ?? []) {
  if (!known.includes(name)) throw new Error(`There is no case "${name}"; there are ${known.join(", ")}.`);
}

const results = await run();
if (options.json) writeFileSync(options.json, `${JSON.stringify({ versions: versions(), results }, null, 2)}\n`);
// A page of some cases would forget the others.
if (!options.only && !options.database) {
  writeFileSync(new URL("../docs/benchmarks.md", import.meta.url), page(results, versions()));
}

async function run(): Promise<Result[]> {
  const results: Result[] = [];
  for (const name of databaseNames) {
    if (options.database && options.database !== name) continue;
    const bench = await openBench(name);
    try {
      for (const { title, ...found } of databaseCases) {
        if (options.only && !options.only.includes(found.name)) continue;
        const result = { name: found.name, title, database: name, outcome: await found.run(bench) };
        results.push(result);
        console.log(page([result], versions()).split("\n\n").slice(3).join("\n"));
      }
    } finally {
      await bench.close();
    }
  }
  return results;
}

function versions(): Versions {
  const of = (name: string) =>
    JSON.parse(readFileSync(new URL(`../node_modules/${name}/package.json`, import.meta.url), "utf8")).version;
  return { Node: process.versions.node, TypeORM: of("typeorm"), pg: of("pg"), "better-sqlite3": of("better-sqlite3") };
}
