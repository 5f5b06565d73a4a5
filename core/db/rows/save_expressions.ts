// Expressions as attributes: `book.stock = F("stock").subtract(1)`. The database computes them when the object is saved.
import { DatabaseError, FieldError } from "../../exceptions.ts";
import type { Connection } from "../backends/base.ts";
import { type BoundExpression, Expression } from "../expressions/base.ts";
import type { Field } from "../fields/field.ts";
import { stateOf } from "../meta/model_state.ts";
import type { BaseModel, ModelClass } from "../models.ts";
import { QueryBinder } from "../sql/binding.ts";
import { Compiler } from "../sql/compiler.ts";
import { fetch } from "../sql/execution.ts";
import { placeOf } from "../sql/place.ts";
import { valuesPlan } from "../sql/plans.ts";
import { QueryState } from "../sql/query_state.ts";
import { narrowedBy, withValues } from "../sql/querying.ts";
import { updateRows } from "../sql/updating.ts";
import { SavedValues } from "./saved_values.ts";

type Attributes = Record<string, unknown>;

/** The fields of an object whose attribute is an expression. */
export function computedFields(object: BaseModel, fields: readonly Field[]): readonly Field[] {
  const attributes = object as never as Attributes;
  // What was not loaded is no property of its own, and must not be read.
  return fields.filter(({ attname }) => Object.hasOwn(object, attname) && attributes[attname] instanceof Expression);
}

/** Writes what expressions compute, and gives the attributes the values. */
export async function saveExpressions(
  object: BaseModel,
  computed: readonly Field[],
  connection: Connection,
): Promise<void> {
  const state = new QueryState(object.constructor as ModelClass).with({ db: connection.alias });
  const values = stateOf(object).adding
    ? await evaluated(object, computed, state, connection)
    : await updated(object, computed, state, connection);
  const attributes = object as never as Attributes;
  for (const [index, { attname }] of computed.entries()) attributes[attname] = values[index];
}

async function updated(
  object: BaseModel,
  computed: readonly Field[],
  all: QueryState,
  connection: Connection,
): Promise<readonly unknown[]> {
  const attributes = object as never as Attributes;
  const state = narrowedBy(all, "pk", object.pk);
  const names = computed.map(({ attname }) => attname);
  const count = await updateRows(state, Object.fromEntries(names.map((name) => [name, attributes[name]])));
  const [values] = await fetch(withValues(state, names, "arrays"), "values arrays", valuesPlan);
  if (count === 0 || !values) throw new DatabaseError("Save with expressions did not affect any rows.");
  const known = stateOf(object);
  known.saved ??= new SavedValues(all.model._meta.fields);
  for (const [index, field] of computed.entries()) {
    known.saved.set(field, field.toDb((values as unknown[])[index], connection.vendor));
  }
  return values as unknown[];
}

/** A new row has no columns yet that an expression could read. */
async function evaluated(
  object: BaseModel,
  computed: readonly Field[],
  state: QueryState,
  connection: Connection,
): Promise<unknown[]> {
  const binder = new QueryBinder(state);
  const bound = computed.map((field) => {
    const expression = ((object as never as Attributes)[field.attname] as Expression).bind(binder);
    if (expression.paths.length > 0) throw notForInsert(field);
    return expression;
  });
  const compiler = Compiler.of(connection, state, bound);
  const place = placeOf(compiler.frame(state));
  const columns = bound.map((expression) => compiler.expression(expression, place));
  const { sql, slots } = compiler.statement(`SELECT ${columns.join(", ")}`);
  const params = parameters(bound);
  const { rows } = await connection.execute(
    sql,
    slots.map(({ index, convert }) => convert(params[index])),
    { prepare: false },
  );
  return computed.map((field, index) => field.fromDb(rows[0][index], connection.vendor));
}

function parameters(bound: readonly BoundExpression[]): unknown[] {
  const values: unknown[] = [];
  for (const expression of bound) expression.visit((_holder, value) => values.push(value));
  return values;
}

/** The sentence is Django's. */
function notForInsert(field: Field): FieldError {
  return new FieldError(
    `Failed to insert an expression on ${field.label}. F() expressions can only be used to update, not to insert.`,
  );
}
