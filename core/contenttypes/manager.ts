import { type Connection, connections } from "../db/connections.ts";
import { Manager } from "../db/manager.ts";
import type { ModelClass } from "../db/models.ts";
import { writeConnectionOf } from "../db/sql/execution.ts";
import type { ContentType } from "./models.ts";

/** The content types of one database, by their keys and by their names. */
interface Known {
  byId: Map<unknown, ContentType>;
  byName: Map<string, ContentType>;
}

/** How a model's content type is looked for. */
export interface ForModelOptions {
  /** False for a proxy's own content type, in the place of the one of the model that it stands for. Default true. */
  forConcreteModel?: boolean;
  /** The database; default what routers say. */
  using?: string;
}

const known = new WeakMap<Connection, Known>();

function knownIn(connection: Connection): Known {
  let types = known.get(connection);
  if (!types) {
    types = { byId: new Map(), byName: new Map() };
    known.set(connection, types);
  }
  return types;
}

/** The names of a model's content type: `["library", "book"]`. */
export function namesOf(model: ModelClass, forConcreteModel = true): [appLabel: string, model: string] {
  const { appLabel, modelName } = forConcreteModel ? model._meta.concreteModel._meta : model._meta;
  return [appLabel, modelName];
}

/** The manager of content types: what it has found once it does not ask the database for again. */
export class ContentTypeManager extends Manager<ContentType> {
  #connection(using?: string): Connection {
    return using === undefined ? writeConnectionOf(this.getQueryset().queryState) : connections.get(using);
  }

  /** The content type of a model; it is made where there is none yet. */
  async getForModel(model: ModelClass, options: ForModelOptions = {}): Promise<ContentType> {
    const connection = this.#connection(options.using);
    const [appLabel, name] = namesOf(model, options.forConcreteModel);
    const found = knownIn(connection).byName.get(`${appLabel}.${name}`);
    if (found) return found;
    const rows = this.using(connection.alias);
    const [type, created] = await rows.getOrCreate({ appLabel, model: name });
    // What a transaction has made may never have been.
    if (!(created && connection.inTransaction)) remember(connection, type);
    return type;
  }

  /** The content type of a model where it is known already, without asking the database. */
  peekForModel(model: ModelClass, options: ForModelOptions = {}): ContentType | undefined {
    return knownIn(this.#connection(options.using)).byName.get(namesOf(model, options.forConcreteModel).join("."));
  }

  /** The content types of several models, with one query for those that are not known. */
  async getForModels(
    models: Iterable<ModelClass>,
    options: ForModelOptions = {},
  ): Promise<Map<ModelClass, ContentType>> {
    const wanted = [...models];
    const connection = this.#connection(options.using);
    const missing = wanted.filter((model) => !this.peekForModel(model, { ...options, using: connection.alias }));
    const apps = new Set(missing.map((model) => namesOf(model, options.forConcreteModel)[0]));
    if (missing.length > 1) {
      for (const type of await this.using(connection.alias).filter({ appLabel__in: apps })) remember(connection, type);
    }
    const types = new Map<ModelClass, ContentType>();
    for (const model of wanted)
      types.set(model, await this.getForModel(model, { ...options, using: connection.alias }));
    return types;
  }

  /** The content type with this key. Throws a DoesNotExist where there is none. */
  async getForId(id: number, using?: string): Promise<ContentType> {
    const connection = this.#connection(using);
    const found = knownIn(connection).byId.get(id);
    return found ?? remember(connection, await this.using(connection.alias).get({ id }));
  }

  /** @example ContentType.objects.getByNaturalKey("library", "book") */
  async getByNaturalKey(appLabel: string, model: string, using?: string): Promise<ContentType> {
    const connection = this.#connection(using);
    const found = knownIn(connection).byName.get(`${appLabel}.${model}`);
    return found ?? remember(connection, await this.using(connection.alias).get({ appLabel, model }));
  }

  /** Forgets what is known: for tests, and for whoever changes the table by hand. */
  clearCache(): void {
    for (const alias of connections.aliases) known.delete(connections.get(alias));
  }
}

function remember(connection: Connection, type: ContentType): ContentType {
  const types = knownIn(connection);
  types.byId.set(type.id, type);
  types.byName.set(`${type.appLabel}.${type.model}`, type);
  return type;
}
