// The system checks of django.db.models.base and django.db.models.fields, under their ids.
import { type CheckMessage, ErrorMessage } from "../../checks/messages.ts";
import { register, Tags } from "../../checks/registry.ts";
import { FieldError } from "../../exceptions.ts";
import { connections } from "../connections.ts";
import type { Field } from "../fields/field.ts";
import { installedModels } from "../meta/model_registry.ts";
import type { RelatedObject } from "../meta/options.ts";
import type { ModelClass } from "../models.ts";
import { walkPath } from "../sql/lookup_path.ts";
import { checkIndexesAndConstraints, checkLocalFields, checkNames } from "./constraint_checks.ts";
import { checkMeta } from "./meta_checks.ts";
import { optionChecks } from "./option_checks.ts";
import { checkRelation } from "./relation_checks.ts";

/** Has `core check` look at the models. */
export function registerModelChecks(): void {
  register(checkInstalledModels, { tags: [Tags.models] });
}

function checkInstalledModels(): CheckMessage[] {
  return checkModels(installedModels());
}

/** What is wrong with some models: Django's messages under Django's ids. */
export function checkModels(models: readonly ModelClass[]): CheckMessage[] {
  return [...models.flatMap((model) => checkModel(model)), ...checkTables(models), ...checkNames(models)];
}

function checkModel(model: ModelClass): CheckMessage[] {
  const { localFields, localManyToMany, proxy } = model._meta;
  const own = proxy ? [] : [...localFields, ...localManyToMany];
  return [
    ...own.flatMap((field) => [...checkField(field), ...checkRelation(field)]),
    ...checkMeta(model),
    ...checkReverse(model),
    ...checkOrdering(model),
    ...checkTogether(model),
    ...checkIndexesAndConstraints(model),
  ];
}

function wrong(obj: string, id: string, msg: string, hint?: string): CheckMessage {
  return new ErrorMessage(msg, { obj, id, ...(hint ? { hint } : {}) });
}

type FieldCheck = (field: Field) => [id: string, msg: string, hint?: string] | null;

const isPositive = (value: unknown) => Number.isInteger(value) && (value as number) > 0;

const fieldChecks: readonly FieldCheck[] = [
  ({ name }) => (name.endsWith("_") ? ["fields.E001", "Field names must not end with an underscore."] : null),
  ({ name }) => (name.includes("__") ? ["fields.E002", 'Field names must not contain "__".'] : null),
  ({ name }) =>
    name === "pk" ? ["fields.E003", "'pk' is a reserved word that cannot be used as a field name."] : null,
  (field) =>
    field.primaryKey && field.null
      ? ["fields.E007", "Primary keys must not have null: true.", "Set null: false, or remove primaryKey: true."]
      : null,
  ({ kind, options }) =>
    kind === "CharField" && options.maxLength === undefined
      ? ["fields.E120", "CharFields must define a 'maxLength' attribute."]
      : null,
  ({ kind, options }) =>
    kind === "CharField" && options.maxLength !== undefined && !isPositive(options.maxLength)
      ? ["fields.E121", "'maxLength' must be a positive integer."]
      : null,
  ...optionChecks,
  decimalCheck,
  sqliteDecimalCheck,
  ({ options }) =>
    [options.autoNow, options.autoNowAdd, options.default !== undefined].filter(Boolean).length > 1
      ? [
          "fields.E160",
          "The options autoNow, autoNowAdd, and default are mutually exclusive. Only one of these options may be present.",
        ]
      : null,
  (field) =>
    field.remote?.onDelete === "SET_NULL" && !field.null
      ? [
          "fields.E320",
          "Field specifies onDelete: SET_NULL, but cannot be null.",
          "Set null: true on the field, or change the onDelete rule.",
        ]
      : null,
  (field) =>
    field.remote?.onDelete === "SET_DEFAULT" && !field.hasDefault
      ? [
          "fields.E321",
          "Field specifies onDelete: SET_DEFAULT, but has no default value.",
          "Set a default value, or change the onDelete rule.",
        ]
      : null,
];

function checkField(field: Field): CheckMessage[] {
  return fieldChecks.flatMap((check) => {
    const found = check(field);
    return found ? [wrong(field.label, ...found)] : [];
  });
}

function decimalCheck({ kind, options }: Field): ReturnType<FieldCheck> {
  if (kind !== "DecimalField") return null;
  const { maxDigits, decimalPlaces } = options;
  if (decimalPlaces === undefined) return ["fields.E130", "DecimalFields must define a 'decimalPlaces' attribute."];
  if (decimalPlaces !== 0 && !isPositive(decimalPlaces))
    return ["fields.E131", "'decimalPlaces' must be a non-negative integer."];
  if (maxDigits === undefined) return ["fields.E132", "DecimalFields must define a 'maxDigits' attribute."];
  if (!isPositive(maxDigits)) return ["fields.E133", "'maxDigits' must be a positive integer."];
  return maxDigits < decimalPlaces ? ["fields.E134", "'maxDigits' must be greater or equal to 'decimalPlaces'."] : null;
}

