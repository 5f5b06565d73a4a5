// The database's own command-line client. (django.db.backends.*.client)
import type { DatabaseConfig } from "../../conf/service_urls.ts";

/** How a client is started. */
export interface ClientCommand {
  program: string;
  args: string[];
  /** Variables beside the present ones: where a password goes, since other users can read arguments. */
  env: Readonly<Record<string, string>>;
  /** The Debian package that has the program. */
  install: string;
}

/** The client for a database, signed in as the settings say. */
export function clientCommand(config: DatabaseConfig, parameters: readonly string[]): ClientCommand {
  return config.engine === "sqlite" ? sqlite3(config, parameters) : psql(config, parameters);
}

function sqlite3({ name }: DatabaseConfig, parameters: readonly string[]): ClientCommand {
  return { program: "sqlite3", args: [name, ...parameters], env: {}, install: "sqlite3" };
}

/** Options that libpq reads from the environment. */
const variables = {
  sslmode: "PGSSLMODE",
  sslrootcert: "PGSSLROOTCERT",
  sslcert: "PGSSLCERT",
  sslkey: "PGSSLKEY",
  service: "PGSERVICE",
  passfile: "PGPASSFILE",
};

function psql({ name, host, port, user, password, options }: DatabaseConfig, parameters: readonly string[]) {
  const args = [
    ...(user ? ["-U", user] : []),
    ...(host ? ["-h", host] : []),
    ...(port === null ? [] : ["-p", String(port)]),
    name,
    ...parameters,
  ];
  const given = Object.entries(variables).filter(([option]) => options[option] !== undefined);
  const env = Object.fromEntries(given.map(([option, variable]) => [variable, toLibpq(String(options[option]))]));
  return {
    program: "psql",
    args,
    env: { ...env, ...(password ? { PGPASSWORD: password } : {}) },
    install: "postgresql-client",
  };
}

/** `no-verify` is a word of node-postgres. */
function toLibpq(option: string): string {
  return option === "no-verify" ? "require" : option;
}
