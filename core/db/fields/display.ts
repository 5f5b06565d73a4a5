// The methods that fields give the objects of their model: `get_FOO_display()`, `get_next_by_FOO()`,
// `get_previous_by_FOO()`. Whatever the class has itself under such a name stays.
import { capfirst } from "../../utils/text.ts";
import { Q } from "../expressions/q.ts";
import { stateOf } from "../meta/model_state.ts";
import type { BaseModel, ModelClass } from "../models.ts";
import { QuerySet } from "../queryset.ts";
import type { Field } from "./field.ts";

/**
 * The type of `get<Field>Display()`, to be declared where it is called: `declare getStatusDisplay: Display;`, for a field
 * that may be null `Display<null>`.
 */
export type Display<N extends null = never> = () => string | N;

/**
 * The type of `getNextBy<Field>()` and `getPreviousBy<Field>()`: the object after (before) this one, among those that
 * fulfil the conditions. Throws the model's `DoesNotExist` where there is none.
 */
export type NextBy<M> = (conditions?: object) => Promise<M>;

type Attributes = Record<string, unknown>;

/** Puts the methods of a model's fields on its prototype. */
export function installFieldMethods(model: ModelClass): void {
  for (const field of model._meta.fields) {
    const name = capfirst(field.name);
    if (field.options.choices) {
      define(model, `get${name}Display`, function (this: BaseModel) {
        return displayOf(this, field);
      });
    }
    if (!isDated(field)) continue;
    define(model, `getNextBy${name}`, function (this: BaseModel, conditions?: object) {
      return neighbour(this, field, true, conditions);
    });
    define(model, `getPreviousBy${name}`, function (this: BaseModel, conditions?: object) {
      return neighbour(this, field, false, conditions);
    });
  }
}

function isDated({ kind, null: mayBeNull }: Field): boolean {
  return (kind === "DateField" || kind === "DateTimeField") && !mayBeNull;
}

function define(model: ModelClass, name: string, value: unknown): void {
  if (name in model.prototype) return;
  Object.defineProperty(model.prototype, name, { value, configurable: true, writable: true, enumerable: false });
}

/** The label of the value, or the value as text where it is no choice. */
function displayOf(object: BaseModel, field: Field): string | null {
  const value = (object as never as Attributes)[field.attname] ?? null;
  const label = field.flatchoices.find(([choice]) => choice === value || isSameNumber(choice, value))?.[1];
  return label ?? (value === null ? null : String(value));
}

/** A choice may be written as a number where the field holds a bigint. */
function isSameNumber(choice: unknown, value: unknown): boolean {
  return typeof value === "bigint" && typeof choice === "number" && BigInt(choice) === value;
}

/** Rows of the same moment are in the order of their keys. */
async function neighbour(
  object: BaseModel,
  field: Field,
  isNext: boolean,
  conditions: object = {},
): Promise<BaseModel> {
  const model = object.constructor as ModelClass;
  const { adding, db } = stateOf(object);
  if (adding) throw new TypeError(`getNextBy/getPreviousBy cannot be used on unsaved objects.`);
  const value = (object as never as Attributes)[field.attname];
  const operator = isNext ? "gt" : "lt";
  const direction = isNext ? "" : "-";
  const rows = new QuerySet(model).using(db).filter(conditions as never);
  const later = Q({ [`${field.name}__${operator}`]: value });
  const same = Q({ [field.name]: value, [`pk__${operator}`]: object.pk });
  const found = await rows
    .filter(later.or(same) as never)
    .orderByNames([`${direction}${field.name}`, `${direction}pk`])
    .first();
  if (found) return found;
  throw new model.DoesNotExist(`${model._meta.objectName} matching query does not exist.`);
}
