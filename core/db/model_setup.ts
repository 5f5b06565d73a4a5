import { apps } from "../apps/registry.ts";
import { ImproperlyConfigured } from "../exceptions.ts";
import { installReverseAccessor } from "./accessors.ts";
import { type Field, setModelResolver } from "./field.ts";
import { forgetLookups } from "./lookup_path.ts";
import { registerModelChecks } from "./model_checks.ts";
import { setInstalledModels } from "./model_registry.ts";
import { declaredReverses, type ReverseDeclaration } from "./model_state.ts";
import type { ModelClass } from "./models.ts";
import type { RelatedObject } from "./options.ts";
import { reverseRelation } from "./relations.ts";

/** Asks the registry to connect the models once all of them are known, and to find those that are named by text. */
export function followRegistry(): void {
  registerModelChecks();
  setModelResolver((label) => apps.getModel(label) as unknown as ModelClass);
  apps.onModelsReady((registry) => finalizeModels(registry.getModels() as unknown as ModelClass[]));
}

/**
 * Makes models usable together: relations know both sides, their properties exist, `@Reverse()` is verified. The registry
 * calls it with the models of all installed apps; a program without apps calls it with its own.
 *
 * @throws ImproperlyConfigured where a relation leads to a model that is not among them, or a `@Reverse()` is wrong.
 */
export function finalizeModels(models: readonly ModelClass[]): void {
  connectRelations(models);
  setInstalledModels(models);
  for (const model of models) {
    for (const [name, declaration] of declaredReverses(model.prototype)) verify(model, name, declaration);
  }
}

/** Fills `relatedObjects` and makes the properties of the ways back, without making the models known to anybody else. */
export function connectRelations(models: readonly ModelClass[]): void {
  for (const model of models) {
    model._meta.relatedObjects.length = 0;
    forgetLookups(model);
  }
  for (const model of models) {
    const { fields, manyToMany } = model._meta;
    for (const field of [...fields, ...manyToMany]) if (field.isRelation) connect(model, field);
  }
}

function connect(model: ModelClass, field: Field): void {
  const target = field.relatedModel;
  const related = relatedObject(model, field);
  target._meta.relatedObjects.push(related);
  if (related.hidden || target._meta.byName.has(related.accessor)) return;
  installReverseAccessor(target, related.accessor, reverseRelation(field, related.queryName));
}

/** Names as Django gives them: `relatedName`, else `<model>Set` and, in lookups, `<model>`. */
function relatedObject(model: ModelClass, field: Field): RelatedObject {
  const { meta, modelName, appLabel } = model._meta;
  const given = (field.remote?.relatedName ?? meta.defaultRelatedName)
    ?.replaceAll("%(class)s", modelName)
    .replaceAll("%(app_label)s", appLabel)
    .replaceAll("%(model_name)s", modelName);
  const hidden = given?.endsWith("+") ?? false;
  const single = field.kind === "OneToOneField";
  return {
    accessor: given ?? (single ? modelName : `${modelName}Set`),
    queryName: hidden ? `${field.label}+` : (given ?? modelName),
    field,
    relatedModel: model,
    hidden,
  };
}

function verify(model: ModelClass, name: string, { to, fieldName }: ReverseDeclaration): void {
  const other = to();
  const field = other._meta.byName.get(fieldName);
  const related = model._meta.relatedObjects.find((candidate) => candidate.field === field);
  const where = `${model._meta.label}.${name}`;
  if (!field?.isRelation || !related) {
    throw new ImproperlyConfigured(
      `@Reverse() of ${where} names ${other._meta.label}.${fieldName}, which is no relation to it.`,
    );
  }
  if (related.accessor === name) return;
  throw new ImproperlyConfigured(
    `@Reverse() of ${where} is the way back of ${field.label}, which is called "${related.accessor}".`,
    {
      hint: `Give ${field.label} the option relatedName: ${JSON.stringify(name)}, or rename the property.`,
    },
  );
}
