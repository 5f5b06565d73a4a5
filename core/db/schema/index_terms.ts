import { type Binder, type BoundExpression, Expression, OrderBy, toExpression } from "../expressions/base.ts";
import type { ModelClass } from "../models.ts";
import type { SchemaEditor } from "./base.ts";
import { expressionSql } from "./literal_sql.ts";
import { joined } from "./statements.ts";

/** What an index may be over besides fields: an expression, perhaps with a direction. */
export type IndexTerm = Expression | OrderBy;

/** An expression with the operator class that its index uses; see {@link OpClass}. */
export class OpClassExpression extends Expression {
  readonly expression: Expression;
  readonly name: string;

  constructor(expression: Expression, name: string) {
    super();
    this.expression = expression;
    this.name = name;
  }

  /** To its value an operator class makes no difference. */
  bind(binder: Binder): BoundExpression {
    return this.expression.bind(binder);
  }
}

/** A term as SQL: the expression, its operator class and its direction. SQLite's indexes know no place for NULLs. */
export function termSql(model: ModelClass, term: IndexTerm, { connection, vendor }: SchemaEditor): string {
  const order = term instanceof OrderBy ? term : null;
  const expression = order ? order.expression : toExpression(term);
  const opclass = expression instanceof OpClassExpression && vendor === "postgresql" ? expression.name : "";
  const sql = expressionSql(model, expression, connection);
  const isColumn = /^"(?:[^"]|"")*"$/.test(sql);
  return joined([isColumn ? sql : `(${sql})`, opclass, order ? directionSql(order, vendor === "postgresql") : ""]);
}

function directionSql({ descending, options }: OrderBy, knowsNulls: boolean): string {
  const nulls = options.nullsFirst ? "NULLS FIRST" : options.nullsLast ? "NULLS LAST" : "";
  return joined([descending ? "DESC" : "", knowsNulls ? nulls : ""]);
}
