import { FieldError } from "../../exceptions.ts";
import type { Connection } from "../connections.ts";
import type { BoundExpression, Expression } from "../expressions/base.ts";
import { type ConditionInput, QNode } from "../expressions/q.ts";
import type { Field } from "../fields/field.ts";
import type { ModelClass } from "../models.ts";
import { QueryBinder } from "../sql/binding.ts";
import { Compiler } from "../sql/compiler.ts";
import { parseLookup } from "../sql/lookup_path.ts";
import { placeOf } from "../sql/place.ts";
import { QueryState } from "../sql/query_state.ts";
import { type Rewriting, rewrittenCondition, rewrittenExpression } from "../sql/references.ts";
import { literal } from "./literals.ts";

/**
 * Writes what constraints and indexes say. No schema statement takes parameters, so values stand in it; and columns stand
 * without their table, which has another name while it is rebuilt.
 */
class LiteralCompiler extends Compiler {
  readonly #values: ReadonlyMap<object, unknown>;

  constructor(connection: Connection, expression: BoundExpression) {
    super(connection, new Map());
    const values = new Map<object, unknown>();
    expression.visit((holder, value) => values.set(holder, value));
    this.#values = values;
  }

  override param(holder: object, convert: (value: unknown) => unknown): string {
    const text = literal(convert(this.#values.get(holder)), this.connection.vendor);
    return /^-\d/.test(text) ? `(${text})` : text;
  }

  override operand(field: Field, sql: string, nullable: boolean) {
    return super.operand(field, sql.replace(/^.*\.(?="(?:[^"]|"")*"$)/s, ""), nullable);
  }
}

/**
 * The condition of a constraint or an index, as SQL without parameters.
 *
 * @throws FieldError for an unknown name, and for one that leads to another table.
 */
export function conditionSql(model: ModelClass, condition: ConditionInput, connection: Connection): string {
  const binder = new QueryBinder(new QueryState(model));
  return boundSql(model, binder.condition(rewrittenCondition(condition, withoutLists(model))), connection);
}

/**
 * An expression that is indexed, as SQL without parameters.
 *
 * @throws FieldError for an unknown name, and for one that leads to another table.
 */
export function expressionSql(model: ModelClass, expression: Expression, connection: Connection): string {
  const rewritten = rewrittenExpression(expression, withoutLists(model)) as Expression;
  return boundSql(model, rewritten.bind(new QueryBinder(new QueryState(model))), connection);
}

function boundSql(model: ModelClass, expression: BoundExpression, connection: Connection): string {
  const compiler = new LiteralCompiler(connection, expression);
  const frame = compiler.frame(new QueryState(model));
  const sql = compiler.expression(expression, placeOf(frame));
  if (!frame.source.isJoined && !expression.paths.some(({ toMany }) => toMany)) return sql;
  throw new FieldError("Joined field references are not permitted in this query", {
    hint: `A constraint or an index of ${model._meta.label} can speak of its own columns only.`,
  });
}

/** A list is a parameter of one query; here its values are compared one by one. */
function withoutLists(model: ModelClass): Rewriting {
  return { comparison: (key, value) => withoutList(model, key, value), path: (path) => path };
}

function withoutList(model: ModelClass, key: string, value: unknown): ConditionInput {
  const isList = parseLookup(model, key).operator === "in" && typeof value === "object" && value !== null;
  if (!isList || !(Symbol.iterator in value)) return { [key]: value };
  const values = [...(value as Iterable<unknown>)].filter((item) => item !== null);
  if (values.length === 0) return { [key]: [] };
  const name = key.replace(/__in$/, "");
  return new QNode(
    "or",
    values.map((item) => ({ [name]: item })),
  );
}
