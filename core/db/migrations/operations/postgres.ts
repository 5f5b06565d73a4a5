// django.contrib.postgres.operations: what a PostgreSQL database must be given before its types and functions are there.
import type { SchemaEditor } from "../../schema/base.ts";
import { stringSource } from "../serializer.ts";
import type { Source } from "../source.ts";
import type { ProjectState } from "../state.ts";
import { Operation, type WriterContext } from "./base.ts";

/**
 * Makes an extension known to a PostgreSQL database; on SQLite it does nothing.
 *
 * @example new CreateExtension("postgis")
 */
export class CreateExtension extends Operation {
  readonly symbol = "+";
  readonly name: string;

  constructor(name: string) {
    super();
    this.name = name;
  }

  override stateForwards(_appLabel: string, state: ProjectState): ProjectState {
    return state;
  }

  override async databaseForwards(_appLabel: string, editor: SchemaEditor): Promise<void> {
    if (editor.vendor !== "postgresql") return;
    await editor.execute(`CREATE EXTENSION IF NOT EXISTS ${editor.quoteName(this.name)}`);
  }

  override async databaseBackwards(_appLabel: string, editor: SchemaEditor): Promise<void> {
    if (editor.vendor !== "postgresql") return;
    await editor.execute(`DROP EXTENSION IF EXISTS ${editor.quoteName(this.name)}`);
  }

  override describe(): string {
    return `Creates extension ${this.name}`;
  }

  override toSource({ imports }: WriterContext): Source {
    imports.add("CreateExtension");
    return { call: "new CreateExtension", args: [stringSource(this.name)] };
  }
}

/** What HStoreField needs. */
export class HStoreExtension extends CreateExtension {
  constructor() {
    super("hstore");
  }
}

/** Indexes of the kind GIN over plain columns. */
export class BtreeGinExtension extends CreateExtension {
  constructor() {
    super("btree_gin");
  }
}

/** Indexes of the kind GiST over plain columns, as exclusion constraints need them. */
export class BtreeGistExtension extends CreateExtension {
  constructor() {
    super("btree_gist");
  }
}

/** Text that is compared without regard to case. */
export class CITextExtension extends CreateExtension {
  constructor() {
    super("citext");
  }
}

/** Hashes and random values. */
export class CryptoExtension extends CreateExtension {
  constructor() {
    super("pgcrypto");
  }
}

/** Likeness of texts. */
export class TrigramExtension extends CreateExtension {
  constructor() {
    super("pg_trgm");
  }
}

/** Texts without their accents. */
export class UnaccentExtension extends CreateExtension {
  constructor() {
    super("unaccent");
  }
}
