import type { Connection } from "../backends/base.ts";
import { connections } from "../connections.ts";
import type { BoundExpression } from "../expressions/base.ts";
import type { Vendor } from "../fields/field_types.ts";
import { stateOf } from "../meta/model_state.ts";
import type { BaseModel } from "../models.ts";
import { router } from "../routers.ts";
import type { FieldPath } from "./lookup_path.ts";
import { type KeyedPlan, objectPlan, type Plan, planFor, valuesPlan } from "./plans.ts";
import type { QueryState } from "./query_state.ts";
import { valuesOf } from "./query_values.ts";

/** The database that a query reads from; one that locks its rows reads where they are written. */
export function connectionOf(state: QueryState): Connection {
  const { db, model, hints, locking } = state;
  return locking ? writeConnectionOf(state) : connections.get(db ?? router.dbForRead(model, hints));
}

/** The database that a query's changes go to. */
export function writeConnectionOf({ db, model, hints }: QueryState): Connection {
  return connections.get(db ?? router.dbForWrite(model, hints));
}

/** Sends a plan with the values of a query. */
export async function send(
  connection: Connection,
  plan: Plan,
  state: QueryState,
  assigned: readonly BoundExpression[] = [],
): Promise<{ rows: unknown[][]; rowCount: number }> {
  return connection.execute(plan.sql, paramsOf(plan, state, assigned), { bigints: plan.bigints });
}

/** What stands for the placeholders of a plan. */
export function paramsOf({ slots }: Plan, state: QueryState, assigned: readonly BoundExpression[] = []): unknown[] {
  const values = valuesOf(state, assigned);
  return slots.map(({ index, convert }) => convert(values[index]));
}

/** The rows of a query, read by its plan. */
export async function fetch<Row>(
  state: QueryState,
  kind: string,
  build: (connection: Connection, state: QueryState) => Plan<Row>,
): Promise<Row[]> {
  if (state.isEmpty) return [];
  const connection = connectionOf(state);
  const plan = planFor(connection, `${kind} ${state.shape}`, () => build(connection, state));
  const { rows } = await send(connection, plan, state);
  return rows.map((row) => plan.read(row, connection.alias));
}

/** Objects that know each other, so that a relation is loaded for all of them at once. */
export async function fetchObjects(state: QueryState): Promise<BaseModel[]> {
  const objects = await fetch(state, "objects", objectPlan);
  if (objects.length > 1) for (const object of objects) stateOf(object).peers = objects;
  return objects;
}

/** The rows of a query, some at a time; objects know those that came with them. */
export async function* stream(state: QueryState, chunkSize?: number): AsyncGenerator<unknown[], void, undefined> {
  if (state.isEmpty) return;
  const connection = connectionOf(state);
  const [kind, build] = state.values ? [`values ${state.rows}`, valuesPlan] : ["objects", objectPlan];
  const plan = planFor(connection, `${kind} ${state.shape}`, () => (build as typeof valuesPlan)(connection, state));
  const chunks = connection.stream(plan.sql, paramsOf(plan, state), { chunkSize, bigints: plan.bigints });
  for await (const rows of chunks) {
    const read = rows.map((row) => plan.read(row, connection.alias));
    if (!state.values) for (const object of read as BaseModel[]) stateOf(object).peers = read as BaseModel[];
    yield read;
  }
}

/** Objects, and for each the key of the object that it belongs to, as the database gave it. */
export async function fetchKeyed(
  state: QueryState,
  path: FieldPath,
): Promise<{ objects: BaseModel[]; keys: unknown[]; vendor: Vendor }> {
  const connection = connectionOf(state);
  const build = (): KeyedPlan<BaseModel> => objectPlan(connection, state, path);
  const key = path.relations.map(({ field, reverse }) => `${reverse}${field.label}`).join();
  const plan = planFor(connection, `keyed ${key} ${path.field.name} ${state.shape}`, build);
  const { rows } = await send(connection, plan, state);
  const objects = rows.map((row) => plan.read(row, connection.alias));
  if (objects.length > 1) for (const object of objects) stateOf(object).peers = objects;
  return { objects, keys: rows.map((row) => row[plan.keyPosition]), vendor: connection.vendor };
}
