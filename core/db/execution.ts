import type { Connection } from "./backends/base.ts";
import { connections } from "./connections.ts";
import type { Expression } from "./expressions.ts";
import type { FieldPath } from "./lookup_path.ts";
import { stateOf } from "./model_state.ts";
import type { BaseModel } from "./models.ts";
import { type KeyedPlan, objectPlan, type Plan, planFor } from "./plans.ts";
import type { QueryState } from "./query_state.ts";
import { valuesOf } from "./query_values.ts";
import { router } from "./routers.ts";

/** The database that a query reads from. */
export function connectionOf({ db, model, hints }: QueryState): Connection {
  return connections.get(db ?? router.dbForRead(model, hints));
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
  assigned: readonly Expression[] = [],
): Promise<{ rows: unknown[][]; rowCount: number }> {
  return connection.execute(plan.sql, paramsOf(plan, state, assigned), { bigints: plan.bigints });
}

/** What stands for the placeholders of a plan. */
export function paramsOf({ slots }: Plan, state: QueryState, assigned: readonly Expression[] = []): unknown[] {
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

/** Objects, and for each the key of the object that it belongs to, as the database gave it. */
export async function fetchKeyed(
  state: QueryState,
  path: FieldPath,
): Promise<{ objects: BaseModel[]; keys: unknown[] }> {
  const connection = connectionOf(state);
  const build = (): KeyedPlan<BaseModel> => objectPlan(connection, state, path);
  const key = path.relations.map(({ field, reverse }) => `${reverse}${field.label}`).join();
  const plan = planFor(connection, `keyed ${key} ${path.field.name} ${state.shape}`, build);
  const { rows } = await send(connection, plan, state);
  const objects = rows.map((row) => plan.read(row, connection.alias));
  if (objects.length > 1) for (const object of objects) stateOf(object).peers = objects;
  return { objects, keys: rows.map((row) => row[plan.keyPosition]) };
}
