import { FieldError } from "../../exceptions.ts";
import type { Connection } from "../backends/base.ts";
import { findAccessor, joinsOf } from "../related/relations.ts";
import type { Frame } from "./place.ts";
import { stepsOf } from "./query_source.ts";
import type { Locking, QueryState } from "./query_state.ts";

/** ` FOR UPDATE …`. SQLite has one writer, whose transaction holds every row: nothing has to be written there. */
export function lockingClause({ vendor }: Connection, frame: Frame): string {
  const { locking } = frame.state;
  if (!locking || vendor === "sqlite") return "";
  const strength = locking.noKey ? "FOR NO KEY UPDATE" : "FOR UPDATE";
  const of = (locking.of ?? []).map((name) => lockedTable(frame, name));
  const tables = of.length === 0 ? "" : ` OF ${of.join(", ")}`;
  return ` ${strength}${tables}${waiting(locking)}`;
}

function waiting({ nowait, skipLocked }: Locking): string {
  if (nowait) return " NOWAIT";
  return skipLocked ? " SKIP LOCKED" : "";
}

function lockedTable({ state, source }: Frame, name: string): string {
  if (name === "self") return source.base.sql;
  const relations = relationsTo(state, name);
  return source.follow(stepsOf(joinsOf(state.model, relations)), source.base, null).sql;
}

function relationsTo(state: QueryState, path: string) {
  let meta = state.model._meta;
  return path.split("__").map((name) => {
    const relation = findAccessor(meta, name);
    if (!relation || relation.toMany || !state.selectRelated.some((selected) => selected.startsWith(path))) {
      throw new FieldError(`Invalid field name given in selectForUpdate({ of }): "${path}".`, {
        hint: 'Name "self" or relations that selectRelated() follows.',
      });
    }
    meta = relation.model._meta;
    return relation;
  });
}
