// How relations that were not loaded are fetched: django.db.models.fetch_modes.
import { isConfigured, settings } from "../../conf/settings.ts";
import { FieldFetchBlocked } from "../../exceptions.ts";
import { stateOf } from "../meta/model_state.ts";
import type { BaseModel, ModelClass } from "../models.ts";
import { cacheName } from "../sql/plans.ts";
import { prefetchRelation, relatedRows } from "./prefetch.ts";
import type { Relation } from "./relations.ts";

/** Only for the object that asks. */
export const FETCH_ONE = "FETCH_ONE";
/** For every object of the same result, with one query. */
export const FETCH_PEERS = "FETCH_PEERS";
/** Not at all: what is needed has to be named in the query. */
export const RAISE = "RAISE";

/** The objects that a relation is loaded for when one of them asks for it. Throws where nothing may be loaded. */
function peersOf(object: BaseModel, relation: Relation): readonly BaseModel[] {
  const { peers, reader } = stateOf(object);
  const mode = reader?.fetchMode ?? (isConfigured() ? settings.FETCH_MODE : FETCH_PEERS);
  if (mode === RAISE && reader) throw blocked(object, relation);
  return mode === FETCH_PEERS && peers ? peers : [object];
}

function blocked(object: BaseModel, { name, toMany }: Relation): FieldFetchBlocked {
  const { objectName } = (object.constructor as ModelClass)._meta;
  return new FieldFetchBlocked(`Fetching of ${objectName}.${name} blocked.`, {
    hint: `Load it with the rows: ${toMany ? "prefetchRelated" : "selectRelated"}("${name}").`,
  });
}

type Rows = Map<BaseModel, BaseModel[]>;

const loading = new WeakMap<object, Map<string, Promise<unknown>>>();
const batches = new WeakMap<object, Map<string, Promise<Rows>>>();

function namedOf<T>(known: WeakMap<object, Map<string, T>>, peers: object): Map<string, T> {
  let named = known.get(peers);
  if (!named) {
    named = new Map();
    known.set(peers, named);
  }
  return named;
}

/** Loads a relation to one. Those who ask at the same time wait for the same query. */
export function loadToOne(object: BaseModel, relation: Relation): Promise<unknown> {
  const peers = peersOf(object, relation);
  const running = namedOf(loading, peers);
  const name = cacheName(relation);
  let query = running.get(name);
  if (!query) {
    query = prefetchRelation(peers, relation).finally(() => running.delete(name));
    running.set(name, query);
  }
  return query;
}

/**
 * The rows of a relation to many. They are fetched for the object's peers as well, each of which takes its own when it
 * asks, once: who asks again gets them anew, as with any query.
 */
export async function takeToMany(object: BaseModel, relation: Relation): Promise<BaseModel[]> {
  const peers = peersOf(object, relation);
  const waiting = namedOf(batches, peers);
  const name = cacheName(relation);
  const rows = take(await waiting.get(name), object);
  if (rows) return rows;
  const fresh = relatedRows(peers, relation);
  waiting.set(name, fresh);
  fresh.catch(() => waiting.delete(name));
  return take(await fresh, object) ?? [];
}

function take(batch: Rows | undefined, object: BaseModel): BaseModel[] | undefined {
  const rows = batch?.get(object);
  batch?.delete(object);
  return rows;
}

/** What was fetched for later is out of date. */
export function forgetToMany(object: BaseModel, relation: Relation): void {
  const { peers } = stateOf(object);
  batches.get(peers ?? object)?.delete(cacheName(relation));
}
