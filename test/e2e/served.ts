import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/** A server in a process of its own. */
export interface Served {
  url: string;
  child: ChildProcess;
  /** Everything that it has printed. */
  output(): string;
  /** Sends SIGTERM; gives the exit code. */
  stop(): Promise<number | null>;
}

/**
 * Starts a server and waits until it says where it serves.
 *
 * @param args of `node`, which is the running one unless another is named
 * @throws Error with what it printed, where it ends before that
 */
export async function serve(
  args: string[],
  { cwd, env, node = process.execPath }: { cwd: string; env?: Record<string, string | undefined>; node?: string },
): Promise<Served> {
  const child = spawn(node, args, {
    cwd,
    env: { ...process.env, NODE_TEST_CONTEXT: undefined, NODE_OPTIONS: undefined, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (printed += chunk));
  const exited = once(child, "exit") as Promise<[number | null]>;
  const url = await Promise.race([addressIn(() => printed), exited.then(() => null)]);
  if (url === null) throw new Error(`The server ended before it served:\n${printed}`);
  const stop = async () => {
    child.kill("SIGTERM");
    return (await exited)[0];
  };
  return { url, child, output: () => printed, stop };
}

async function addressIn(output: () => string): Promise<string> {
  for (;;) {
    const found = /Serving at (\S+?)\/?\s/.exec(output());
    if (found) return found[1] as string;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
