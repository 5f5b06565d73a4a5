import type { Vendor } from "../fields/field_types.ts";

const shared = {
  supportsPartialIndexes: true,
  supportsExpressionIndexes: true,
  supportsTableCheckConstraints: true,
  supportsTransactions: true,
  canDeferConstraintChecks: true,
  canReturnColumnsFromInsert: true,
  supportsJSONField: true,
};

/** What the databases can do, under the names of Django's `DatabaseFeatures`: what a model may require. */
export const features = {
  sqlite: {
    ...shared,
    hasNativeUuidField: false,
    hasNativeDurationField: false,
    hasSelectForUpdate: false,
    hasSelectForUpdateNowait: false,
    hasSelectForUpdateSkipLocked: false,
    supportsComments: false,
    supportsCoveringIndexes: false,
    supportsDeferrableUniqueConstraints: false,
    supportsNullsDistinctUniqueConstraints: false,
    supportsTimezones: false,
  },
  postgresql: {
    ...shared,
    hasNativeUuidField: true,
    hasNativeDurationField: true,
    hasSelectForUpdate: true,
    hasSelectForUpdateNowait: true,
    hasSelectForUpdateSkipLocked: true,
    supportsComments: true,
    supportsCoveringIndexes: true,
    supportsDeferrableUniqueConstraints: true,
    supportsNullsDistinctUniqueConstraints: true,
    supportsTimezones: true,
  },
} satisfies Record<Vendor, Record<string, boolean>>;

/** The name of something that a database can do or not. */
export type DbFeature = keyof (typeof features)["postgresql"];
