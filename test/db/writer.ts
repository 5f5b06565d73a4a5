// Another process that writes to the same file: node writer.ts URL LABEL.
import { atomic, connections } from "core-framework/db";
import { parseDatabaseUrl } from "../../core/conf/service_urls.ts";
import { Category } from "./models.ts";

const [url, label] = process.argv.slice(2);
connections.configure({ default: parseDatabaseUrl(url, "/") });
let written = 0;
for (let index = 0; index < 100; index++) {
  await atomic(async () => {
    await Category.objects.filter({ name: "none" }).exists();
    await Category.objects.create({ name: `${label}${index}` });
  });
  written++;
}
console.log(written);
await connections.closeAll();
