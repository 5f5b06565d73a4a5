// QuerySet.dates() and QuerySet.datetimes(): the beginnings of the periods in which there is something.
import { FieldError } from "../../exceptions.ts";
import { type Expression, F } from "../expressions/base.ts";
import { Trunc, TruncDate, type ZoneOptions } from "../functions/datetime.ts";
import type { TruncKind } from "../functions/truncation.ts";
import { walkPath } from "./lookup_path.ts";
import type { QueryState } from "./query_state.ts";
import { annotated, narrowed, ordered, withValues } from "./querying.ts";

/** What a list of days may be cut to. */
export type DateKind = "year" | "quarter" | "month" | "week" | "day";

const dateKinds: readonly string[] = ["year", "quarter", "month", "week", "day"] satisfies DateKind[];
const datetimeKinds: readonly string[] = [...dateKinds, "hour", "minute", "second"];

export type ListOrder = "ASC" | "DESC";

function check(kind: string, kinds: readonly string[], order: string): void {
  if (!kinds.includes(kind)) throw new FieldError(`'kind' must be one of ${kinds.map((k) => `'${k}'`).join(", ")}.`);
  if (order !== "ASC" && order !== "DESC") throw new FieldError("'order' must be either 'ASC' or 'DESC'.");
}

function listed(state: QueryState, path: string, expression: Expression, order: ListOrder): QueryState {
  const named = annotated(state, { datefield: expression, plainField: F(path) }, true);
  const values = withValues(named, ["datefield"], "flat").with({ distinct: true });
  const known = narrowed(values, [{ plainField__isnull: false }], false);
  return ordered(known, [order === "DESC" ? "-datefield" : "datefield"]);
}

function kindAt(state: QueryState, path: string): string {
  return walkPath(state.model, path).path.field.kind;
}

/** The days with which the periods of a date begin. Throws a FieldError for what is no date. */
export function dateList(state: QueryState, path: string, kind: DateKind, order: ListOrder): QueryState {
  check(kind, dateKinds, order);
  const truncated = Trunc(path, kind);
  return listed(state, path, kindAt(state, path) === "DateTimeField" ? TruncDate(truncated) : truncated, order);
}

/** The instants with which the periods of a datetime begin. Throws a FieldError for what is none. */
export function datetimeList(
  state: QueryState,
  path: string,
  kind: TruncKind,
  order: ListOrder,
  options: ZoneOptions,
): QueryState {
  check(kind, datetimeKinds, order);
  const found = kindAt(state, path);
  if (found === "DateTimeField") return listed(state, path, Trunc(path, kind, options), order);
  throw new FieldError(`Cannot truncate ${found} "${path}" to DateTimeField.`);
}
