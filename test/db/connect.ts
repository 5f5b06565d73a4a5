import { type Connection, connections } from "core-framework/db";
import { parseDatabaseUrl } from "../../core/conf/service_urls.ts";

/** Makes a database the default one and connects to it. */
export async function connectTo(
  makeUrl: () => Promise<string> | string,
  options: Record<string, unknown> = {},
): Promise<Connection> {
  const config = parseDatabaseUrl(await makeUrl(), "/");
  await connections.closeAll();
  connections.configure({ default: { ...config, options: { ...config.options, ...options } } });
  const connection = connections.get();
  await connection.connect();
  return connection;
}
