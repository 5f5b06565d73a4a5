// `Model.full_clean()` and its parts: django.db.models.base.
import { NON_FIELD_ERRORS, ValidationError } from "../exceptions.ts";
import { tablesOf, uniqueErrors } from "./checks/unique_checks.ts";
import { Expression } from "./expressions/base.ts";
import type { Field } from "./fields/field.ts";
import { isEmpty } from "./fields/field_validation.ts";
import { fail } from "./fields/to_python.ts";
import { stateOf } from "./meta/model_state.ts";
import type { BaseModel, ModelClass } from "./models.ts";
import { QuerySet } from "./queryset.ts";

/** Which fields are left alone, by name. */
export interface ExcludeOptions {
  exclude?: Iterable<string>;
}

/** What `Model.fullClean()` takes. */
export interface FullCleanOptions extends ExcludeOptions {
  /** Ask the database for rows with the same unique values; default true. */
  validateUnique?: boolean;
  /** Ask each of the model's `constraints`; default true. */
  validateConstraints?: boolean;
}

/** A constraint that can say whether an object would violate it. */
interface ValidatingConstraint {
  readonly fields?: readonly string[];
  validate(
    model: ModelClass,
    instance: BaseModel,
    options: { exclude: ReadonlySet<string>; using?: string },
  ): void | Promise<void>;
}

type Errors = Record<string, ValidationError[]>;

/** The values of an object, by the names of its attributes. */
export function attributesOf(object: BaseModel): Record<string, unknown> {
  return object as never as Record<string, unknown>;
}

/**
 * What `Model.fullClean()` does: the fields, then `clean()` even if they are wrong, then what asks the database, of which
 * the fields that are wrong already are left out.
 */
export async function fullClean(object: BaseModel, options: FullCleanOptions): Promise<void> {
  const exclude = new Set(options.exclude);
  const errors: Errors = {};
  await collect(errors, () => object.cleanFields({ exclude }));
  await collect(errors, () => object.clean());
  const stillGood = () => {
    for (const name of Object.keys(errors)) if (name !== NON_FIELD_ERRORS) exclude.add(name);
    return { exclude };
  };
  if (options.validateUnique ?? true) await collect(errors, () => object.validateUnique(stillGood()));
  if (options.validateConstraints ?? true) await collect(errors, () => object.validateConstraints(stillGood()));
  throwAny(errors);
}

async function collect(errors: Errors, check: () => void | Promise<void>): Promise<void> {
  try {
    await check();
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    error.updateErrorDict(errors);
  }
}

function throwAny(errors: Errors): void {
  if (Object.keys(errors).length > 0) throw new ValidationError(errors);
}

/** What `Model.cleanFields()` does: converts and checks each value, and writes it back. */
export async function cleanFields(object: BaseModel, options: ExcludeOptions): Promise<void> {
  const exclude = new Set(options.exclude);
  const errors: Errors = {};
  for (const field of (object.constructor as ModelClass)._meta.fields) {
    if (exclude.has(field.name)) continue;
    await collect(errors, () => cleanField(object, field).catch((error) => throwOf(field, error)));
  }
  throwAny(errors);
}

function throwOf(field: Field, error: unknown): never {
  throw error instanceof ValidationError ? new ValidationError({ [field.name]: error }) : error;
}

async function cleanField(object: BaseModel, field: Field): Promise<void> {
  const attributes = attributesOf(object);
  const value = attributes[field.attname];
  if (field.blank && isEmpty(value)) return;
  // The database gives it one.
  // A reference to a multi-table parent is set with the parent's row.
  if (field.remote?.parentLink) return;
  if (field.isGenerated || value instanceof Expression || (field.hasDbDefault && value === undefined)) return;
  const cleaned = field.clean(value);
  if (field.isForeignKey && !isEmpty(cleaned)) await checkTarget(object, field, cleaned);
  if (cleaned !== value && !(cleaned === null && value === undefined)) attributes[field.attname] = cleaned;
}

/** A key must lead to a row, and to one that may be chosen. */
async function checkTarget(object: BaseModel, field: Field, key: unknown): Promise<void> {
  const { targetField, relatedModel } = field;
  const rows = new QuerySet(relatedModel).using(stateOf(object).db).where(targetField.name, key);
  const limit = field.getLimitChoicesTo();
  if (await (limit ? rows.filter(limit as never) : rows).exists()) return;
  const params = { model: relatedModel._meta.verboseName, pk: key, field: targetField.name, value: key };
  fail(field, "invalid", params);
}

/** What `Model.validateUnique()` does. */
export async function validateUnique(object: BaseModel, options: ExcludeOptions): Promise<void> {
  throwAny(await uniqueErrors(object, new Set(options.exclude)));
}

/** What `Model.validateConstraints()` does: a violated constraint of one field is that field's error. */
export async function validateConstraints(object: BaseModel, options: ExcludeOptions): Promise<void> {
  const exclude = new Set(options.exclude);
  const errors: Errors = {};
  for (const model of tablesOf(object)) {
    for (const constraint of model._meta.constraints as readonly unknown[] as readonly ValidatingConstraint[]) {
      await collect(errors, () => validateConstraint(constraint, model, object, exclude));
    }
  }
  throwAny(errors);
}

async function validateConstraint(
  constraint: ValidatingConstraint,
  model: ModelClass,
  object: BaseModel,
  exclude: ReadonlySet<string>,
): Promise<void> {
  if (typeof constraint.validate !== "function") return;
  const { db } = stateOf(object);
  try {
    await constraint.validate(model, object, { exclude, ...(db === null ? {} : { using: db }) });
  } catch (error) {
    throw error instanceof ValidationError ? ofConstraint(constraint, error) : error;
  }
}

function ofConstraint({ fields }: ValidatingConstraint, error: ValidationError): ValidationError {
  return error.code === "unique" && fields?.length === 1 ? new ValidationError({ [fields[0]]: error }) : error;
}
