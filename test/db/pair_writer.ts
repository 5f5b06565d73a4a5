// Another process that writes pairs until it is killed, and tells those that were committed: node pair_writer.ts URL LABEL.
import { atomic, connections } from "core-framework/db";
import { parseDatabaseUrl } from "../../core/conf/service_urls.ts";
import { Category } from "./models.ts";

const [url, label] = process.argv.slice(2);
connections.configure({ default: parseDatabaseUrl(url, "/") });
for (let count = 0; ; count++) {
  const pair = ["a", "b"].map((end) => `${label}-${count}${end}`);
  await atomic(async () => {
    for (const name of pair) await Category.objects.create({ name });
  });
  process.stdout.write(`${pair.join("\n")}\n`);
}
