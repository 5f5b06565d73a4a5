import { inspect } from "node:util";
import type { QueryEvent } from "../../db/connections.ts";
import { connections } from "../../db/connections.ts";

/** Prints each statement of every database with its time, while it is on. */
export class SqlEcho {
  readonly #print: (line: string) => void;
  #stops: (() => void)[] = [];

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  get isOn(): boolean {
    return this.#stops.length > 0;
  }

  /** Turns it on or off. */
  set(on: boolean): void {
    for (const stop of this.#stops) stop();
    const listen = (query: QueryEvent) => this.#print(describe(query));
    this.#stops = on ? connections.aliases.map((alias) => connections.get(alias).onQuery(listen)) : [];
  }
}

function describe({ alias, sql, params, duration, error }: QueryEvent): string {
  const place = alias === "default" ? "" : `[${alias}] `;
  const values = params.length > 0 ? `  ${inspect(params, { breakLength: Number.POSITIVE_INFINITY })}` : "";
  return `${place}(${duration.toFixed(1)} ms${error === undefined ? "" : ", failed"}) ${sql}${values}`;
}
