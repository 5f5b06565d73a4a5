import { quoteName } from "../backends/base.ts";
import type { Connection } from "../connections.ts";
import type { BoundExpression } from "../expressions/base.ts";
import type { Field } from "../fields/field.ts";
import type { Vendor } from "../fields/field_types.ts";
import type { BaseModel, ModelClass } from "../models.ts";
import { columnType } from "../schema/columns.ts";
import { Compiler } from "./compiler.ts";
import { placeOf } from "./place.ts";
import { QueryState } from "./query_state.ts";

/** The name of the row that holds an object's values. */
const alias = "candidate";

/**
 * A question about the rows of a model's table and about an object that need not be in it: the object's values stand in a
 * row of their own, so that the same expressions can be written for both.
 */
export class CandidateQuestion {
  readonly #compiler: Compiler;
  readonly #model: ModelClass;
  readonly #connection: Connection;
  readonly #values: unknown[] = [];
  readonly #places = new Map<object, number>();

  /** @param expressions those that will be written */
  constructor(connection: Connection, model: ModelClass, expressions: readonly BoundExpression[]) {
    this.#connection = connection;
    this.#model = model;
    for (const expression of expressions) expression.visit((holder, value) => this.#know(holder, value));
    this.#compiler = new Compiler(connection, this.#places);
  }

  #know(holder: object, value: unknown): void {
    this.#places.set(holder, this.#values.push(value) - 1);
  }

  /** `(SELECT CAST(? AS …) AS "pages", …) "candidate"`: what follows FROM. Throws a DataError for a value that fits no column. */
  row(instance: BaseModel, fields: readonly Field[]): string {
    const columns = fields.map((field) => `${this.#value(instance, field)} AS ${quoteName(field.column)}`);
    return `(SELECT ${columns.join(", ") || "1"}) ${quoteName(alias)}`;
  }

  #value(instance: BaseModel, field: Field): string {
    const { vendor } = this.#connection;
    const holder = {};
    this.#know(holder, field.toDb((instance as unknown as Record<string, unknown>)[field.attname], vendor));
    return typed(
      this.#compiler.param(holder, (value) => value),
      field,
      vendor,
    );
  }

  /** An expression over the rows of the table. */
  ofRows(expression: BoundExpression): string {
    return this.#written(expression, this.#model._meta.dbTable);
  }

  /** The same over the object's values. */
  ofCandidate(expression: BoundExpression): string {
    return this.#written(expression, alias);
  }

  #written(expression: BoundExpression, name: string): string {
    const frame = this.#compiler.frame(new QueryState(this.#model), null, name);
    return this.#compiler.expression(expression, placeOf(frame));
  }

  /** A row and the object with an operator between them. */
  comparison(expression: BoundExpression, operator: string): string {
    return `${this.ofRows(expression)} ${operator} ${this.ofCandidate(expression)}`;
  }

  /** Whether the statement gives a row. */
  async isAnswered(text: string): Promise<boolean> {
    const { sql, slots } = this.#compiler.statement(text);
    const params = slots.map(({ index, convert }) => convert(this.#values[index]));
    return (await this.#connection.execute(sql, params)).rows.length > 0;
  }
}

/** The operator that takes NULL for the same as NULL. */
export function sameOrNull(vendor: Vendor): string {
  return vendor === "sqlite" ? "IS" : "IS NOT DISTINCT FROM";
}

/** A value of the type that the column would have: a parameter alone has none. */
function typed(placeholder: string, field: Field, vendor: Vendor): string {
  const type = columnType(field, vendor);
  if (vendor === "sqlite") return affine(placeholder, type);
  return `CAST(${placeholder} AS ${type.replace(/^varchar\(.*/, "varchar")})`;
}

/** The affinity of the column's type, by SQLite's rules; dates and booleans are stored as they come. */
function affine(placeholder: string, type: string): string {
  if (/int/i.test(type)) return `CAST(${placeholder} AS INTEGER)`;
  if (/char|text/i.test(type)) return `CAST(${placeholder} AS TEXT)`;
  if (/real/i.test(type)) return `CAST(${placeholder} AS REAL)`;
  return /decimal/i.test(type) ? `CAST(${placeholder} AS NUMERIC)` : placeholder;
}
