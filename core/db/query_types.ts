// What the compiler knows of lookups. Each key that is given is parsed, with template literal types; enumerating every
// key that could be given takes half a minute on fifty models that refer to each other.

import type { Duration } from "../utils/duration.ts";
import type { Expression, FirstOf, Is, ManyOf, MeanOf, NullWith, OrderBy, OrNull, PathOf } from "./expressions/base.ts";
import type { QNode } from "./expressions/q.ts";
import type { CustomLookups, CustomTransforms } from "./lookups/declared.ts";
import type { BaseModel } from "./models.ts";
import type { Prefetch } from "./related/prefetch.ts";

/** Marks what leads to many rows of `T`, for types only. */
export interface LeadsToMany<T> {
  readonly "~many"?: T;
}

type AnyPromise = Promise<unknown>;
type Empty = null | undefined;

/** The model at the other side of a property, or never. */
type Target<P> = unknown extends P
  ? never
  : NonNullable<P> extends LeadsToMany<infer T>
    ? "~many" extends keyof NonNullable<P>
      ? T
      : never
    : [Extract<P, AnyPromise>] extends [never]
      ? never
      : Exclude<P, AnyPromise | Empty>;

type IsMany<P> = P extends { readonly "~many"?: unknown } ? ("~many" extends keyof P ? true : false) : false;

/** Names of properties that are columns or relations, not methods. */
export type FieldName<M> = {
  [K in keyof M & string]: K extends keyof BaseModel ? never : M[K] extends (...args: never[]) => unknown ? never : K;
}[keyof M & string];

/** What stands where a name means nothing; its own text is the error that one reads. */
export interface NoSuchField<Name> {
  "there is no such field": Name;
}

interface NoSuchLookup<Name> {
  "there is no such lookup": Name;
}

/** Values as a condition takes them: an instant also as text, a 64-bit number also as a number. */
type Comparable<V> = unknown extends V
  ? NonNullable<unknown> | null
  : (V extends Date ? Date | string : V extends bigint ? bigint | number : V) | Expression;

type Rows = PromiseLike<unknown[]>;
type DatePart =
  | "year"
  | "isoYear"
  | "quarter"
  | "month"
  | "week"
  | "day"
  | "weekDay"
  | "isoWeekDay"
  | "hour"
  | "minute"
  | "second";
type TextOperator =
  | "iexact"
  | "contains"
  | "icontains"
  | "startswith"
  | "istartswith"
  | "endswith"
  | "iendswith"
  | "regex"
  | "iregex"
  | "search"
  | "trigramSimilar"
  | "trigramWordSimilar"
  | "trigramStrictWordSimilar";

/** The value that an operator compares `V` with. */
type Operand<V, Op extends string> = Op extends "exact"
  ? Comparable<V>
  : Op extends "gt" | "gte" | "lt" | "lte"
    ? NonNullable<Comparable<V>>
    : Op extends "in"
      ? readonly Comparable<V>[] | ReadonlySet<Comparable<V>> | Rows
      : Op extends "isnull"
        ? boolean
        : Op extends "range"
          ? readonly [NonNullable<Comparable<V>>, NonNullable<Comparable<V>>]
          : Op extends TextOperator
            ? string | Expression
            : NoSuchLookup<Op>;

/** Values of a column that may hold any JSON. */
type IsJson<V> = unknown extends V
  ? true
  : [NonNullable<V>] extends [string | number | bigint | boolean | Date | Uint8Array | Duration]
    ? false
    : true;

/** What is asked of JSON, behind any number of keys. */
type JsonLookup<Tail extends string> = Tail extends `${string}__${infer Rest}`
  ? JsonLookup<Rest>
  : Tail extends "isnull"
    ? boolean
    : Tail extends "hasKey"
      ? string
      : Tail extends "hasKeys" | "hasAnyKeys"
        ? Iterable<string>
        : Tail extends Exclude<TextOperator, "contains">
          ? string | Expression
          : Tail extends "in" | "range"
            ? Operand<unknown, Tail>
            : Comparable<unknown>;

/** What follows the name of a column. */
type ColumnLookup<V, Tail extends string> =
  IsJson<V> extends true
    ? JsonLookup<Tail>
    : Tail extends keyof CustomLookups
      ? CustomLookups[Tail]
      : Tail extends keyof CustomTransforms
        ? Comparable<CustomTransforms[Tail]>
        : Tail extends `${infer T extends keyof CustomTransforms & string}__${infer Op}`
          ? ColumnLookup<CustomTransforms[T], Op>
          : PlainLookup<V, Tail>;

