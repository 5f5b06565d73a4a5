// core-framework/db: models, their fields, queries and transactions.

export { NON_FIELD_ERRORS, ValidationError } from "../exceptions.ts";
export { runWithSignal } from "./abort.ts";
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
export type { Deleted } from "./deletion/collector.ts";
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
export type { EntityClass } from "./entities/entity_fields.ts";
export { type EntityModel, managerFor, modelFor } from "./entities/entity_models.ts";
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
export {
  type ChoiceList,
  type Choices,
  type ChoicesType,
  IntegerChoices,
  TextChoices,
} from "./fields/choices.ts";
export type { Display, NextBy } from "./fields/display.ts";
export { Field, type FieldOptions, uuid4 } from "./fields/field.ts";
export { Reverse } from "./fields/reverse.ts";
export * from "./fields.ts";
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
export { finalizeModels } from "./meta/model_setup.ts";
export { stateOf } from "./meta/model_state.ts";
export type { MetaOptions, Options, RelatedObject } from "./meta/options.ts";
export { BaseModel, type ManyRelated, Model, type ModelClass, model, type Related } from "./models.ts";
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
export type { Projection } from "./projection.ts";
export { QuerySet } from "./queryset.ts";
export { RawQuerySet } from "./raw.ts";
export { FETCH_ONE, FETCH_PEERS, RAISE } from "./related/peers.ts";
export { Prefetch } from "./related/prefetch.ts";
export { RelatedManager } from "./related/related.ts";
export { type DatabaseRouter, type MigrateHints, type RouterHints, router } from "./routers.ts";
export type { SaveOptions } from "./rows/save.ts";
export { resetSequences } from "./sequences.ts";
export { loadFixtures } from "./serialization/fixture_loader.ts";
export {
  DeserializationError,
  type FixtureObject,
  NaturalKey,
  type ReadFixtureOptions,
  readFixture,
} from "./serialization/fixtures.ts";
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
