// The system checks of django.db.models.fields.related, under their ids.
import { type CheckMessage, ErrorMessage, WarningMessage } from "../../checks/messages.ts";
import { isLeftAlone } from "../deletion/deletion_rules.ts";
import { isDatabaseOnDelete } from "../deletion.ts";
import type { Field } from "../fields/field.ts";
import type { ModelClass } from "../models.ts";

/** What is wrong with a relation: its rule of deletion, the field it leads to, the model in between. */
export function checkRelation(field: Field): CheckMessage[] {
  if (!field.remote) return [];
  const own = field.isManyToMany ? checkManyToMany(field) : checkForeignKey(field);
  return [...checkTarget(field), ...checkRelatedName(field), ...own];
}

function error(field: Field, id: string, msg: string, hint?: string): CheckMessage {
  return new ErrorMessage(msg, { obj: field.label, id, ...(hint ? { hint } : {}) });
}

function warning(field: Field, id: string, msg: string): CheckMessage {
  return new WarningMessage(msg, { obj: field.label, id });
}

function checkTarget(field: Field): CheckMessage[] {
  const { label, swapped, swappable } = field.relatedModel._meta;
  if (swapped === null) return [];
  const msg = `Field defines a relation with the model '${label}', which has been swapped out.`;
  return [error(field, "fields.E301", msg, `Update the relation to point at 'settings.${swappable}'.`)];
}

function checkRelatedName(field: Field): CheckMessage[] {
  const { relatedName, relatedQueryName } = field.remote ?? {};
  const found: CheckMessage[] = [];
  if (relatedName && !/^[A-Za-z_$%][\w$%()]*\+?$|^\+$/.test(relatedName)) {
    const msg = `The name '${relatedName}' is invalid relatedName for field ${field.model._meta.objectName}.${field.name}`;
    found.push(error(field, "fields.E306", msg, "Related name must be a valid identifier or end with a '+'"));
  }
  const name = relatedQueryName ?? (relatedName?.endsWith("+") ? undefined : relatedName);
  const hint = "Add or change a relatedName or relatedQueryName argument for this field.";
  if (name?.endsWith("_")) {
    found.push(error(field, "fields.E308", `Reverse query name '${name}' must not end with an underscore.`, hint));
  }
  if (name?.includes("__")) {
    found.push(error(field, "fields.E309", `Reverse query name '${name}' must not contain '__'.`, hint));
  }
  return found;
}

function checkForeignKey(field: Field): CheckMessage[] {
  const { targetField } = field;
  const found = [...checkDatabaseRule(field)];
  if (!targetField.unique) {
    const named = `'${field.relatedModel._meta.objectName}.${targetField.name}'`;
    const msg = `${named} must be unique because it is referenced by a foreign key.`;
    const hint =
      "Add unique: true to this field or add a UniqueConstraint (without condition) in the model Meta.constraints.";
    found.push(error(field, "fields.E311", msg, hint));
  }
  if (field.kind === "ForeignKey" && field.options.unique) {
    const msg = "Setting unique: true on a ForeignKey has the same effect as using a OneToOneField.";
    found.push(warning(field, "fields.W342", msg));
  }
  return found;
}

function checkDatabaseRule(field: Field): CheckMessage[] {
  const rule = field.remote?.onDelete;
  const found: CheckMessage[] = [];
  if (rule === "DB_SET_NULL" && !field.null) {
    const hint = "Set null: true on the field, or change the onDelete rule.";
    found.push(error(field, "fields.E320", "Field specifies onDelete: DB_SET_NULL, but cannot be null.", hint));
  }
  if (rule === "DB_SET_DEFAULT" && !field.hasDbDefault) {
    const hint = "Set a dbDefault value, or change the onDelete rule.";
    found.push(
      error(field, "fields.E322", "Field specifies onDelete: DB_SET_DEFAULT, but has no dbDefault value.", hint),
    );
  }
  // The framework would have to see the rows that the database deletes unseen.
  const chained = field.model._meta.relatedObjects.some((related) => !isLeftAlone(related.field.remote?.onDelete));
  if (isDatabaseOnDelete(rule) && chained) {
    const msg =
      "Field specifies a database-level onDelete variant, but its model is referenced with a rule of the framework.";
    const hint = "Use either database or framework onDelete variants uniformly in the references chain.";
    found.push(error(field, "fields.E323", msg, hint));
  }
  return found;
}

