import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { skippingAllowed } from "./services.ts";

const run = promisify(execFile);
const cache = fileURLToPath(new URL("../../node_modules/.cache/node-versions", import.meta.url));

/** A Node.js of some version, or the reason why its tests are skipped. */
export interface NodeVersion {
  version: string;
  path: string;
  skip: string | false;
}

/** The versions of Node.js that the package supports, each as a real binary; others with TEST_NODE_VERSIONS=20.19.0,26. */
export function supportedNodes(): Promise<NodeVersion[]> {
  return Promise.all((process.env.TEST_NODE_VERSIONS ?? "20,22,24").split(",").map(requireNode));
}

/**
 * The running binary if it is of that version, else one from npm's `node-<platform>-<arch>`, installed once.
 *
 * @param version "22" or "22.13.1"
 */
export async function requireNode(version: string): Promise<NodeVersion> {
  if (`${process.versions.node}.`.startsWith(`${version}.`)) return { version, path: process.execPath, skip: false };
  const name = `node-${process.platform}-${process.arch}`;
  const path = join(cache, version, "node_modules", name, "bin", "node");
  try {
    if (!existsSync(path)) await install(`${name}@${version}`, join(cache, version));
    return { version, path, skip: false };
  } catch (error) {
    if (!skippingAllowed) throw error;
    return { version, path, skip: `Node.js ${version} could not be installed` };
  }
}

/** Installs aside and renames, since several test files may want the same version at once. */
async function install(specifier: string, target: string): Promise<void> {
  const unfinished = `${target}-${process.pid}`;
  await mkdir(unfinished, { recursive: true });
  try {
    await run("npm", ["install", "--no-save", "--no-audit", "--prefix", unfinished, specifier], { timeout: 300_000 });
    await rename(unfinished, target);
  } catch (error) {
    if (!existsSync(target)) throw error;
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}
