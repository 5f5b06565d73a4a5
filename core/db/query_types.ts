// What the compiler knows of lookups. Each key that is given is parsed, with template literal types; enumerating every
// key that could be given takes half a minute on fifty models that refer to each other.
import type { Aggregate, Annotation, ExistsExpression, Expression, QNode } from "./expressions.ts";
import type { BaseModel } from "./models.ts";

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
  | "iregex";

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
            ? string
            : NoSuchLookup<Op>;

/** What follows the name of a column. */
type ColumnLookup<V, Tail extends string> = [NonNullable<V>] extends [string | Date]
  ? Tail extends DatePart
    ? number | Expression
    : Tail extends "date" | "time"
      ? string
      : Tail extends `${DatePart}__${infer Op}`
        ? Operand<number, Op>
        : Tail extends `${"date" | "time"}__${infer Op}`
          ? Operand<string, Op>
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
export type ConditionHint<M> = QNode | Conditions<M>;

/** What each of the conditions that were given must be. */
export type CheckConditions<M, C extends readonly unknown[]> = {
  readonly [I in keyof C]: C[I] extends QNode ? C[I] : CheckLookups<M, C[I]>;
};

/** What the lookups of a queryset speak of: its model, with what was annotated. */
export type Searched<M, Row> = Row extends M ? Row : M;

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

type RelationName<M> = {
  [K in FieldName<M>]: [Target<M[K]>] extends [never] ? never : K;
}[FieldName<M>];

/** A name that the editor may complete, or any other text, which {@link CheckNames} looks at. */
type OrText<T> = T | (string & {});

export type OrderHint<M> = OrText<FieldName<M> | `-${FieldName<M>}` | "?">;
export type RelationHint<M> = OrText<RelationName<M>>;
export type ValueHint<M, Row> = OrText<FieldName<M> | (Exclude<keyof Row, keyof M> & string)>;

type Unsigned<K> = K extends `-${infer Name}` | `+${infer Name}` ? Name : K;

/** The same names, where each leads somewhere. Names that are only known as `string` belong into `orderByNames()`. */
export type CheckOrder<M, Row, N extends readonly string[]> = {
  [I in keyof N]: N[I] extends "?" | (Exclude<keyof Row, keyof M> & string)
    ? N[I]
    : Unsigned<N[I]> extends Exclude<keyof Row, keyof M>
      ? N[I]
      : IsPath<M, Unsigned<N[I]> & string> extends true
        ? N[I]
        : NoSuchField<N[I]>;
};

/** The same paths, where each leads somewhere. */
export type CheckNames<M, N extends readonly string[], Row = M> = {
  [I in keyof N]: N[I] extends Exclude<keyof Row, keyof M>
    ? N[I]
    : IsPath<M, N[I]> extends true
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

/** The type of an annotation's result. */
type AnnotationValue<M, A> =
  A extends Aggregate<infer P, infer N>
    ? N extends "COUNT"
      ? number
      : N extends "AVG"
        ? (NonNullable<PathValue<M, P>> extends string ? string : number) | null
        : NonNullable<PathValue<M, P>> | null
    : A extends ExistsExpression
      ? boolean
      : never;

export type AnnotatedWith<M, Row, A extends Readonly<Record<string, Annotation>>> = Row & {
  [K in keyof A]: AnnotationValue<M, A[K]>;
};

/** The same annotations, where each path leads somewhere. */
export type CheckAnnotations<M, A> = {
  readonly [K in keyof A]: A[K] extends Aggregate<infer P, infer _>
    ? IsPath<M, P> extends true
      ? A[K]
      : NoSuchField<P>
    : A[K];
};

type ValueAt<M, Row, K extends string> = K extends Exclude<keyof Row, keyof M> ? Row[K] : PathValue<M, K>;

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