type PlainLookup<V, Tail extends string> = [NonNullable<V>] extends [string | Date]
  ? Tail extends DatePart
    ? number | Expression
    : Tail extends "date" | "time"
      ? string
      : Tail extends `${DatePart}__${infer Op}`
        ? Operand<number, Op>
        : Tail extends `${"date" | "time"}__${infer Op}`
          ? PlainLookup<string, Op>
          : Operand<V, Tail>
  : Operand<V, Tail>;

type KeyOf<T> = T extends { readonly pk: unknown; id: infer K } ? K : string | number | bigint;

/** What a relation is compared with: the other object, or its key. */
type RelationValue<P> =
  | Target<P>
  | KeyOf<Target<P>>
  | (IsMany<P> extends true ? never : Extract<P, null>)
  | Expression
  | Rows;

type RelationOperand<P, Op extends string> = Op extends "in"
  ? readonly (Target<P> | KeyOf<Target<P>>)[] | ReadonlySet<Target<P> | KeyOf<Target<P>>> | Rows
  : Op extends "isnull"
    ? boolean
    : Op extends "exact"
      ? RelationValue<P>
      : Op extends "gt" | "gte" | "lt" | "lte"
        ? KeyOf<Target<P>> | Expression
        : never;

/** The value that belongs to one key of a condition. */
type LookupValue<M, K extends string> = K extends keyof M
  ? [Target<M[K]>] extends [never]
    ? Comparable<M[K]>
    : RelationValue<M[K]>
  : K extends "pk"
    ? KeyOf<M> | M
    : K extends `${infer Head}__${infer Tail}`
      ? Head extends keyof M
        ? [Target<M[Head]>] extends [never]
          ? ColumnLookup<M[Head], Tail>
          : [RelationOperand<M[Head], Tail>] extends [never]
            ? LookupValue<Target<M[Head]>, Tail>
            : RelationOperand<M[Head], Tail>
        : Head extends "pk"
          ? Operand<KeyOf<M>, Tail>
          : NoSuchField<Head>
      : NoSuchField<K>;

/** Lookups, with the model's own names for completion. */
export type Conditions<M> = { readonly [K in FieldName<M> | "pk"]?: unknown } & Readonly<Record<string, unknown>>;

/** What the conditions that were given must be. */
export type CheckLookups<M, C> = { readonly [K in keyof C]: K extends string ? LookupValue<M, K> : never };

/** One condition of `filter()`, with the model's own names for completion. */
export type ConditionHint<M> = QNode | Expression<Is<boolean>> | Conditions<M>;

/** The lookups inside a Q, each group of them by itself. */
type CheckQ<M, L> = L extends unknown ? (unknown extends L ? L : CheckLookups<M, L>) : never;

/** What each of the conditions that were given must be. */
export type CheckConditions<M, C extends readonly unknown[]> = {
  readonly [I in keyof C]: C[I] extends Expression
    ? C[I]
    : C[I] extends QNode<infer L>
      ? [L] extends [CheckQ<M, L>]
        ? C[I]
        : QNode<CheckQ<M, L>>
      : CheckLookups<M, C[I]>;
};

/** What the lookups of a queryset speak of: its model, with what was annotated. */
export type Searched<M, Row> = Row extends M
  ? Row
  : Row extends readonly unknown[] | string | number | bigint | boolean | null
    ? M
    : M & { [K in Exclude<keyof Row, keyof M>]: Row[K] };

/** The type of what a path of names leads to: a column's value, a relation's key. Never where there is no such name. */
export type PathValue<M, K extends string> =
  K extends FieldName<M>
    ? [Target<M[K]>] extends [never]
      ? M[K]
      : KeyOf<Target<M[K]>> | (IsMany<M[K]> extends true ? never : Extract<M[K], null>)
    : K extends "pk"
      ? KeyOf<M>
      : K extends `${infer Head}__${infer Tail}`
        ? Head extends FieldName<M>
          ? [Target<M[Head]>] extends [never]
            ? never
            : PathValue<Target<M[Head]>, Tail> | Extract<M[Head], null>
          : never
        : never;

type IsPath<M, K extends string> = [PathValue<M, K>] extends [never] ? false : true;

/** What may be read of a date, as `F("createdAt__year")` does. */
type TransformOf<V, Tail extends string> = [NonNullable<V>] extends [string | Date]
  ? Tail extends DatePart
    ? number
    : Tail extends "date" | "time"
      ? string
      : CustomTransform<Tail>
  : IsJson<V> extends true
    ? unknown
    : CustomTransform<Tail>;

type CustomTransform<Name extends string> = Name extends keyof CustomTransforms ? CustomTransforms[Name] : never;

/** {@link PathValue}, with what is made of a column. */
type ColumnPathValue<M, K extends string> = [PathValue<M, K>] extends [never]
  ? K extends `${infer Head}__${infer Tail}`
    ? Head extends FieldName<M>
      ? [Target<M[Head]>] extends [never]
        ? TransformOf<M[Head], Tail> | Extract<M[Head], null>
        : ColumnPathValue<Target<M[Head]>, Tail>
      : never
    : never
  : PathValue<M, K>;

