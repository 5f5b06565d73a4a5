// django.contrib.postgres.aggregates.
import { NotSupportedError } from "../../exceptions.ts";
import {
  Aggregate,
  type AggregateArgument,
  type AggregateKind,
  type AggregateOptions,
  type ArgumentOf,
  type Checks,
  type Result,
} from "../expressions/aggregates.ts";
import type { Is, ManyOf } from "../expressions/base.ts";
import { outputOf, plainOutput } from "../expressions/outputs.ts";
import type { Field } from "../fields/field.ts";

function kindOf(name: string, output: AggregateKind["output"]): AggregateKind {
  return {
    sql: ({ distinct, argument, order }, { vendor }) => {
      if (vendor === "postgresql") return `${name}(${distinct}${argument}${order})`;
      throw new NotSupportedError(`${name} is not supported on this database backend: PostgreSQL has it.`);
    },
    output,
  };
}

function plain(field: Field | null): Field {
  if (!field) return plainOutput("TextField");
  return field.isForeignKey ? field.targetField : field;
}

const arrayOf = (field: Field | null) => outputOf("ArrayField", { baseField: plain(field) });
const boolean = () => plainOutput("BooleanField");

/** All values, null of nothing: `ArrayAgg("books__title", { orderBy: "books__title" })`. PostgreSQL only. */
export function ArrayAgg<const A extends AggregateArgument, const O extends AggregateOptions>(
  argument: A,
  options?: O,
): Aggregate<Result<ManyOf<ArgumentOf<A>>, O>> {
  return new Aggregate("ArrayAgg", kindOf("ARRAY_AGG", arrayOf), argument, options);
}

/** All values as an array of JSON, null of nothing. PostgreSQL only. */
export function JSONBAgg<const A extends AggregateArgument, const O extends AggregateOptions>(
  argument: A,
  options?: O,
): Aggregate<Result<Is<unknown[]>, O>> & Checks<A> {
  const kind = kindOf("JSONB_AGG", () => plainOutput("JSONField"));
  return new Aggregate("JSONBAgg", kind, argument, options) as never;
}

/** Whether all are true, null of nothing. PostgreSQL only. */
export function BoolAnd<const A extends AggregateArgument, const O extends AggregateOptions>(
  argument: A,
  options?: O,
): Aggregate<Result<ArgumentOf<A>, O>> {
  return new Aggregate("BoolAnd", kindOf("BOOL_AND", boolean), argument, options);
}

/** Whether any is true, null of nothing. PostgreSQL only. */
export function BoolOr<const A extends AggregateArgument, const O extends AggregateOptions>(
  argument: A,
  options?: O,
): Aggregate<Result<ArgumentOf<A>, O>> {
  return new Aggregate("BoolOr", kindOf("BOOL_OR", boolean), argument, options);
}

/** The bits that all have, null of nothing. PostgreSQL only. */
export function BitAnd<const A extends AggregateArgument, const O extends AggregateOptions>(
  argument: A,
  options?: O,
): Aggregate<Result<ArgumentOf<A>, O>> {
  return new Aggregate("BitAnd", kindOf("BIT_AND", plain), argument, options);
}

/** The bits that any has, null of nothing. PostgreSQL only. */
export function BitOr<const A extends AggregateArgument, const O extends AggregateOptions>(
  argument: A,
  options?: O,
): Aggregate<Result<ArgumentOf<A>, O>> {
  return new Aggregate("BitOr", kindOf("BIT_OR", plain), argument, options);
}

/** The bits that an odd number of them has, null of nothing. PostgreSQL only. */
export function BitXor<const A extends AggregateArgument, const O extends AggregateOptions>(
  argument: A,
  options?: O,
): Aggregate<Result<ArgumentOf<A>, O>> {
  return new Aggregate("BitXor", kindOf("BIT_XOR", plain), argument, options);
}
