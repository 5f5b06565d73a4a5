// What bulkCreate() does with rows that break a unique constraint.
import { FieldError } from "../../exceptions.ts";
import { quoteName } from "../backends/base.ts";
import type { Options } from "../meta/options.ts";
import type { FieldName } from "../query_types.ts";

export interface ConflictOptions<M = never> {
  /** Rows that break a constraint are left out. Their objects get no keys. */
  ignoreConflicts?: boolean;
  /** Rows that break the constraint of `uniqueFields` change the row that is there instead. */
  updateConflicts?: boolean;
  updateFields?: readonly ([M] extends [never] ? string : FieldName<M>)[];
  uniqueFields?: readonly ([M] extends [never] ? string : FieldName<M> | "pk")[];
}

/** Throws a FieldError where the options do not fit together; the sentences are Django's. */
export function checkConflicts({ label }: Options, options: ConflictOptions): void {
  const { ignoreConflicts, updateConflicts, updateFields = [], uniqueFields = [] } = options;
  if (ignoreConflicts && updateConflicts) {
    throw new FieldError("ignoreConflicts and updateConflicts are mutually exclusive.");
  }
  if (!updateConflicts) return;
  if (updateFields.length === 0) {
    throw new FieldError("Fields that will be updated when a row insertion fails on conflicts must be provided.");
  }
  if (uniqueFields.length > 0) return;
  throw new FieldError(`Unique fields that can trigger the upsert must be provided for ${label}.`);
}

/** ` ON CONFLICT …`, or nothing. */
export function conflictClause(meta: Options, options: ConflictOptions): string {
  if (options.ignoreConflicts) return " ON CONFLICT DO NOTHING";
  if (!options.updateConflicts) return "";
  const column = (name: string) => quoteName(meta.getField(name).column);
  const unique = (options.uniqueFields ?? []).map(column).join(", ");
  const set = (options.updateFields ?? []).map((name) => `${column(name)} = EXCLUDED.${column(name)}`);
  return ` ON CONFLICT (${unique}) DO UPDATE SET ${set.join(", ")}`;
}
