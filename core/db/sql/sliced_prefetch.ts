// A slice of the rows of each object, where one query asks for the rows of many: Django's sliced Prefetch.

import { type BoundExpression, Expression, OrderBy } from "../expressions/base.ts";
import { Window } from "../expressions/window.ts";
import { RowNumber } from "../functions/window.ts";
import { BoundColumn, QueryBinder } from "./binding.ts";
import { buildConditions } from "./conditions.ts";
import type { FieldPath } from "./lookup_path.ts";
import type { OrderTerm, QueryState } from "./query_state.ts";

/** An expression that knows its model already. */
class Bound extends Expression {
  readonly expression: BoundExpression;

  constructor(expression: BoundExpression) {
    super();
    this.expression = expression;
  }

  bind(): BoundExpression {
    return this.expression;
  }
}

const RANK = "_prefetch_rank";

/** The rows that the slice leaves of those with the same owner, which `path` leads to. */
export function slicedByOwner(state: QueryState, path: FieldPath): QueryState {
  const { start, stop, order, model } = state;
  const owner = new Bound(new BoundColumn(`<${path.field.label}`, path, []));
  const terms = (order ?? model._meta.ordering).map((term) => windowTerm(term, state.reversed));
  const rank = Window(RowNumber(), { partitionBy: owner, orderBy: terms });
  const expression = rank.bind(new QueryBinder(state));
  const annotations = new Map(state.annotations).set(RANK, { expression, grouped: false, within: [], hidden: true });
  const ranked = state.with({ annotations, start: 0, stop: null });
  const bounds = {
    ...(start > 0 ? { [`${RANK}__gt`]: start } : {}),
    ...(stop === null ? {} : { [`${RANK}__lte`]: stop }),
  };
  return ranked.with({ where: [...ranked.where, buildConditions(new QueryBinder(ranked), [bounds])] });
}

function windowTerm(term: OrderTerm, reversed: boolean): string | OrderBy {
  if (typeof term !== "string") {
    const nulls = term.nulls && { [term.nulls === "first" ? "nullsFirst" : "nullsLast"]: true };
    return new OrderBy(new Bound(term.expression), term.descending !== reversed, nulls);
  }
  if (!reversed) return term;
  return term.startsWith("-") ? term.slice(1) : `-${term}`;
}
