// Which values of an object are to be unique, and whether another row has them: `_get_unique_checks()` and
// `_perform_unique_checks()` of django.db.models.base.
import { NON_FIELD_ERRORS, ValidationError } from "../../exceptions.ts";
import { capfirst, enumerate } from "../../utils/text.ts";
import { Expression } from "../expressions/base.ts";
import type { Field } from "../fields/field.ts";
import { stateOf } from "../meta/model_state.ts";
import type { BaseModel, ModelClass } from "../models.ts";
import { QuerySet } from "../queryset.ts";

type Attributes = Record<string, unknown>;

/** Values that no other row may have, and what is wrong if one does. */
interface UniqueCheck {
  /** The field that the error is of, or `__all__`. */
  key: string;
  model: ModelClass;
  conditions: Attributes;
  error: () => ValidationError;
}

/** The errors of the values that other rows have already, by field. One query for each unique field or set of fields. */
export async function uniqueErrors(
  object: BaseModel,
  exclude: ReadonlySet<string>,
): Promise<Record<string, ValidationError[]>> {
  const checks = [...togetherChecks(object, exclude), ...fieldChecks(object, exclude), ...dateChecks(object, exclude)];
  const taken = await Promise.all(checks.map((check) => isTaken(object, check)));
  const errors: Record<string, ValidationError[]> = {};
  for (const { key, error } of checks.filter((_, index) => taken[index]))
    errors[key] = [...(errors[key] ?? []), error()];
  return errors;
}

async function isTaken(object: BaseModel, { model, conditions }: UniqueCheck): Promise<boolean> {
  const { adding, db } = stateOf(object);
  let rows = new QuerySet(model);
  if (db !== null) rows = rows.using(db);
  for (const [path, value] of Object.entries(conditions)) rows = rows.where(path, value);
  const key = keyOf(object, model);
  if (!adding && key !== null && key !== undefined) rows = rows.exclude({ pk: key } as never);
  return rows.exists();
}

/** The object's key in the table of this model: a multi-table parent may have another than the child. */
function keyOf(object: BaseModel, model: ModelClass): unknown {
  return (object as never as Attributes)[model._meta.pk.attname];
}

/** The conditions of a row with the same values, or null where one is missing and nothing is to be checked. */
function sameValues(object: BaseModel, fields: readonly Field[]): Attributes | null {
  const { adding } = stateOf(object);
  const conditions: Attributes = {};
  for (const field of fields) {
    const value = (object as never as Attributes)[field.attname];
    if (value === null || value === undefined || value instanceof Expression) return null;
    // The row itself has its key; there is nothing to ask.
    if (field.primaryKey && !adding) return null;
    conditions[field.name] = value;
  }
  return conditions;
}

/** The model of each table that the object has a row in: its own, and those of its multi-table parents. */
export function tablesOf(object: BaseModel): readonly ModelClass[] {
  const { concreteModel, parents } = (object.constructor as ModelClass)._meta;
  return [concreteModel, ...parents];
}

function togetherChecks(object: BaseModel, exclude: ReadonlySet<string>): UniqueCheck[] {
  return tablesOf(object).flatMap((model) => togetherChecksOf(model, object, exclude));
}

function togetherChecksOf(model: ModelClass, object: BaseModel, exclude: ReadonlySet<string>): UniqueCheck[] {
  return model._meta.uniqueTogether
    .filter((names) => !names.some((name) => exclude.has(name)))
    .flatMap((names) => {
      const fields = names.map((name) => model._meta.getField(name));
      const conditions = sameValues(object, fields);
      return conditions
        ? [{ key: NON_FIELD_ERRORS, model, conditions, error: () => togetherError(model, fields) }]
        : [];
    });
}

/** `Book with this Author and Title already exists.` */
export function togetherError({ _meta }: ModelClass, fields: readonly Field[]): ValidationError {
  const field_labels = enumerate(fields.map(labelOf), "and");
  const message = "%(model_name)s with this %(field_labels)s already exists.";
  const unique_check = fields.map(({ name }) => name);
  const params = { model_name: capfirst(_meta.verboseName), field_labels, unique_check };
  return new ValidationError(message, { code: "unique_together", params });
}

function labelOf({ verboseName }: Field): string {
  return capfirst(verboseName);
}

function fieldChecks(object: BaseModel, exclude: ReadonlySet<string>): UniqueCheck[] {
  const { fields } = (object.constructor as ModelClass)._meta;
  return fields
    .filter((field) => field.unique && !exclude.has(field.name))
    .flatMap((field) => {
      const conditions = sameValues(object, [field]);
      // A multi-table parent's field is unique among all rows of the parent.
      return conditions ? [{ key: field.name, model: field.model, conditions, error: () => uniqueError(field) }] : [];
    });
}

/** `Book with this Title already exists.`, or what the field says. */
export function uniqueError(field: Field): ValidationError {
  const model_name = capfirst(field.model._meta.verboseName);
  const params = { model_name, field_label: labelOf(field), unique_check: [field.name] };
  return new ValidationError(field.errorMessages.unique as string, { code: "unique", params });
}

const dateOptions = { uniqueForDate: "date", uniqueForYear: "year", uniqueForMonth: "month" } as const;

function dateChecks(object: BaseModel, exclude: ReadonlySet<string>): UniqueCheck[] {
  const { fields } = (object.constructor as ModelClass)._meta;
  return fields
    .filter(({ name }) => !exclude.has(name))
    .flatMap((field) =>
      (Object.keys(dateOptions) as (keyof typeof dateOptions)[]).flatMap((option) => {
        const date = field.options[option];
        return date === undefined || exclude.has(date) ? [] : dateCheck(object, field, date, dateOptions[option]);
      }),
    );
}

function dateCheck(object: BaseModel, field: Field, date: string, lookup: "date" | "year" | "month"): UniqueCheck[] {
  const attributes = object as never as Attributes;
  const parts = datePartsOf(attributes[date]);
  if (!parts) return [];
  const asked = lookup === "date" ? (["year", "month", "day"] as const) : ([lookup] as const);
  const conditions = Object.fromEntries(asked.map((part) => [`${date}__${part}`, parts[part]]));
  const error = () => dateError(field, date, lookup);
  return [
    {
      key: field.name,
      model: field.model,
      conditions: { ...conditions, [field.name]: attributes[field.attname] },
      error,
    },
  ];
}

function datePartsOf(value: unknown): { year: number; month: number; day: number } | null {
  const text = value instanceof Date ? value.toISOString() : value;
  const match = typeof text === "string" ? /^(\d{4})-(\d\d)-(\d\d)/.exec(text) : null;
  if (!match) return null;
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number];
  return { year, month, day };
}

function dateError(field: Field, date: string, lookup_type: string): ValidationError {
  const { _meta: meta } = field.model;
  const params = {
    model_name: capfirst(meta.verboseName),
    lookup_type,
    field: field.name,
    field_label: labelOf(field),
    date_field: date,
    date_field_label: labelOf(meta.getField(date)),
  };
  return new ValidationError(field.errorMessages.unique_for_date as string, { code: "unique_for_date", params });
}