function checkManyToMany(field: Field): CheckMessage[] {
  const { relatedName, limitChoicesTo, symmetrical } = field.remote ?? {};
  const found: CheckMessage[] = [];
  if (field.options.null) found.push(warning(field, "fields.W340", "null has no effect on ManyToManyField."));
  if (limitChoicesTo && field.throughModel) {
    const msg = "limitChoicesTo has no effect on ManyToManyField with an intermediate model.";
    found.push(warning(field, "fields.W343", msg));
  }
  if (relatedName && field.isSymmetrical) {
    const msg = 'relatedName has no effect on ManyToManyField with a symmetrical relationship, e.g. to "self".';
    found.push(warning(field, "fields.W345", msg));
  }
  if (symmetrical && field.relatedModel !== field.model) {
    found.push(error(field, "fields.E332", "Many-to-many fields to other models must not be symmetrical."));
  }
  return field.throughModel ? [...found, ...checkThrough(field, field.throughModel)] : found;
}

function checkThrough(field: Field, through: ModelClass): CheckMessage[] {
  if (field.remote?.throughFields) return checkThroughFields(field, through);
  const keysTo = (model: ModelClass) =>
    through._meta.fields.filter(
      (key) => key.isForeignKey && key.relatedModel._meta.concreteModel === model._meta.concreteModel,
    );
  const isSelf = field.relatedModel === field.model;
  const [from, to] = [keysTo(field.model), keysTo(field.relatedModel)];
  if (isSelf && from.length > 2) return [ambiguous(field, through, "fields.E333", "two foreign keys to")];
  if (isSelf && from.length === 2) return [];
  if (from.length === 0 || to.length === 0 || isSelf) {
    const [own, other] = [field.model, field.relatedModel].map(({ _meta }) => _meta.objectName);
    const msg =
      `The model is used as an intermediate model by '${field.label}', but it does not have a foreign key to ` +
      `'${own}' or '${other}'.`;
    return [new ErrorMessage(msg, { obj: through._meta.label, id: "fields.E336" })];
  }
  if (from.length > 1) return [ambiguous(field, through, "fields.E334", "one foreign key from")];
  return to.length > 1 ? [ambiguous(field, through, "fields.E335", "one foreign key to")] : [];
}

function ambiguous(field: Field, through: ModelClass, id: string, what: string): CheckMessage {
  const { objectName } = (id === "fields.E334" ? field.model : field.relatedModel)._meta;
  const msg =
    `The model is used as an intermediate model by '${field.label}', but it has more than ${what} '${objectName}', ` +
    "which is ambiguous. You must specify which foreign key should be used via the throughFields option.";
  return new ErrorMessage(msg, { obj: through._meta.label, id });
}

function checkThroughFields(field: Field, through: ModelClass): CheckMessage[] {
  const sides = [field.model, field.relatedModel];
  return (field.remote?.throughFields ?? []).flatMap((name, index) => {
    const key = through._meta.byName.get(name);
    const own = `'${through._meta.label}'`;
    if (!key) {
      const msg = `The intermediary model ${own} has no field '${name}'.`;
      return [error(field, "fields.E338", msg)];
    }
    const { concreteModel, objectName } = sides[index]._meta;
    if (key.isForeignKey && key.relatedModel._meta.concreteModel === concreteModel) return [];
    const msg = `'${through._meta.objectName}.${name}' is not a foreign key to '${objectName}'.`;
    return [error(field, "fields.E339", msg)];
  });
}
