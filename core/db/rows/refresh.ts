import { stateOf } from "../meta/model_state.ts";
import type { BaseModel, ModelClass } from "../models.ts";
import { makeLeaf } from "../sql/conditions.ts";
import { fetchObjects } from "../sql/execution.ts";
import { parseLookup } from "../sql/lookup_path.ts";
import { QueryState } from "../sql/query_state.ts";
import { SavedValues } from "./saved_values.ts";

/** What `Model.refreshFromDb()` does; see there. */
export async function refresh(
  object: BaseModel,
  { fields, using }: { fields?: readonly string[]; using?: string },
): Promise<void> {
  const model = object.constructor as ModelClass;
  const state = stateOf(object);
  const names =
    fields?.map((name) => model._meta.getField(name).attname) ?? model._meta.fields.map(({ attname }) => attname);
  const where = [makeLeaf(parseLookup(model, "pk"), object.pk)];
  const query = new QueryState(model).with({ where, order: [], db: using ?? null, hints: { instance: object } });
  const [fresh] = await fetchObjects(query);
  if (!fresh) throw new model.DoesNotExist(`${model._meta.objectName} matching query does not exist.`);
  const target = object as never as Record<string, unknown>;
  for (const name of names) target[name] = (fresh as never as Record<string, unknown>)[name];
  const { row, reader, db } = stateOf(fresh);
  if (fields) rememberSaved(object, fields, fresh);
  else Object.assign(state, { row, reader, db, saved: null, adding: false });
  state.related = null;
}

/** Only what was read again counts as unchanged. */
function rememberSaved(object: BaseModel, names: readonly string[], fresh: BaseModel): void {
  const { _meta: meta } = object.constructor as ModelClass;
  const { row, reader } = stateOf(fresh);
  const state = stateOf(object);
  state.saved ??= new SavedValues(meta.fields);
  for (const field of names.map((name) => meta.getField(name))) {
    if (row && reader) state.saved.set(field, field.toDb(reader.valueOf(row, field), reader.vendor));
  }
}
