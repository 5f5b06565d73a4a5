import type { Context, Reader } from "./context.ts";
import { comparable } from "./expressions.ts";
import { compare } from "./operators.ts";
import { parsePath } from "./paths.ts";
import type { Rules } from "./rules.ts";
import { schema } from "./schema.ts";

export interface OrderTerm {
  read: Reader;
  descending: boolean;
  isAggregate: boolean;
}

/** What rows are ordered by, with what is joined for it. */
export function orderTerms(names: readonly string[], reversed: boolean, context: Context): OrderTerm[] {
  return names.flatMap((name) => term(0, name, reversed, context));
}

/** Who orders by a relation means the ordering of the model at its other side. */
function term(from: number, signed: string, reversed: boolean, context: Context): OrderTerm[] {
  const name = signed.replace(/^[-+]/, "");
  const descending = signed.startsWith("-") !== reversed;
  const annotation = from === 0 ? context.annotations.get(name) : undefined;
  if (annotation) return [{ read: annotation.read, descending, isAggregate: annotation.isAggregate }];
  const { joins } = context;
  const { links, column, kind } = parsePath(joins.modelAt(from), name);
  const place = links.reduce((at, link) => joins.step(at, link, null), from);
  const inherited = schema[joins.modelAt(place)].ordering;
  if (name.split("__").at(-1) === links.at(-1) && inherited.length > 0) {
    return inherited.flatMap((inner) => term(place, inner, descending, context));
  }
  const read: Reader = ({ joined }) => comparable(joined[place]?.[column] ?? null, kind.kind);
  return [{ read, descending, isAggregate: false }];
}

/** Compares what two rows are ordered by; NULL stands where the database puts it. */
export function compareKeys(
  terms: readonly Pick<OrderTerm, "descending">[],
  rules: Rules,
  left: readonly unknown[],
  right: readonly unknown[],
): number {
  for (const [index, { descending }] of terms.entries()) {
    const result = compareKey(left[index], right[index], rules);
    if (result !== 0) return descending ? -result : result;
  }
  return 0;
}

function compareKey(left: unknown, right: unknown, { nullsFirst }: Rules): number {
  if (left !== null && right !== null) return compare(left, right);
  if (left === right) return 0;
  return (left === null) === nullsFirst ? -1 : 1;
}
