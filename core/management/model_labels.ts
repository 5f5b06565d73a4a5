import { apps } from "../apps/registry.ts";
import type { ModelClass } from "../db/models.ts";
import { CommandError } from "./base.ts";

/** What was asked for by `app` and `app.Model`, by the label of the app: all models, or some. */
type Selection = Map<string, "all" | ModelClass[]>;

/** The models of an app in the order of their declaration; one that a setting has replaced is none. */
export function modelsOfApp(label: string): ModelClass[] {
  const models = apps.getModels<ModelClass>({ app: label }).filter(({ _meta }) => !_meta.swapped);
  return models.toSorted((one, other) => one._meta.creationCounter - other._meta.creationCounter);
}

/**
 * The models that `app` and `app.Model` labels mean; without a label, those of all apps.
 *
 * @throws CommandError for an unknown app or model.
 */
export function selectModels(labels: readonly string[], exclude: readonly string[] = []): ModelClass[] {
  const excluded = new Set(exclude.flatMap(modelsOf));
  const wanted = labels.length > 0 ? labels : apps.getAppConfigs().map(({ label }) => label);
  const selected: Selection = new Map();
  for (const label of wanted) addTo(selected, label);
  const models = [...selected].flatMap(([app, chosen]) => (chosen === "all" ? modelsOfApp(app) : chosen));
  return models.filter((model) => !excluded.has(model));
}

/** A model of an app that is wanted as a whole is there already. */
function addTo(selected: Selection, label: string): void {
  const [app] = label.split(".");
  const models = modelsOf(label);
  const known = selected.get(app);
  if (!label.includes(".")) selected.set(app, "all");
  else if (known === undefined) selected.set(app, models);
  else if (known !== "all") selected.set(app, [...new Set([...known, ...models])]);
}

function modelsOf(label: string): ModelClass[] {
  const [app, name] = label.split(".");
  apps.getAppConfig(app);
  const models = modelsOfApp(app);
  if (name === undefined) return models;
  const found = models.filter(({ _meta }) => _meta.modelName === name.toLowerCase());
  if (found.length > 0) return found;
  throw new CommandError(`Unknown model: ${label}`, {
    hint: `The models of ${app} are: ${models.map(({ _meta }) => _meta.objectName).join(", ") || "none"}.`,
  });
}
