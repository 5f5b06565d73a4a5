import { isConfigured, settings } from "../../conf/settings.ts";
import { ImproperlyConfigured } from "../../exceptions.ts";
import { Field } from "../fields/field.ts";
import { type MetaOptions, Options, type RelatedObject } from "../meta/options.ts";
import { BaseModel, type ModelClass } from "../models.ts";
import { targetLabel, throughLabel } from "./field_state.ts";
import type { ModelState, ProjectState } from "./state.ts";

/**
 * The models of a state as classes: what schema editors read columns and tables from, and what historical models are.
 * Relations lead to the classes of the same state. A class is made when it is first asked for, since most operations
 * concern one or two models out of hundreds.
 */
export class StateApps {
  readonly #state: ProjectState;
  readonly #classes = new Map<string, ModelClass>();

  constructor(state: ProjectState) {
    this.#state = state;
  }

  /** Whether the state has a model. */
  has(label: string): boolean {
    return this.#state.find(label) !== undefined;
  }

  /** The class of `"library.Book"`. Throws a StateError where the state has no such model. */
  getModel(label: string): ModelClass {
    const key = label.toLowerCase();
    const known = this.#classes.get(key);
    if (known) return known;
    const made = this.#build(this.#state.get(label));
    this.#classes.set(key, made);
    return made;
  }

  #build(state: ModelState): ModelClass {
    const fields = [...state.fields.values()].map((field) => this.#resolved(field));
    const { bases: _bases, ...options } = state.options;
    const parent = state.base === undefined ? null : this.getModel(state.base);
    const made = modelClass(state.name, fields, { ...options, appLabel: state.appLabel }, parent);
    // Read by few operations, and expensive: every model of the state is looked at.
    Object.defineProperty(made._meta, "relatedObjects", { get: () => this.#relatedObjects(state) });
    return made;
  }

  /** A copy whose relations lead to classes of this state. */
  #resolved(field: Field): Field {
    if (!field.remote) return field;
    const through = throughLabel(field);
    const remote = {
      ...field.remote,
      to: () => this.getModel(targetLabel(field)),
      ...(through === undefined ? {} : { through: () => this.getModel(through) }),
    };
    const copy = new Field(field.kind, field.options, remote);
    copy.name = field.name;
    return copy;
  }

  /** The columns that point here, whatever model they stand on. */
  #relatedObjects(state: ModelState): RelatedObject[] {
    return [...this.#state.models.values()].flatMap((other) =>
      [...other.fields.values()]
        .filter((field) => field.remote && this.#concreteKey(targetLabel(field)) === state.key)
        .map((field) => this.#relatedObject(this.getModel(other.key), field.name)),
    );
  }

  /** A relation to a proxy is one to the model whose table it shares. */
  #concreteKey(label: string): string {
    const state = this.#state.find(label);
    return state?.proxy && state.base !== undefined ? this.#concreteKey(state.base) : label.toLowerCase();
  }

  #relatedObject(relatedModel: ModelClass, name: string): RelatedObject {
    const field = relatedModel._meta.getField(name);
    const queryName = field.remote?.relatedName ?? relatedModel._meta.modelName;
    return { accessor: queryName, queryName, field, relatedModel, hidden: queryName.endsWith("+") };
  }
}

/** A model's class that is not installed: it has `_meta`, and nothing that would ask a database. */
export function modelClass(
  name: string,
  fields: readonly Field[],
  meta: MetaOptions,
  parent: ModelClass | null = null,
): ModelClass {
  const made = class extends BaseModel {};
  Object.defineProperties(made, {
    name: { value: name },
    objects: { get: () => refuseQueries(meta.appLabel ?? "", name) },
  });
  Object.defineProperty(made, "_meta", { value: new Options(made as unknown as ModelClass, fields, meta, parent) });
  return made as unknown as ModelClass;
}

function refuseQueries(appLabel: string, name: string): never {
  throw new ImproperlyConfigured(`The historical model ${appLabel}.${name} cannot be queried yet.`, {
    code: "historical_model",
    hint: "Use SQL: editor.execute(sql, params) writes, editor.connection.execute(sql, params) reads.",
  });
}

/**
 * The model of the table between the two sides of a many-to-many field, as Django makes it: an automatic key and two
 * foreign keys, unique together. Undefined where the user declared a model for it.
 */
export function throughModel(field: Field): ModelClass | undefined {
  if (field.remote?.through) return undefined;
  const { model } = field;
  const target = field.relatedModel;
  const [from, to] = sideNames(model, target);
  // As in Django, the setting decides, also for the tables of apps whose models say otherwise.
  const key = new Field(isConfigured() ? settings.DEFAULT_AUTO_FIELD : "BigAutoField", { primaryKey: true });
  key.name = "id";
  const { dbConstraint = true } = field.options;
  const [own, other] = field.remote?.pairColumns ?? [`${from}_id`, `${to}_id`];
  const sides = [side(from, model, own, dbConstraint), side(to, target, other, dbConstraint)];
  return modelClass(`${model._meta.objectName}_${field.name}`, [key, ...sides], {
    appLabel: model._meta.appLabel,
    dbTable: model._meta.manyToManyTable(field),
    uniqueTogether: [[from, to]],
  });
}

function sideNames(model: ModelClass, target: ModelClass): [string, string] {
  const [from, to] = [model._meta.modelName, target._meta.modelName];
  return from === to ? [`from_${from}`, `to_${to}`] : [from, to];
}

function side(name: string, to: ModelClass, dbColumn: string, dbConstraint: boolean): Field {
  const options = { dbColumn, ...(dbConstraint ? {} : { dbConstraint }) };
  const field = new Field("ForeignKey", options, { to: () => to, onDelete: "CASCADE" });
  field.name = name;
  return field;
}
