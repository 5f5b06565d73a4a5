// The system checks of django.db.models.base on a model's options, under their ids.
import { type CheckMessage, ErrorMessage } from "../../checks/messages.ts";
import { isConfigured, settings } from "../../conf/settings.ts";
import type { Field } from "../fields/field.ts";
import { installedModels } from "../meta/model_registry.ts";
import type { ModelClass } from "../models.ts";

/** What is wrong with the options of a model, and with fields that get into each other's way. */
export function checkMeta(model: ModelClass): CheckMessage[] {
  return [
    ...checkSwappable(model),
    ...checkProxyFields(model),
    ...checkOrder(model),
    ...checkColumns(model),
    ...checkLocalIndexes(model),
    ...model._meta.privateFields.flatMap((field) => field.check?.() ?? []),
  ];
}

function error({ _meta }: ModelClass, id: string, msg: string, hint?: string): CheckMessage {
  return new ErrorMessage(msg, { obj: _meta.label, id, ...(hint ? { hint } : {}) });
}

function checkSwappable(model: ModelClass): CheckMessage[] {
  const { swappable } = model._meta;
  if (swappable === null || !isConfigured()) return [];
  const value = (settings as unknown as Record<string, unknown>)[swappable];
  if (typeof value !== "string" || !/^\w+\.\w+$/.test(value)) {
    return [error(model, "models.E001", `'${swappable}' is not of the form 'app_label.app_name'.`)];
  }
  const isThere = installedModels().some(({ _meta }) => _meta.labelLower === value.toLowerCase());
  if (isThere || installedModels().length === 0) return [];
  const msg = `'${swappable}' references '${value}', which has not been installed, or is abstract.`;
  return [error(model, "models.E002", msg)];
}

function checkProxyFields(model: ModelClass): CheckMessage[] {
  const { proxy, objectName } = model._meta;
  if (!proxy || model._meta.declaredFields.length === 0) return [];
  return [error(model, "models.E017", `Proxy model '${objectName}' contains model fields.`)];
}

function checkOrder(model: ModelClass): CheckMessage[] {
  const { orderWithRespectTo, ordering } = model._meta.meta;
  if (orderWithRespectTo === undefined || ordering === undefined) return [];
  return [error(model, "models.E021", "'ordering' and 'orderWithRespectTo' cannot be used together.")];
}

/** Two fields of one table that are called alike in the database. */
function checkColumns(model: ModelClass): CheckMessage[] {
  const { localFields, proxy } = model._meta;
  if (proxy) return [];
  const seen = new Map<string, Field>();
  return localFields.flatMap((field) => {
    const other = seen.get(field.column);
    seen.set(field.column, field);
    if (!other) return [];
    const msg = `Field '${field.name}' has column name '${field.column}' that is used by another field.`;
    return [error(model, "models.E007", msg, "Specify a 'dbColumn' for the field.")];
  });
}

/** An index stands on one table. */
function checkLocalIndexes(model: ModelClass): CheckMessage[] {
  const { uniqueTogether, localFields, byName, objectName, parents } = model._meta;
  if (parents.length === 0) return [];
  return uniqueTogether.flat().flatMap((name) => {
    const field = byName.get(name);
    if (!field || localFields.includes(field)) return [];
    const msg = `'uniqueTogether' refers to field '${name}' which is not local to model '${objectName}'.`;
    return [error(model, "models.E016", msg, "This issue may be caused by multi-table inheritance.")];
  });
}
