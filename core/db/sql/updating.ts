// QuerySet.update(): which columns are set to what.
import { FieldError } from "../../exceptions.ts";
import type { BoundExpression } from "../expressions/base.ts";
import { toExpression } from "../expressions/base.ts";
import type { Field } from "../fields/field.ts";
import type { ModelClass } from "../models.ts";
import { atomic } from "../transaction.ts";
import { QueryBinder } from "./binding.ts";
import { makeLeaf } from "./conditions.ts";
import { fetch, send, writeConnectionOf } from "./execution.ts";
import { parseLookup } from "./lookup_path.ts";
import { planFor, valuesPlan } from "./plans.ts";
import { QueryState } from "./query_state.ts";
import { updatePlan } from "./write_plans.ts";

type Values = Readonly<Record<string, unknown>>;

/** Changes the rows of a query with one statement, or one for each table of theirs; gives how many there were. */
export async function updateRows(state: QueryState, values: Values): Promise<number> {
  const tables = byTable(state.model, values);
  return tables ? updateTables(state, tables) : updateTable(state, values);
}

/** The values by the model whose table they stand in; null where that is the model's own for all of them. */
function byTable({ _meta: meta }: ModelClass, values: Values): Map<ModelClass, Record<string, unknown>> | null {
  if (meta.parents.length === 0) return null;
  const tables = new Map<ModelClass, Record<string, unknown>>();
  for (const [name, value] of Object.entries(values)) {
    const { model } = meta.getField(name);
    tables.set(model, { ...tables.get(model), [name]: value });
  }
  return tables.size === 1 && tables.has(meta.concreteModel) ? null : tables;
}

/** With more than one table the rows are found first: what is changed in one may decide what is found by another. */
async function updateTables(state: QueryState, tables: ReadonlyMap<ModelClass, Values>): Promise<number> {
  const { alias: db } = writeConnectionOf(state);
  const names = [...tables.keys()].map((table) => table._meta.pk.attname);
  const run = async () => {
    const query = state.with({ values: ["pk", ...names], rows: "arrays", db, order: [] });
    const rows = (await fetch(query, "values arrays", valuesPlan)) as unknown[][];
    for (const [index, [table, values]] of [...tables].entries()) {
      const where = [
        makeLeaf(
          parseLookup(table, "pk__in"),
          rows.map((row) => row[index + 1]),
        ),
      ];
      await updateTable(new QueryState(table).with({ where, order: [], isScoped: true, db }), values);
    }
    return rows.length;
  };
  return atomic(run, { using: db, savepoint: false });
}

async function updateTable(state: QueryState, values: Values): Promise<number> {
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