type IsColumnPath<M, K extends string> = [Exclude<ColumnPathValue<M, K>, null>] extends [never] ? IsPath<M, K> : true;

/** What is made of something that was annotated: `firstSeen__year`. */
type AnnotationPathValue<M, Row, K extends string> = K extends `${infer Head}__${infer Tail}`
  ? Head extends Exclude<keyof Row, keyof M>
    ? TransformOf<Row[Head], Tail> | Extract<Row[Head], null>
    : never
  : never;

type IsAnnotationPath<M, Row, K extends string> = [Exclude<AnnotationPathValue<M, Row, K>, null>] extends [never]
  ? false
  : true;

type RelationName<M> = {
  [K in FieldName<M>]: [Target<M[K]>] extends [never] ? never : K;
}[FieldName<M>];

/** A name that the editor may complete, or any other text, which {@link CheckNames} looks at. */
export type OrText<T> = T | (string & {});

export type OrderHint<M> = OrText<FieldName<M> | `-${FieldName<M>}` | "?"> | Expression | OrderBy;
export type RelationHint<M> = OrText<RelationName<M>>;
export type ValueHint<M, Row> = OrText<FieldName<M> | (Exclude<keyof Row, keyof M> & string)>;

type Unsigned<K> = K extends `-${infer Name}` | `+${infer Name}` ? Name : K;

/** The same names, where each leads somewhere. Names that are only known as `string` belong into `orderByNames()`. */
export type CheckOrder<M, Row, N extends readonly unknown[]> = {
  [I in keyof N]: N[I] extends "?" | (Exclude<keyof Row, keyof M> & string) | Expression | OrderBy
    ? N[I]
    : Unsigned<N[I]> extends Exclude<keyof Row, keyof M>
      ? N[I]
      : true extends IsColumnPath<M, Unsigned<N[I]> & string> | IsAnnotationPath<M, Row, Unsigned<N[I]> & string>
        ? N[I]
        : NoSuchField<N[I]>;
};

/** The same paths, where each leads somewhere. */
export type CheckNames<M, N extends readonly string[], Row = M> = {
  [I in keyof N]: N[I] extends Exclude<keyof Row, keyof M>
    ? N[I]
    : true extends IsColumnPath<M, N[I]> | IsAnnotationPath<M, Row, N[I]>
      ? N[I]
      : NoSuchField<N[I]>;
};

type Intersection<U> = (U extends unknown ? (value: U) => void : never) extends (value: infer I) => void ? I : never;

/** A relation that is loaded: the object itself, or null where there may be none. */
type Loaded<M, K extends string> = K extends `${infer Head}__${infer Tail}`
  ? Head extends keyof M
    ? { readonly [P in Head]: (Target<M[Head]> & Loaded<Target<M[Head]>, Tail>) | Extract<M[Head], null> }
    : unknown
  : K extends keyof M
    ? { [P in K]: Target<M[K]> | Extract<M[K], null> }
    : unknown;

/** A row whose relations were selected with it. */
export type SelectedWith<M, Row, K extends string> = Row & Intersection<K extends unknown ? Loaded<M, K> : never>;

/** The type of what an expression gives on a model; see `Expression`. */
export type ResultOn<M, Row, R> =
  R extends Is<infer T>
    ? T
    : R extends PathOf<infer P>
      ? ValueAt<M, Row, P>
      : R extends OrNull<infer I>
        ? ResultOn<M, Row, I> | null
        : R extends MeanOf<infer I>
          ? Mean<NonNullable<ResultOn<M, Row, I>>>
          : R extends FirstOf<infer A>
            ? First<M, Row, A>
            : R extends NullWith<infer I, infer A>
              ? ResultOn<M, Row, I> | Extract<ResultOn<M, Row, A[number]>, null>
              : R extends ManyOf<infer I>
                ? ResultOn<M, Row, I>[]
                : unknown;

/** The mean of decimals is a decimal, everything else's is a number. */
type Mean<V> = V extends string ? string : V extends number | bigint | boolean ? number : V;

type First<M, Row, A extends readonly unknown[]> = A extends readonly [infer H, ...infer T]
  ? T extends readonly []
    ? ResultOn<M, Row, H>
    : null extends ResultOn<M, Row, H>
      ? NonNullable<ResultOn<M, Row, H>> | First<M, Row, T>
      : ResultOn<M, Row, H>
  : never;

type AnnotationValue<M, Row, A> =
  A extends Expression<infer R> ? ResultOn<M, Row, R> : A extends QNode ? boolean : never;

