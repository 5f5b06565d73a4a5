// Many objects at once: bulkUpdate() and inBulk().
import { FieldError } from "../../exceptions.ts";
import { Expression, F, type OutputField, Value } from "../expressions/base.ts";
import { Case, When } from "../expressions/conditional.ts";
import type { Field } from "../fields/field.ts";
import type { BaseModel, ModelClass } from "../models.ts";

type Attributes = Readonly<Record<string, unknown>>;

/** The columns that `bulkUpdate()` writes. Throws a FieldError for a name that is none of the model's own. */
export function updatedFields({ _meta: meta }: ModelClass, names: readonly string[]): readonly Field[] {
  if (names.length === 0) throw new FieldError("Field names must be given to bulkUpdate().");
  return names.map((name) => {
    const field = meta.getField(name);
    if (field.isManyToMany) throw new FieldError("bulkUpdate() can only be used with concrete fields.");
    if (field.primaryKey) throw new FieldError("bulkUpdate() cannot be used with primary key fields.");
    return field;
  });
}

/** SQLite takes 32,766 parameters in a statement; an object needs two for each column and one for its key. */
const PARAMETERS = 30_000;

/** Objects in groups that one statement can hold. */
export function batches<T>(objects: readonly T[], columns: number, size: number | undefined): T[][] {
  if (size !== undefined && !(Number.isSafeInteger(size) && size > 0)) {
    throw new FieldError("Batch size must be a positive integer.");
  }
  const most = Math.max(1, Math.floor(PARAMETERS / (2 * columns + 1)));
  const step = Math.min(size ?? most, most);
  return Array.from({ length: Math.ceil(objects.length / step) }, (_, i) => objects.slice(i * step, (i + 1) * step));
}

/** What each column is set to: by the object's key, its value. */
export function bulkAssignments(objects: readonly BaseModel[], fields: readonly Field[]): Record<string, Expression> {
  return Object.fromEntries(fields.map((field) => [field.attname, byKey(objects, field)]));
}

function byKey(objects: readonly BaseModel[], field: Field): Expression {
  // What an expression is told of a field is its decorator, which carries it.
  const outputField = { field: field.isForeignKey ? field.targetField : field } as OutputField;
  const branches = objects.map((object) => {
    const value = (object as never as Attributes)[field.attname] ?? null;
    return When({ pk: object.pk }, value instanceof Expression ? value : Value(value, { outputField }));
  });
  return Case(...branches, { default: F(field.attname), outputField });
}

/** Throws a FieldError for an object that has no row to update. */
export function checkSaved(objects: readonly BaseModel[]): void {
  if (objects.some(({ pk }) => pk === null || pk === undefined)) {
    throw new FieldError("All bulkUpdate() objects must have a primary key set.");
  }
}
