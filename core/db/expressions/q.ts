/** What a condition may be: lookups that must all hold, a {@link Q}, or an expression that is true or false. */
export type ConditionInput = object;

/**
 * Conditions as a value, to be joined by `and`, `or`, `xor` and `not`. `C` is the type of its lookups, which are checked
 * where a queryset takes it.
 *
 * @example
 * Book.objects.filter(Q({ title__icontains: "sea" }).or({ author__name: "Ana" }));
 * Book.objects.filter(Q({ status: "draft" }).not());
 */
export class QNode<C = unknown> {
  declare readonly "~lookups": C;
  readonly connector: "and" | "or" | "xor";
  readonly negated: boolean;
  readonly children: readonly ConditionInput[];

  constructor(connector: "and" | "or" | "xor", children: readonly ConditionInput[], negated = false) {
    this.connector = connector;
    this.children = children;
    this.negated = negated;
  }

  and<const D extends readonly ConditionInput[]>(...others: D): QNode<C | LookupsOf<D[number]>> {
    return new QNode("and", [this, ...others]);
  }

  or<const D extends readonly ConditionInput[]>(...others: D): QNode<C | LookupsOf<D[number]>> {
    return new QNode("or", [this, ...others]);
  }

  /** An odd number of them holds. */
  xor<const D extends readonly ConditionInput[]>(...others: D): QNode<C | LookupsOf<D[number]>> {
    return new QNode("xor", [this, ...others]);
  }

  not(): QNode<C> {
    return new QNode("and", [this], true);
  }
}

/** The lookups inside what is given for a condition. */
type LookupsOf<D> = D extends QNode<infer C> ? C : D extends { readonly "~result": unknown } ? never : D;

/** Lookups that must all hold, as a value; see {@link QNode}. */
export function Q<const C extends ConditionInput = Record<never, never>>(conditions?: C): QNode<LookupsOf<C>> {
  return new QNode("and", [conditions ?? {}]);
}
