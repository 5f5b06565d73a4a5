// QuerySet.update(): which columns are set to what.
import { FieldError } from "../exceptions.ts";
import { QueryBinder } from "./binding.ts";
import { send, writeConnectionOf } from "./execution.ts";
import type { BoundExpression } from "./expressions/base.ts";
import { toExpression } from "./expressions/base.ts";
import type { Field } from "./field.ts";
import { planFor } from "./plans.ts";
import type { QueryState } from "./query_state.ts";
import { updatePlan } from "./write_plans.ts";

/** Changes the rows of a query with one statement; gives how many there were. */
export async function updateRows(state: QueryState, values: Readonly<Record<string, unknown>>): Promise<number> {
  const assignments = assign(state, values);
  if (assignments.size === 0 || state.isEmpty) return 0;
  const connection = writeConnectionOf(state);
  const shape = [...assignments].map(([field, value]) => `${field.name}=${value.shape}`).join();
  const plan = planFor(connection, `update ${shape} ${state.shape}`, () => updatePlan(connection, state, assignments));
  return (await send(connection, plan, state, [...assignments.values()])).rowCount;
}

/** Throws a FieldError for a name that is no column, and for undefined. */
export function assign(
  state: QueryState,
  values: Readonly<Record<string, unknown>>,
): ReadonlyMap<Field, BoundExpression> {
  const { model } = state;
  const binder = new QueryBinder(state);
  const assignments = new Map<Field, BoundExpression>();
  for (const [name, value] of Object.entries(values)) {
    const field = model._meta.getField(name);
    if (field.isManyToMany) throw new FieldError(`Cannot update "${name}" of ${model._meta.label}: it has no column.`);
    if (value === undefined) {
      throw new FieldError(`The value of "${name}" is undefined.`, { hint: "Use null for NULL." });
    }
    const expression = toExpression(keyOf(field, value)).bind(binder);
    if (expression.aggregate || expression.window) {
      throw new FieldError(`Aggregate functions are not allowed in this query (${name}).`);
    }
    assignments.set(field, expression);
  }
  return assignments;
}

/** An object stands for its key. */
function keyOf(field: Field, value: unknown): unknown {
  if (!field.isForeignKey || typeof value !== "object" || value === null || !("pk" in value)) return value;
  return (value as Record<string, unknown>)[field.targetField.attname];
}