export type AnnotatedWith<M, Row, A> = Row & { [K in keyof A]: AnnotationValue<M, Row, A[K]> };

/** What `aggregate()` gives. */
export type AggregatedTo<M, Row, A> = { -readonly [K in keyof A]: AnnotationValue<M, Row, A[K]> };

/** The paths that an expression's result speaks of. */
type PathsOf<R> =
  R extends PathOf<infer P>
    ? P
    : R extends OrNull<infer I>
      ? PathsOf<I>
      : R extends MeanOf<infer I>
        ? PathsOf<I>
        : R extends FirstOf<infer A>
          ? PathsOf<A[number]>
          : R extends NullWith<infer I, infer A>
            ? PathsOf<I | A[number]>
            : R extends ManyOf<infer I>
              ? PathsOf<I>
              : never;

type ReadPaths<A> =
  | (A extends Expression<infer R> ? PathsOf<R> : never)
  | (A extends { readonly "~reads"?: infer R } ? PathsOf<R> : never);

type WrongPath<M, Row, P> = P extends string
  ? string extends P
    ? never
    : P extends Exclude<keyof Row, keyof M> | "*"
      ? never
      : true extends IsColumnPath<M, P> | IsAnnotationPath<M, Row, P>
        ? never
        : P
  : never;

/** The same annotations, where each path leads somewhere. */
export type CheckAnnotations<M, Row, A> = {
  readonly [K in keyof A]: [WrongPath<M, Row, ReadPaths<A[K]>>] extends [never]
    ? A[K]
    : NoSuchField<WrongPath<M, Row, ReadPaths<A[K]>>>;
};

/** Loaded columns only: what was not loaded cannot be named. */
export type LoadedOnly<M, Row, N extends string> = Omit<
  Row,
  Exclude<ColumnName<M>, N | FirstPart<N> | "id" | `${FirstPart<N>}Id`>
>;

type FirstPart<N extends string> = N extends `${infer Head}__${string}` ? Head : N;

/** Names of columns, not of relations. */
type ColumnName<M> = { [K in FieldName<M>]: [Target<M[K]>] extends [never] ? K : never }[FieldName<M>];

/** What `prefetchRelated()` takes. */
export type PrefetchHint<M> = RelationHint<M> | Prefetch<string, unknown, string>;

/** The same lookups, where each leads somewhere. */
export type CheckPrefetch<M, N extends readonly unknown[]> = {
  [I in keyof N]: N[I] extends { readonly lookup: infer L extends string }
    ? IsPath<M, L> extends true
      ? N[I]
      : NoSuchField<L>
    : N[I] extends string
      ? IsPath<M, N[I]> extends true
        ? N[I]
        : NoSuchField<N[I]>
      : never;
};

/** A row with the properties that prefetches fill. */
export type PrefetchedWith<Row, N extends readonly unknown[]> = Row &
  Intersection<N[number] extends infer P ? (P extends unknown ? FilledBy<P> : never) : never>;

type FilledBy<P> = P extends { readonly lookup: infer L; readonly "~attribute": infer A; readonly "~rows": infer Q }
  ? string extends A
    ? Record<never, never>
    : L extends `${string}__${string}`
      ? Record<never, never>
      : { readonly [K in A & string]: Q }
  : Record<never, never>;

type ValueAt<M, Row, K extends string> =
  K extends Exclude<keyof Row, keyof M>
    ? Row[K]
    : IsAnnotationPath<M, Row, K> extends true
      ? AnnotationPathValue<M, Row, K>
      : ColumnPathValue<M, K>;

/** Rows of `values()`. */
export type ValuesOf<M, Row, N extends readonly string[]> = N extends readonly []
  ? { [K in FieldName<M> as [Target<M[K]>] extends [never] ? K : never]: M[K] }
  : { [K in N[number]]: ValueAt<M, Row, K> };

/** Rows of `valuesList()`. */
export type ListOf<M, Row, N extends readonly string[]> = { -readonly [I in keyof N]: ValueAt<M, Row, N[I]> };

export type FlatValue<M, Row, K extends string> = ValueAt<M, Row, K>;

/** What a field may be given on a new object. */
type Given<P> = [Target<P>] extends [never] ? P : Target<P> | Extract<P, null>;

/** Values of a new object; relations to many are added once it is saved. */
export type Creation<M> = {
  [K in FieldName<M> as IsMany<M[K]> extends true ? never : K]?: Given<M[K]>;
} & { pk?: unknown };

export type UpdateHint<M> = { readonly [K in FieldName<M>]?: unknown } & Readonly<Record<string, unknown>>;

/** What the columns that are given may be set to. */
export type CheckUpdate<M, V> = {
  readonly [K in keyof V]: K extends FieldName<M> ? Given<M[K]> | Expression : NoSuchField<K>;
};