/** SQLite stores decimals as doubles. */
function sqliteDecimalCheck({ kind, options }: Field): ReturnType<FieldCheck> {
  if (kind !== "DecimalField" || (options.maxDigits ?? 0) <= 15) return null;
  if (!connections.engines.includes("sqlite")) return null;
  return [
    "sqlite.E001",
    `SQLite keeps 15 digits of a decimal, and 'maxDigits' is ${options.maxDigits}.`,
    "Lower maxDigits, store the number as an integer or as text, or use PostgreSQL.",
  ];
}

/** Names of ways back that somebody else has. */
function checkReverse(model: ModelClass): CheckMessage[] {
  // A proxy's ways back are those of the model that it stands for.
  const visible = model._meta.proxy ? [] : model._meta.relatedObjects.filter(({ hidden }) => !hidden);
  return visible.flatMap((related) => [
    ...clashesWithField(model, related),
    ...visible.filter((other) => other !== related).flatMap((other) => clash(related, other)),
  ]);
}

function clashesWithField(model: ModelClass, { accessor, queryName, field }: RelatedObject): CheckMessage[] {
  const { byName, objectName, label } = model._meta;
  const hint = (name: string) =>
    `Rename field '${label}.${name}', or add/change a relatedName argument to the definition for field '${field.label}'.`;
  const found: CheckMessage[] = [];
  if (byName.has(accessor)) {
    const msg = `Reverse accessor '${objectName}.${accessor}' for '${field.label}' clashes with field name '${label}.${accessor}'.`;
    found.push(wrong(field.label, "fields.E302", msg, hint(accessor)));
  }
  if (byName.has(queryName)) {
    const msg = `Reverse query name for '${field.label}' clashes with field name '${label}.${queryName}'.`;
    found.push(wrong(field.label, "fields.E303", msg, hint(queryName)));
  }
  return found;
}

function clash(one: RelatedObject, other: RelatedObject): CheckMessage[] {
  const hint = `Add or change a relatedName argument to the definition for '${one.field.label}' or '${other.field.label}'.`;
  const found: CheckMessage[] = [];
  if (one.accessor === other.accessor) {
    const { objectName } = one.field.relatedModel._meta;
    const msg = `Reverse accessor '${objectName}.${one.accessor}' for '${one.field.label}' clashes with reverse accessor for '${other.field.label}'.`;
    found.push(wrong(one.field.label, "fields.E304", msg, hint));
  }
  if (one.queryName === other.queryName) {
    const msg = `Reverse query name for '${one.field.label}' clashes with reverse query name for '${other.field.label}'.`;
    found.push(wrong(one.field.label, "fields.E305", msg, hint));
  }
  return found;
}

function checkOrdering(model: ModelClass): CheckMessage[] {
  return model._meta.ordering.flatMap((term) => {
    const name = term.replace(/^[-+]/, "");
    if (term === "?" || leadsSomewhere(model, name)) return [];
    return [
      wrong(
        model._meta.label,
        "models.E015",
        `'ordering' refers to the nonexistent field, related field, or lookup '${name}'.`,
      ),
    ];
  });
}

function leadsSomewhere(model: ModelClass, name: string): boolean {
  try {
    return walkPath(model, name).rest.length === 0;
  } catch (error) {
    if (error instanceof FieldError) return false;
    throw error;
  }
}

function checkTogether(model: ModelClass): CheckMessage[] {
  return model._meta.uniqueTogether.flatMap((names) => checkLocalFields(model, "uniqueTogether", names));
}

function checkTables(models: readonly ModelClass[]): CheckMessage[] {
  const shared = [...byTable(models)].filter(([, users]) => users.length > 1);
  return shared.map(([table, users]) => {
    const labels = users.map(({ _meta }) => _meta.label).join(", ");
    return wrong(table, "models.E028", `dbTable '${table}' is used by multiple models: ${labels}.`);
  });
}

function byTable(models: readonly ModelClass[]): Map<string, ModelClass[]> {
  const tables = new Map<string, ModelClass[]>();
  for (const model of models.filter(({ _meta }) => !_meta.proxy)) {
    const { dbTable } = model._meta;
    tables.set(dbTable, [...(tables.get(dbTable) ?? []), model]);
  }
  return tables;
}
