// core-framework/db: models, their fields, queries and transactions.

export { NON_FIELD_ERRORS, ValidationError } from "../exceptions.ts";
export { runWithSignal } from "./abort.ts";
export {
  type ChoiceList,
  type Choices,
  type ChoicesType,
  IntegerChoices,
  TextChoices,
} from "./choices.ts";
export type { Deleted } from "./collector.ts";
export { type Connection, connections, type QueryEvent, type QueryListener, type QueryResult } from "./connections.ts";
export {
  BaseConstraint,
  type BaseConstraintOptions,
  CheckConstraint,
  type CheckConstraintOptions,
  type Constraint,
  Deferrable,
  UniqueConstraint,
  type UniqueConstraintOptions,
  type ValidateOptions,
} from "./constraints.ts";
export {
  CASCADE,
  DB_CASCADE,
  DB_SET_DEFAULT,
  DB_SET_NULL,
  DO_NOTHING,
  type OnDelete,
  PROTECT,
  RESTRICT,
  SET,
  SET_DEFAULT,
  SET_NULL,
} from "./deletion.ts";
export type { Display, NextBy } from "./display.ts";
export type { EntityClass } from "./entity_fields.ts";
export { type EntityModel, managerFor, modelFor } from "./entity_models.ts";
export {
  Aggregate,
  type AggregateArgument,
  type AggregateOptions,
  Avg,
  Count,
  Max,
  Min,
  StdDev,
  StringAgg,
  Sum,
  Variance,
} from "./expressions/aggregates.ts";
export { Expression, F, OrderBy, type OrderOptions, type OutputField, Value } from "./expressions/base.ts";
export { Case, When } from "./expressions/conditional.ts";
export { ExpressionWrapper, Func, type FuncKind } from "./expressions/func.ts";
export { type ConditionInput, Q, QNode } from "./expressions/q.ts";
export { Exists, OuterRef, Subquery } from "./expressions/subquery.ts";
export {
  type FrameOptions,
  RowRange,
  ValueRange,
  Window,
  type WindowFrame,
  type WindowFrameExclusion,
  type WindowOptions,
} from "./expressions/window.ts";
export { Field, type FieldOptions, uuid4 } from "./field.ts";
export * from "./fields.ts";
export { loadFixtures } from "./fixture_loader.ts";
export {
  DeserializationError,
  type FixtureObject,
  NaturalKey,
  type ReadFixtureOptions,
  readFixture,
} from "./fixtures.ts";
export { Cast, Coalesce, Collate, Greatest, Least, NullIf } from "./functions/comparison.ts";
export {
  Extract,
  ExtractDay,
  ExtractHour,
  ExtractIsoWeekDay,
  ExtractIsoYear,
  ExtractMinute,
  ExtractMonth,
  ExtractQuarter,
  ExtractSecond,
  ExtractWeek,
  ExtractWeekDay,
  ExtractYear,
  Now,
  Trunc,
  TruncDate,
  TruncDay,
  TruncHour,
  TruncMinute,
  TruncMonth,
  TruncQuarter,
  TruncSecond,
  TruncTime,
  TruncWeek,
  TruncYear,
  type ZoneOptions,
} from "./functions/datetime.ts";
export { JSONArray, JSONObject, KT } from "./functions/json.ts";
export {
  Abs,
  ACos,
  ASin,
  ATan,
  ATan2,
  Ceil,
  Cos,
  Cot,
  Degrees,
  Exp,
  Floor,
  Ln,
  Log,
  Mod,
  Pi,
  Power,
  Radians,
  Random,
  Round,
  Sign,
  Sin,
  Sqrt,
  Tan,
} from "./functions/math.ts";
export {
  Chr,
  Concat,
  ConcatPair,
  Left,
  Length,
  Lower,
  LPad,
  LTrim,
  MD5,
  Ord,
  Repeat,
  Replace,
  ReverseText,
  Right,
  RPad,
  RTrim,
  SHA1,
  SHA224,
  SHA256,
  SHA384,
  SHA512,
  StrIndex,
  Substr,
  Trim,
  Upper,
} from "./functions/text.ts";
export { UUID4, UUID7 } from "./functions/uuid.ts";
export {
  CumeDist,
  DenseRank,
  FirstValue,
  Lag,
  LastValue,
  Lead,
  NthValue,
  Ntile,
  PercentRank,
  Rank,
  RowNumber,
} from "./functions/window.ts";
export { Index, type IndexOptions } from "./indexes.ts";
export * from "./lookups/declared.ts";
export { type Lookup, type LookupTransform, registerLookup } from "./lookups.ts";
export { Manager, type ManagerFrom } from "./manager.ts";
export { finalizeModels } from "./model_setup.ts";
export { stateOf } from "./model_state.ts";
export { BaseModel, type ManyRelated, Model, type ModelClass, model, type Related } from "./models.ts";
export type { MetaOptions, Options, RelatedObject } from "./options.ts";
export { FETCH_ONE, FETCH_PEERS, RAISE } from "./peers.ts";
export { ArrayAgg, BitAnd, BitOr, BitXor, BoolAnd, BoolOr, JSONBAgg } from "./postgres/aggregates.ts";
export {
  ExclusionConstraint,
  type ExclusionConstraintOptions,
  RangeOperators,
} from "./postgres/exclusion_constraint.ts";
export {
  BloomIndex,
  BrinIndex,
  BTreeIndex,
  GinIndex,
  GistIndex,
  HashIndex,
  OpClass,
  SpGistIndex,
} from "./postgres/indexes.ts";
export { Range, type RangeBounds } from "./postgres/ranges.ts";
export {
  SearchHeadline,
  type SearchHeadlineOptions,
  SearchQuery,
  type SearchQueryExpression,
  type SearchQueryOptions,
  SearchRank,
  type SearchRankOptions,
  SearchVector,
  type SearchVectorExpression,
  type SearchVectorOptions,
  TrigramDistance,
  TrigramSimilarity,
  TrigramStrictWordDistance,
  TrigramStrictWordSimilarity,
  TrigramWordDistance,
  TrigramWordSimilarity,
} from "./postgres/search.ts";
export { Prefetch } from "./prefetch.ts";
export type { Projection } from "./projection.ts";
export { QuerySet } from "./queryset.ts";
export { RawQuerySet } from "./raw.ts";
export { RelatedManager } from "./related.ts";
export { Reverse } from "./reverse.ts";
export { type DatabaseRouter, type MigrateHints, type RouterHints, router } from "./routers.ts";
export type { SaveOptions } from "./save.ts";
export { resetSequences } from "./sequences.ts";
export {
  type FixtureFormat,
  type SerializeOptions,
  SerializerDoesNotExist,
  serialize,
} from "./serialization/serialize.ts";
export { m2mChanged, postDelete, postSave, preDelete, preSave } from "./signals.ts";
export {
  type AtomicOptions,
  atomic,
  getAutocommit,
  getRollback,
  onCommit,
  savepoint,
  savepointCommit,
  savepointRollback,
  setRollback,
} from "./transaction.ts";
export type { ExcludeOptions, FullCleanOptions } from "./validation.ts";
