// getOrCreate() and updateOrCreate(): safe where others do the same at the same time.
import { FieldError, IntegrityError, ObjectDoesNotExist } from "../../exceptions.ts";
import { Expression } from "../expressions/base.ts";
import type { BaseModel, ModelClass } from "../models.ts";
import { atomic } from "../transaction.ts";

/** The part of a queryset that is needed here. */
export interface Upserting {
  readonly model: ModelClass;
  /** The one row that the conditions hold for, locked if so asked. */
  find(locked: boolean): Promise<BaseModel>;
  create(values: object): Promise<BaseModel>;
  readonly using: string;
}

type Values = Readonly<Record<string, unknown>>;

/** The row, or a new one; tells whether it is new. */
export async function getOrCreate(
  query: Upserting,
  conditions: object,
  defaults: Values,
): Promise<[BaseModel, boolean]> {
  try {
    return [await query.find(false), false];
  } catch (error) {
    if (!(error instanceof ObjectDoesNotExist)) throw error;
  }
  return createOrFind(query, conditions, defaults, false);
}

async function createOrFind(
  query: Upserting,
  conditions: object,
  defaults: Values,
  locked: boolean,
): Promise<[BaseModel, boolean]> {
  const values = { ...plainValues(query.model, conditions), ...called(defaults) };
  try {
    return [await atomic(() => query.create(values), { using: query.using }), true];
  } catch (error) {
    if (!(error instanceof IntegrityError)) throw error;
    // Somebody else was faster; where it was not that, the first error is the one to report.
    return [await query.find(locked).catch(() => Promise.reject(error)), false];
  }
}

/** Changes the row, locked, or makes it; tells whether it is new. */
export async function updateOrCreate(
  query: Upserting,
  conditions: object,
  defaults: Values,
  createDefaults: Values,
): Promise<[BaseModel, boolean]> {
  const run = async (): Promise<[BaseModel, boolean]> => {
    const [object, created] = await query.find(true).then(
      (found): [BaseModel, boolean] => [found, false],
      (error) => {
        if (!(error instanceof ObjectDoesNotExist)) throw error;
        return createOrFind(query, conditions, createDefaults, true);
      },
    );
    if (!created) await update(object, called(defaults), query.using);
    return [object, created];
  };
  return atomic(run, { using: query.using });
}

/** Only what was given is written, and what sets itself, so that the changes of others are kept. */
async function update(object: BaseModel, values: Values, using: string): Promise<void> {
  Object.assign(object, values);
  await object.save({ using });
}

/** A default may be a function that makes it. */
function called(values: Values): Record<string, unknown> {
  const entries = Object.entries(values).map(([name, value]) => [name, typeof value === "function" ? value() : value]);
  return Object.fromEntries(entries);
}

/** Of conditions only `name` and `name__exact` say what a new object's value must be. */
function plainValues(model: ModelClass, conditions: object): Record<string, unknown> {
  const plain = Object.entries(conditions).map(([key, value]) => [key.replace(/__exact$/, ""), value] as const);
  return Object.fromEntries(plain.filter(([key, value]) => !key.includes("__") && isValue(model, key, value)));
}

function isValue({ _meta: meta }: ModelClass, key: string, value: unknown): boolean {
  if (!(value instanceof Expression)) return key === "pk" || meta.byName.has(key);
  throw new FieldError(`"${key}" is compared with an expression, of which no new ${meta.objectName} can be made.`, {
    hint: `Give the value for a new one among the defaults.`,
  });
}
