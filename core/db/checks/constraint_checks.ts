// The system checks of indexes and constraints, under Django's ids.
import { type CheckMessage, ErrorMessage, WarningMessage } from "../../checks/messages.ts";
import { connections } from "../connections.ts";
import type { Field } from "../fields/field.ts";
import type { Vendor } from "../fields/field_types.ts";
import type { Index, Lack } from "../indexes.ts";
import { isOperator, isTransform } from "../lookups.ts";
import type { ModelClass } from "../models.ts";

const displayNames: Record<Vendor, string> = { sqlite: "SQLite", postgresql: "PostgreSQL" };

function wrong(obj: string, id: string, msg: string, hint?: string): CheckMessage {
  return new ErrorMessage(msg, { obj, id, ...(hint ? { hint } : {}) });
}

/** What is wrong with a model's indexes and constraints. */
export function checkIndexesAndConstraints(model: ModelClass): CheckMessage[] {
  const { indexes, constraints } = model._meta;
  return [
    ...indexes.flatMap((index) => checkIndexName(model, index)),
    ...checkReferences(
      model,
      "indexes",
      indexes.flatMap(({ paths }) => paths),
    ),
    ...checkReferences(
      model,
      "constraints",
      constraints.flatMap(({ paths }) => paths),
    ),
    ...checkSupport(model),
  ];
}

function checkIndexName({ _meta }: ModelClass, { name, maxNameLength }: Index): CheckMessage[] {
  const found: CheckMessage[] = [];
  if (/^[_\d]/.test(name)) {
    const msg = `The index name '${name}' cannot start with an underscore or a number.`;
    found.push(wrong(_meta.label, "models.E033", msg));
  }
  if (name.length > maxNameLength) {
    const msg = `The index name '${name}' cannot be longer than ${maxNameLength} characters.`;
    found.push(wrong(_meta.label, "models.E034", msg));
  }
  return found;
}

/** Fields that are not there, that have no column, and lookups that lead to another table. */
function checkReferences(model: ModelClass, option: string, paths: readonly string[]): CheckMessage[] {
  const names = paths.map((path) => path.replace(/^-/, ""));
  const joined = names.filter((path) => isJoined(model, path));
  const messages = joined.map((path) =>
    wrong(model._meta.label, "models.E041", `'${option}' refers to the joined field '${path}'.`),
  );
  return [...messages, ...checkLocalFields(model, option, [...new Set(names.map((name) => name.split("__")[0]))])];
}

/** A JOIN comes with the first lookup of a relation, or not at all. */
function isJoined({ _meta }: ModelClass, path: string): boolean {
  const [name, lookup] = path.split("__");
  const field = name === "pk" ? _meta.pk : _meta.byName.get(name);
  if (!field?.isForeignKey || lookup === undefined) return false;
  return !isOperator(lookup, field.targetField) && !isTransform(lookup, field.targetField);
}

/** Django's `_check_local_fields`: an option may name columns of the model's own table only. */
export function checkLocalFields(model: ModelClass, option: string, names: readonly string[]): CheckMessage[] {
  return names.flatMap((term) => {
    const name = term.replace(/^-/, "");
    const field = name === "pk" ? model._meta.pk : model._meta.byName.get(name);
    return checkLocalField(model, option, name, field);
  });
}

function checkLocalField({ _meta }: ModelClass, option: string, name: string, field: Field | undefined) {
  const { label } = _meta;
  if (!field) return [wrong(label, "models.E012", `'${option}' refers to the nonexistent field '${name}'.`)];
  if (field.isManyToMany) {
    const msg = `'${option}' refers to a ManyToManyField '${name}', but ManyToManyFields are not permitted in '${option}'.`;
    return [wrong(label, "models.E013", msg)];
  }
  if (field.model._meta.dbTable === _meta.dbTable) return [];
  const msg = `'${option}' refers to field '${name}' which is not local to model '${_meta.objectName}'.`;
  return [wrong(label, "models.E016", msg, "This issue may be caused by multi-table inheritance.")];
}

/** What a database of the project has no such thing as: once for each, however many ask for it. */
function checkSupport({ _meta }: ModelClass): CheckMessage[] {
  const vendors = [...new Set(connections.engines as Vendor[])].filter((vendor) => _meta.canMigrate({ vendor }));
  return vendors.flatMap((vendor) => {
    const lacks = [..._meta.indexes, ..._meta.constraints].flatMap((item) => item.lacks(vendor));
    const once = new Map(lacks.map((lack) => [lack.what, lack]));
    return [...once.values()].map((lack) => unsupported(_meta.label, vendor, lack));
  });
}

function unsupported(obj: string, vendor: Vendor, { id, what, hint }: Lack): CheckMessage {
  return new WarningMessage(`${displayNames[vendor]} does not support ${what}.`, { obj, id, hint });
}

/** Names that two indexes, or two constraints, have. */
export function checkNames(models: readonly ModelClass[]): CheckMessage[] {
  return [
    ...duplicates(models, "index", ({ _meta }) => _meta.indexes, ["models.E029", "models.E030"]),
    ...duplicates(models, "constraint", ({ _meta }) => _meta.constraints, ["models.E031", "models.E032"]),
  ];
}

function duplicates(
  models: readonly ModelClass[],
  what: string,
  itemsOf: (model: ModelClass) => readonly { name: string }[],
  [ofOne, ofMany]: readonly [string, string],
): CheckMessage[] {
  const users = new Map<string, string[]>();
  for (const model of models) {
    for (const { name } of itemsOf(model)) users.set(name, [...(users.get(name) ?? []), model._meta.label]);
  }
  const shared = [...users].filter(([, labels]) => labels.length > 1);
  return shared.map(([name, labels]) => {
    const owners = [...new Set(labels)].sort();
    return owners.length === 1
      ? wrong(owners[0], ofOne, `${what} name '${name}' is not unique for model ${owners[0]}.`)
      : wrong(owners.join(", "), ofMany, `${what} name '${name}' is not unique among models: ${owners.join(", ")}.`);
  });
}
