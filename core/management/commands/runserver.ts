import type { Command } from "commander";
import { BaseCommand, CommandError, type CommonOptions } from "../base.ts";
import { runWithReloader, watchEnvFiles } from "../reloader.ts";

interface Options extends CommonOptions {
  reload?: boolean;
  noreload?: boolean;
}

/** Where to listen. */
export interface Address {
  host: string;
  port: number;
}

export default class extends BaseCommand<Options> {
  override help = "Serves the project, on 127.0.0.1:8000 unless told otherwise.";
  /** The reloader's own process needs no project; the server's sets it up. */
  override requiresSetup = false;

  override addArguments(command: Command): void {
    command
      .argument("[address]", "port, or host:port: 8080, 0.0.0.0:8080, [::1]:8080")
      .option("--reload", "start again when a file changes (the default at a terminal, unless NODE_ENV is production)")
      .option("--noreload", "do not");
  }

  override async handle(options: Options, address?: string): Promise<void> {
    const { host, port } = parseAddress(address);
    if (wantsReload(options)) {
      const returnCode = await runWithReloader();
      if (returnCode !== 0) throw new CommandError("The server ended with an error.", { returnCode });
      return;
    }
    await this.#setUp(options);
    await this.#serve({ host, port }, options);
  }

  async #setUp({ settings, skipChecks }: Options): Promise<void> {
    const { setup } = await import("../../setup.ts");
    watchEnvFiles(this.root);
    await setup({ root: this.root, settings });
    if (skipChecks) return;
    const { checkProject } = await import("../system_checks.ts");
    await checkProject(this);
  }

  async #serve(address: Address, { verbosity }: Options): Promise<void> {
    const { CoreApp } = await import("../../app.ts");
    const app = await CoreApp.create();
    const stopped = stopSignal();
    try {
      const server = await app.listen(address);
      // Only now: connecting takes as long as everything before it, and requests may wait for it as well.
      await this.#warnOfMigrations();
      if (verbosity > 0) await this.#announce({ ...address, port: server.port });
      await stopped;
    } finally {
      await app.close();
    }
  }

  async #warnOfMigrations(): Promise<void> {
    const { unappliedMigrations } = await import("../unapplied_migrations.ts");
    const warning = await unappliedMigrations();
    if (warning) this.stderr.warning(warning);
  }

  async #announce({ host, port }: Address): Promise<void> {
    const { settings } = await import("../../conf/settings.ts");
    const url = `http://${host.includes(":") ? `[${host}]` : host}:${port}/`;
    this.stdout.success(`Serving at ${url}`);
    if (settings.DEBUG) this.stdout.write(`Documentation at ${url}docs`);
    this.stdout.write("Quit with Control-C.");
  }
}

/** At a terminal someone is developing; anywhere else, whoever started the server decides when it starts again. */
function wantsReload({ reload, noreload }: Options): boolean {
  if (noreload) return false;
  return reload ?? (process.stdin.isTTY === true && process.env.NODE_ENV !== "production");
}

const ADDRESS = /^(?:(\[[0-9a-f:.]+\]|\d+(?:\.\d+){3}|localhost|[a-z0-9.-]+(?=:))(?::|$))?(\d*)$/i;

/** Reads `8080`, `0.0.0.0`, `0.0.0.0:8080`, `my-host:8080` or `[::1]:8080`. */
export function parseAddress(text = ""): Address {
  const [, host, port] = ADDRESS.exec(text) ?? [];
  const number = port ? Number(port) : 8000;
  if (port !== undefined && number <= 65_535 && !text.endsWith(":")) {
    return { host: host?.replace(/^\[|\]$/g, "") ?? "127.0.0.1", port: number };
  }
  throw new CommandError(`"${text}" is not a port or host:port.`, {
    hint: "For example: core run 8080, core run 0.0.0.0:8080",
  });
}

/** Resolves at the first SIGTERM or SIGINT; the second ends the process at once. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      for (const signal of ["SIGTERM", "SIGINT"] as const) process.off(signal, stop);
      resolve();
    };
    process.on("SIGTERM", stop).on("SIGINT", stop);
  });
}
