import { connect } from "node:net";
import { describe, test } from "node:test";

/** A service that tests may use. Give `skip` to `test()` or `describe()`: it holds the reason, or false. */
export interface Service {
  url: string;
  skip: string | false;
}

/** The administrative URL under which tests create and drop databases of their own. */
export const POSTGRES_URL = process.env.TEST_POSTGRES_URL ?? "postgresql://root@127.0.0.1:5432/test";

/** With CI=true a missing service is a failure, so nothing is skipped and the test fails at its first query. */
export const skippingAllowed = process.env.CI !== "true";

/**
 * Looks for a service by opening a TCP connection to it, once per process and URL.
 *
 * @param name what to call it in the reason for skipping
 * @param url where it should listen; host and port are read from it
 * @param defaultPort the port when the URL has none
 * @example
 * const redis = await requireService("Redis", "redis://127.0.0.1:6379", 6379);
 * test("a key expires", { skip: redis.skip }, async () => { … });
 */
export async function requireService(name: string, url: string, defaultPort: number): Promise<Service> {
  const { hostname, port, host } = new URL(url);
  const key = `${hostname}:${port || defaultPort}`;
  const probe = probes.get(key) ?? canConnect(hostname, Number(port) || defaultPort);
  probes.set(key, probe);
  const skip = skippingAllowed && !(await probe) ? `${name} is not reachable at ${host || key}` : false;
  return { url, skip };
}

/** PostgreSQL, or the reason why its tests are skipped. */
export function requirePostgres(): Promise<Service> {
  return requireService("PostgreSQL", POSTGRES_URL, 5432);
}

/**
 * A `describe` block that needs something. Without it the block is one skipped test, with the reason: Node counts skipped
 * tests, and forgets those of a skipped block.
 *
 * @param name the block's title
 * @param skip the reason, or false
 * @param define defines the block's tests
 */
export function describeUnless(name: string, skip: string | false, define: () => void): void {
  if (skip) test(name, { skip });
  else describe(name, define);
}

const probes = new Map<string, Promise<boolean>>();

function canConnect(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1000 });
    const finish = (reachable: boolean) => {
      socket.destroy();
      resolve(reachable);
    };
    socket.once("connect", () => finish(true));
    socket.once("error", () => finish(false));
    socket.once("timeout", () => finish(false));
  });
}
