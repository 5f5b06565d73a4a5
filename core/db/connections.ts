import type { DatabaseConfig } from "../conf/service_urls.ts";
import { ImproperlyConfigured } from "../exceptions.ts";
import { didYouMean } from "../utils/text.ts";
import type { Connection } from "./backends/base.ts";
import { PostgresqlConnection } from "./backends/postgresql.ts";
import { SqliteConnection } from "./backends/sqlite.ts";

export type {
  Connection,
  ExecuteOptions,
  OrderingNulls,
  QueryEvent,
  QueryListener,
  QueryResult,
} from "./backends/base.ts";

/** The databases of the project by alias, Django's `django.db.connections`; each is opened by its first query. */
class Connections {
  #configs: Readonly<Record<string, DatabaseConfig>> = {};
  readonly #open = new Map<string, Connection>();

  /** Takes over `DATABASES`. Connections whose entry is new or different are closed by the next `closeAll()`. */
  configure(databases: Readonly<Record<string, DatabaseConfig>>): void {
    this.#configs = databases;
    for (const [alias, connection] of this.#open) {
      if (connection.config === databases[alias]) continue;
      this.#open.delete(alias);
      void connection.close().catch(() => undefined);
    }
  }

  /** The names of all databases. */
  get aliases(): string[] {
    return Object.keys(this.#configs);
  }

  /** The engines of all databases. */
  get engines(): string[] {
    return this.aliases.map((alias) => this.#configs[alias].engine);
  }

  /** The database of that alias. Throws ImproperlyConfigured where `DATABASES` has none. */
  get(alias = "default"): Connection {
    const known = this.#open.get(alias);
    if (known) return known;
    const connection = createConnection(alias, this.#configOf(alias));
    this.#open.set(alias, connection);
    return connection;
  }

  /** Closes every connection; the next query opens its own again. */
  async closeAll(): Promise<void> {
    const open = [...this.#open.values()];
    this.#open.clear();
    await Promise.all(open.map((connection) => connection.close()));
  }

  #configOf(alias: string): DatabaseConfig {
    const config = Object.hasOwn(this.#configs, alias) ? this.#configs[alias] : undefined;
    if (config) return config;
    throw new ImproperlyConfigured(`The database "${alias}" is not in DATABASES.`, {
      hint: didYouMean(alias, this.aliases) ?? `It has ${this.aliases.join(", ") || "no entry"}.`,
    });
  }
}

function createConnection(alias: string, config: DatabaseConfig): Connection {
  if (config.engine === "sqlite") return new SqliteConnection(alias, config);
  if (config.engine === "postgresql") return new PostgresqlConnection(alias, config);
  throw new ImproperlyConfigured(`DATABASES["${alias}"] has the unknown engine ${JSON.stringify(config.engine)}.`, {
    hint: 'Use "sqlite" or "postgresql".',
  });
}

/**
 * The databases of the project.
 *
 * @example
 * const { rows } = await connections.get("replica").execute("SELECT 1");
 */
export const connections = new Connections();
