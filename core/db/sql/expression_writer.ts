import { FieldError } from "../../exceptions.ts";
import type { BoundAggregation, BoundExpression, BoundOrder, BoundQuery } from "../expressions/base.ts";
import type { Vendor } from "../fields/field_types.ts";
import { collated } from "../lookups.ts";
import { type BoundSelect, QueryBinder, type QueryWriter } from "./binding.ts";
import type { Compiler } from "./compiler.ts";
import { type Condition, someCondition } from "./conditions.ts";
import type { FieldPath } from "./lookup_path.ts";
import { directed } from "./ordering.ts";
import { type Place, placeOf } from "./place.ts";
import { stepsOf } from "./query_source.ts";
import type { Annotation } from "./query_state.ts";

/** Writes expressions at one place of a statement. */
export class ExpressionWriter implements QueryWriter {
  readonly #compiler: Compiler;
  readonly #place: Place;

  constructor(compiler: Compiler, place: Place) {
    this.#compiler = compiler;
    this.#place = place;
  }

  get vendor(): Vendor {
    return this.#compiler.connection.vendor;
  }

  param(holder: object, convert: (value: unknown) => unknown): string {
    return this.#compiler.param(holder, convert);
  }

  column(path: FieldPath, transforms: readonly string[]): string {
    return this.#compiler.transformed(this.#compiler.columnAt(path, this.#place), transforms).sql;
  }

  transformed(expression: BoundExpression, transforms: readonly string[]): string {
    const operand = { sql: expression.write(this), field: expression.output, toParam: (value: unknown) => value };
    return this.#compiler.transformed(operand, transforms).sql;
  }

  condition(condition: Condition): string {
    return this.#compiler.condition(condition, { ...this.#place, negated: false, splits: false });
  }

  collated(expression: BoundExpression): string {
    const operand = { sql: expression.write(this), field: expression.output, toParam: (value: unknown) => value };
    return collated(operand, this.#compiler.connection);
  }

  /** An annotation means what it meant where it was made, whatever stands around its name. */
  annotation({ expression, grouped, within }: Annotation): string {
    const place = { ...placeOf(this.#place.frame), grouped, within };
    return expression.write(new ExpressionWriter(this.#compiler, place));
  }

  outer(path: string, levels: number): string {
    let { frame } = this.#place;
    for (let level = 0; level < levels; level++) {
      if (!frame.outer) throw noOuterQuery(path);
      frame = frame.outer;
    }
    const expression = new QueryBinder(frame.state).name(path);
    return expression.write(new ExpressionWriter(this.#compiler, placeOf(frame)));
  }

  query(query: BoundQuery, what: "column" | "one"): string {
    return this.#compiler.subQuery((query as BoundSelect).state, this.#place.frame, what);
  }

  grouped(expression: BoundExpression): string {
    return expression.write(new ExpressionWriter(this.#compiler, { ...this.#place, grouped: true }));
  }

  order(order: BoundOrder): string {
    const { sql, suffix } = directed(this.#compiler.connection, order, order.expression.write(this), false);
    return `${sql}${suffix}`;
  }

  /** Of a group of rows the function itself; else a subquery of its own, so that several do not multiply each other's rows. */
  aggregate(aggregate: BoundAggregation): string {
    if (!this.#place.grouped) return this.#relatedAggregate(aggregate);
    const call = aggregate.call(aggregate.argument?.write(this) ?? "*", this);
    return aggregate.filter ? `${call} FILTER (WHERE ${aggregate.filter.write(this)})` : call;
  }

  #relatedAggregate(aggregate: BoundAggregation): string {
    const { argument, filter } = aggregate;
    const path = [...(argument?.paths ?? []), ...(filter?.paths ?? [])].find(({ toMany }) => toMany);
    if (!path) return this.#aggregateOfOne(aggregate);
    const { inner, link, step, given } = this.#compiler.relatedRows(path, this.#place);
    const place: Place = { ...this.#place, source: inner, negated: false, local: null, given, within: [] };
    const writer = new ExpressionWriter(this.#compiler, place);
    const value = argument?.write(writer) ?? "*";
    const within = conditionsWithin(this.#place.within, step).map((condition) =>
      this.#compiler.condition(condition, place),
    );
    const wheres = [link, ...(filter ? [filter.write(writer)] : []), ...within].filter((sql) => sql !== "");
    const rows = `FROM ${inner.sql} WHERE ${wheres.join(" AND ")}`;
    // An aggregate of nothing but the outer row's columns would be taken for the outer query's own.
    if (argument && !argument.paths.some((path) => path.toMany)) {
      return `(SELECT ${aggregate.call("v", writer)} FROM (SELECT ${value} AS v ${rows}) AS related)`;
    }
    return `(SELECT ${aggregate.call(value, writer)} ${rows})`;
  }

  /** Without a relation to many each row is a group of its own. */
  #aggregateOfOne(aggregate: BoundAggregation): string {
    const value = aggregate.argument?.write(this) ?? "1";
    const where = aggregate.filter ? ` WHERE ${aggregate.filter.write(this)}` : "";
    return `(SELECT ${aggregate.call("v", this)} FROM (SELECT ${value} AS v${where}) AS one)`;
  }
}

/**
 * What the last `filter()` that speaks of the rows at the other side of a relation says of them: an aggregate that comes
 * afterwards keeps to these rows. An `exclude()` speaks of the row itself.
 */
function conditionsWithin(conditions: readonly Condition[], step: string): Condition[] {
  const last = conditions.findLast((condition) => !isNegated(condition) && followsStep(condition, step));
  return last ? conjuncts(last).filter((condition) => !isNegated(condition) && followsStep(condition, step)) : [];
}

function isNegated(condition: Condition): boolean {
  return condition.type === "group" && condition.negated;
}

/** Conditions that all hold, one by one, so that they find the rows that are joined already. */
function conjuncts(condition: Condition): readonly Condition[] {
  if (condition.type !== "group" || condition.connector !== "and" || condition.negated) return [condition];
  return condition.children.flatMap(conjuncts);
}

/** Whether a condition speaks of the rows at the other side of that relation. */
function followsStep(condition: Condition, step: string): boolean {
  return someCondition(
    condition,
    (leaf) =>
      leaf.type === "leaf" && !leaf.left && stepsOf(leaf.lookup.relations).find(({ isMany }) => isMany)?.key === step,
  );
}

function noOuterQuery(path: string): FieldError {
  return new FieldError(`OuterRef("${path}") stands in a query that is part of no other.`, {
    hint: "Such a query may only be used in a Subquery() or Exists().",
  });
}
