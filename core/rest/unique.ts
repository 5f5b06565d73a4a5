import { type Constraint, UniqueConstraint } from "../db/constraints.ts";
import type { BaseModel, ModelClass } from "../db/models.ts";
import type { QuerySet } from "../db/queryset.ts";
import type { IntegrityError } from "../exceptions.ts";
import { wireName } from "./filters.ts";
import type { GeneratedFrom } from "./model_schema.ts";
import type { CompiledSchema } from "./serializers.ts";
import type { Values } from "./viewsets.ts";

/** Where the errors that belong to no field stand. */
const nonFieldErrors = "non_field_errors";

/**
 * What is not unique among the given values, in the form of DRF's UniqueValidator and UniqueTogetherValidator.
 *
 * It is asked only where something is wrong already: the database has refused the row, or other fields are wrong and the
 * client shall see everything at once. On the good path uniqueness costs no query.
 *
 * @param values Those that passed their own checks, by the model's names.
 * @param instance The object being changed: it does not stand in its own way, and its values stand in for absent ones.
 */
export async function uniqueErrors(
  schema: CompiledSchema,
  { model, unique }: GeneratedFrom,
  values: Values,
  instance: BaseModel | null,
): Promise<Record<string, string[]> | null> {
  const single = await singleErrors(schema, { model, unique }, values, instance);
  if (Object.keys(single).length > 0) return single;
  return togetherErrors(schema, model, values, instance);
}

async function singleErrors(
  schema: CompiledSchema,
  { model, unique }: GeneratedFrom,
  values: Values,
  instance: BaseModel | null,
): Promise<Record<string, string[]>> {
  const errors: Record<string, string[]> = {};
  for (const { source, wireName: wire } of schema.fields) {
    const field = model._meta.byName.get(source);
    const value = values[source];
    if (!field || !unique.has(source) || field.isAuto || value === undefined || value === null) continue;
    if (!(await exists(model, { [field.name]: value }, instance))) continue;
    errors[wire] = [
      field.options.errorMessages?.unique ??
        `${model._meta.verboseName} with this ${field.verboseName} already exists.`,
    ];
  }
  return errors;
}

async function togetherErrors(
  schema: CompiledSchema,
  model: ModelClass,
  values: Values,
  instance: BaseModel | null,
): Promise<Record<string, string[]> | null> {
  const sources = new Set(schema.fields.map((field) => field.source));
  for (const { fields, message } of uniqueGroups(model)) {
    if (!fields.every((name) => sources.has(name))) continue;
    const current = Object.fromEntries(fields.map((name) => [name, values[name] ?? storedValue(instance, name)]));
    if (Object.values(current).some((value) => value === null || value === undefined)) continue;
    if (await exists(model, current, instance)) return groupError(model, fields, message);
  }
  return null;
}

interface UniqueGroup {
  fields: readonly string[];
  /** What its constraint says, where it says something of its own. */
  message?: string;
}

/** What is unique together in every row; constraints with a condition are left to the database. */
function uniqueGroups({ _meta }: ModelClass): UniqueGroup[] {
  const constraints = _meta.constraints
    .filter(isUnique)
    .filter(({ fields, condition }) => fields.length > 0 && !condition);
  return [
    ..._meta.uniqueTogether.map((fields) => ({ fields })),
    ...constraints.map((constraint) => ({
      fields: constraint.fields,
      ...(constraint.options.violationErrorMessage ? { message: constraint.getViolationErrorMessage() } : {}),
    })),
  ];
}

function isUnique(constraint: Constraint): constraint is UniqueConstraint {
  return constraint instanceof UniqueConstraint;
}

/** One field says what a unique field says. */
function groupError(
  model: ModelClass,
  fields: readonly string[],
  message: string | undefined,
): Record<string, string[]> {
  if (fields.length === 1) {
    const { verboseName } = model._meta.getField(fields[0]);
    const text = message ?? `${model._meta.verboseName} with this ${verboseName} already exists.`;
    return { [wireName(fields[0])]: [text] };
  }
  return { [nonFieldErrors]: [message ?? `The fields ${fields.map(wireName).join(", ")} must make a unique set.`] };
}

/** What the constraint says that the database has named, in DRF's form; null where it is none of the model's. */
export async function constraintErrors(
  model: ModelClass,
  error: IntegrityError,
  values: Values,
  instance: BaseModel | null,
): Promise<Record<string, string[]> | null> {
  const named = model._meta.constraints.filter((constraint) => isViolated(model, constraint, error));
  const violated = named.length > 1 ? await firstViolated(named, model, values, instance) : named[0];
  return violated ? { [nonFieldErrors]: [violated.getViolationErrorMessage()] } : null;
}

/** Of several constraints over the same columns the one that refuses the values. */
async function firstViolated(
  constraints: readonly Constraint[],
  model: ModelClass,
  values: Values,
  instance: BaseModel | null,
): Promise<Constraint> {
  const columns = Object.entries(values).filter(([name]) => !model._meta.byName.get(name)?.isManyToMany);
  const object = instance ?? new model(Object.fromEntries(columns));
  for (const constraint of constraints) {
    const refuses = await constraint.validate(model, object).then(
      () => false,
      () => true,
    );
    if (refuses) return constraint;
  }
  return constraints[0];
}

/** SQLite names the columns of what is not unique, and no constraint. */
function isViolated({ _meta }: ModelClass, constraint: Constraint, error: IntegrityError): boolean {
  if (error.constraint !== undefined) return error.constraint === constraint.name;
  if (error.kind !== "unique" || !isUnique(constraint) || constraint.fields.length === 0) return false;
  const columns = constraint.fields.map((name) => _meta.getField(name).column);
  return error.table === _meta.dbTable && error.columns?.join() === columns.join();
}

function storedValue(instance: BaseModel | null, name: string): unknown {
  if (!instance) return undefined;
  const field = (instance.constructor as ModelClass)._meta.getField(name);
  return (instance as unknown as Values)[field.attname];
}

async function exists(model: ModelClass, values: Values, instance: BaseModel | null): Promise<boolean> {
  let queryset = (model as unknown as { objects: { all(): QuerySet<BaseModel> } }).objects.all();
  for (const [name, value] of Object.entries(values)) queryset = queryset.where(name, value);
  if (!instance) return queryset.exists();
  const others = await queryset.slice(0, 2);
  return others.some((other) => String(other.pk) !== String(instance.pk));
}
