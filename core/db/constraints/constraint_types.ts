// What the compiler knows of a model's indexes and constraints: that they name its fields, and its lookups.
import type { CheckLookups, FieldName, NoSuchField } from "../query_types.ts";

type Unsigned<F> = F extends `-${infer Name}` ? Name : F;

/** Names that are known when the program is compiled are checked; others are when it starts. */
type CheckFields<M, T> = T extends { readonly fields: readonly (infer F)[] }
  ? [string] extends [F]
    ? unknown
    : [Unsigned<F>] extends [FieldName<M> | "pk"]
      ? unknown
      : { readonly fields: readonly NoSuchField<Exclude<Unsigned<F>, FieldName<M> | "pk">>[] }
  : unknown;

type CheckLookup<M, C> = C extends unknown ? CheckLookups<M, C> : never;

type CheckCondition<M, T> = T extends { readonly "~lookups": infer C }
  ? unknown extends C
    ? unknown
    : [C] extends [CheckLookup<M, C>]
      ? unknown
      : { readonly "~lookups": CheckLookup<M, C> }
  : unknown;

/** What each of the indexes or constraints that were given must be. */
export type CheckDeclarations<M, L> = {
  readonly [I in keyof L]: L[I] & CheckFields<M, L[I]> & CheckCondition<M, L[I]>;
};
