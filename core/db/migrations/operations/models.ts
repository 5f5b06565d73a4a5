import type { Field } from "../../fields/field.ts";
import type { ModelClass } from "../../models.ts";
import type { SchemaEditor } from "../../schema/base.ts";
import {
  fieldSource,
  type MigrationField,
  retargeted,
  targetLabel,
  throughLabel,
  toStateField,
} from "../field_state.ts";
import { declarationSource, namedFields } from "../index_state.ts";
import { stringSource, valueSource } from "../serializer.ts";
import type { Source } from "../source.ts";
import { ModelState, type ModelStateOptions, type ProjectState } from "../state.ts";
import { throughModel } from "../state_apps.ts";
import { hasTable, ModelOperation, type Operation, type WriterContext } from "./base.ts";
import { AddConstraint, AlterConstraint, RemoveConstraint } from "./constraints.ts";
import { AddField, AlterField, FieldOperation, RemoveField } from "./fields.ts";
import { AddIndex, RemoveIndex, RenameIndex } from "./indexes.ts";
import { AlterModelTableComment, AlterOrderWithRespectTo } from "./model_options.ts";

/** A model as a migration declares it. */
export interface ModelDefinition extends ModelStateOptions {
  fields: Readonly<Record<string, MigrationField>>;
}

/** Creates a model's table, with its indexes, constraints and the tables of its many-to-many fields. */
export class CreateModel extends ModelOperation {
  readonly symbol = "+";
  readonly definition: ModelDefinition;

  constructor(name: string, definition: ModelDefinition) {
    super(name);
    this.definition = definition;
  }

  /** The fields as the state holds them. */
  stateFields(appLabel: string): Map<string, Field> {
    const entries = Object.entries(this.definition.fields);
    return new Map(entries.map(([name, { field }]) => [name, toStateField(field, name, this.label(appLabel))]));
  }

  override stateForwards(appLabel: string, state: ProjectState): ProjectState {
    const { fields: _fields, ...options } = this.definition;
    return state.with(new ModelState(appLabel, this.name, this.stateFields(appLabel), options));
  }

  override async databaseForwards(appLabel: string, editor: SchemaEditor, _from: ProjectState, to: ProjectState) {
    const model = to.apps.getModel(this.label(appLabel));
    if (hasTable(model, editor.connection)) await editor.createModel(model);
  }

  override async databaseBackwards(appLabel: string, editor: SchemaEditor, from: ProjectState, _to: ProjectState) {
    const model = from.apps.getModel(this.label(appLabel));
    if (hasTable(model, editor.connection)) await editor.deleteModel(model);
  }

  override describe(): string {
    return `Create ${this.definition.proxy ? "proxy " : ""}model ${this.name}`;
  }

  override get migrationNameFragment(): string {
    return this.nameLower;
  }

  override toSource(context: WriterContext): Source {
    const { fields, bases, proxy, dbTable, dbTableComment, managed, swappable, orderWithRespectTo } = this.definition;
    const { requiredDbVendor, requiredDbFeatures, uniqueTogether, indexes, constraints } = this.definition;
    const written = Object.entries(fields).map(
      ([name, { field }]) => [name, fieldSource(field, context.imports, context.swappable)] as const,
    );
    const entries: (readonly [string, Source] | undefined)[] = [
      ["fields", { object: written, multiline: true }],
      optional("bases", bases, (value) => valueSource(value, context.imports)),
      optional("proxy", proxy, String),
      optional("dbTable", dbTable, stringSource),
      optional("dbTableComment", dbTableComment, stringSource),
      optional("managed", managed, String),
      optional("swappable", swappable, stringSource),
      optional("requiredDbVendor", requiredDbVendor, stringSource),
      optional("requiredDbFeatures", requiredDbFeatures, (value) => valueSource(value, context.imports)),
      optional("orderWithRespectTo", orderWithRespectTo, stringSource),
      optional("uniqueTogether", uniqueTogether, (value) => valueSource(value, context.imports)),
      optional("indexes", indexes, (list) => ({
        array: list.map((index) => declarationSource(index, context.imports)),
      })),
      optional("constraints", constraints, (list) => ({
        array: list.map((constraint) => declarationSource(constraint, context.imports)),
      })),
    ];
    const object = entries.filter((entry) => entry !== undefined);
    return { call: "new CreateModel", args: [stringSource(this.name), { object, multiline: true }] };
  }

  override referencesModel(name: string, appLabel: string): boolean {
    const key = `${appLabel}.${name}`.toLowerCase();
    const relations = [...this.stateFields(appLabel).values()].filter((field) => field.remote);
    return (
      this.isOn(name) ||
      (this.definition.bases ?? []).some((base) => base.toLowerCase() === key) ||
      relations.some((field) => [targetLabel(field), throughLabel(field)].some((label) => label?.toLowerCase() === key))
    );
  }

  /** What is said of the model right after its creation becomes part of its creation. */
  override reduce(other: Operation, appLabel: string): Operation[] | boolean {
    const changed = this.#absorb(other, appLabel);
    if (changed) return changed;
    return super.reduce(other, appLabel);
  }

  #absorb(other: Operation, appLabel: string): Operation[] | undefined {
    if (!(other instanceof ModelOperation || other instanceof FieldOperation)) return undefined;
    if (!other.isOn(this.name)) return undefined;
    if (other instanceof DeleteModel) return this.definition.managed === false ? undefined : [];
    if (other instanceof AddField || other instanceof AlterField) {
      return other.preserveDefault ? [this.#withField(other.fieldName, other.field)] : undefined;
    }
    if (other instanceof RemoveField) return this.#isReferenced(other.fieldName) ? undefined : [this.#without(other)];
    return this.#absorbOption(other, appLabel);
  }

  #absorbOption(other: Operation, _appLabel: string): Operation[] | undefined {
    const { indexes = [], constraints = [] } = this.definition;
    if (other instanceof AlterUniqueTogether) return [this.with({ uniqueTogether: other.uniqueTogether })];
    if (other instanceof AlterOrderWithRespectTo)
      return [this.with({ orderWithRespectTo: other.value ?? undefined } as Partial<ModelDefinition>)];
    if (other instanceof AlterModelTableComment)
      return [this.with({ dbTableComment: other.value ?? undefined } as Partial<ModelDefinition>)];
    if (other instanceof AddIndex) return [this.with({ indexes: [...indexes, other.index] })];
    if (other instanceof RenameIndex || other instanceof RemoveIndex)
      return [this.with({ indexes: other.applied(indexes) })];
    if (other instanceof AddConstraint) return [this.with({ constraints: [...constraints, other.constraint] })];
    if (other instanceof AlterConstraint || other instanceof RemoveConstraint) {
      return [this.with({ constraints: other.applied(constraints) })];
    }
    return undefined;
  }

  #withField(name: string, field: MigrationField): CreateModel {
    return this.with({ fields: { ...this.definition.fields, [name]: field } });
  }

  #without({ fieldName }: RemoveField): CreateModel {
    const { [fieldName]: _removed, ...fields } = this.definition.fields;
    return this.with({ fields });
  }

  #isReferenced(name: string): boolean {
    const { uniqueTogether = [], indexes = [], constraints = [] } = this.definition;
    const lists = [...uniqueTogether, ...indexes.map(namedFields), ...constraints.map(namedFields)];
    const { field } = this.definition.fields[name];
    return lists.some((list) => list.includes(name) || (field.isForeignKey && list.includes(`${name}Id`)));
  }

  /** The same creation with parts of it replaced. */
  with(changes: Partial<ModelDefinition>): CreateModel {
    return new CreateModel(this.name, { ...this.definition, ...changes });
  }
}

function optional<T>(key: string, value: T | undefined, write: (value: T) => Source): [string, Source] | undefined {
  const isEmpty = value === undefined || (Array.isArray(value) && value.length === 0);
  return isEmpty ? undefined : [key, write(value as T)];
}

/** Drops a model's table, with the tables of its many-to-many fields. */
export class DeleteModel extends ModelOperation {
  readonly symbol = "-";
  override readonly deletesModel = true;

  override stateForwards(appLabel: string, state: ProjectState): ProjectState {
    return state.without(this.label(appLabel));
  }

  override async databaseForwards(appLabel: string, editor: SchemaEditor, from: ProjectState, _to: ProjectState) {
    const model = from.apps.getModel(this.label(appLabel));
    if (hasTable(model, editor.connection)) await editor.deleteModel(model);
  }

  override async databaseBackwards(appLabel: string, editor: SchemaEditor, _from: ProjectState, to: ProjectState) {
    const model = to.apps.getModel(this.label(appLabel));
    if (hasTable(model, editor.connection)) await editor.createModel(model);
  }

  override describe(): string {
    return `Delete model ${this.name}`;
  }

  override get migrationNameFragment(): string {
    return `delete_${this.nameLower}`;
  }

  override toSource(): Source {
    return { call: "new DeleteModel", args: [stringSource(this.name)] };
  }

  /** What the deleted model refers to is not known here. */
  override referencesModel(): boolean {
    return true;
  }
}

/** Renames a model, and with it its table and the columns of many-to-many tables that are named after it. */
export class RenameModel extends ModelOperation {
  readonly symbol = "~";
  readonly newName: string;

  constructor(oldName: string, newName: string) {
    super(oldName);
    this.newName = newName;
  }

  override stateForwards(appLabel: string, state: ProjectState): ProjectState {
    const old = state.get(this.label(appLabel));
    const label = `${appLabel}.${this.newName}`;
    const rename = (reference: string) => (reference.toLowerCase() === old.key ? label : reference);
    return state.map((model) => {
      const fields = new Map([...model.fields].map(([name, field]) => [name, retargeted(field, rename)]));
      const { bases } = model.options;
      const renamed = (model.key === old.key ? model.withName(this.newName) : model).withFields(fields);
      return bases ? renamed.withOptions({ bases: bases.map(rename) }) : renamed;
    });
  }

  override async databaseForwards(appLabel: string, editor: SchemaEditor, from: ProjectState, to: ProjectState) {
    await renameModel(
      editor,
      from.apps.getModel(this.label(appLabel)),
      to.apps.getModel(`${appLabel}.${this.newName}`),
    );
  }

  override async databaseBackwards(appLabel: string, editor: SchemaEditor, from: ProjectState, to: ProjectState) {
    await renameModel(
      editor,
      from.apps.getModel(`${appLabel}.${this.newName}`),
      to.apps.getModel(this.label(appLabel)),
    );
  }

  override describe(): string {
    return `Rename model ${this.name} to ${this.newName}`;
  }

  override get migrationNameFragment(): string {
    return `rename_${this.nameLower}_${this.newName.toLowerCase()}`;
  }

  override toSource(): Source {
    return { call: "new RenameModel", args: [stringSource(this.name), stringSource(this.newName)] };
  }

  override referencesModel(name: string, _appLabel: string): boolean {
    return this.isOn(name) || this.newName.toLowerCase() === name.toLowerCase();
  }
}

async function renameModel(editor: SchemaEditor, from: ModelClass, to: ModelClass): Promise<void> {
  if (!hasTable(to, editor.connection)) return;
  await editor.alterDbTable(to, from._meta.dbTable, to._meta.dbTable);
  await renameManyToManyTables(editor, from, to);
  for (const old of from._meta.relatedObjects) {
    const related = to._meta.relatedObjects.find((now) => isSameField(old.field, now.field, from, to));
    if (old.field.isManyToMany && old.relatedModel !== from && related) {
      await renameThrough(editor, old.field, related.field);
    }
  }
}

function isSameField(old: Field, now: Field, from: ModelClass, to: ModelClass): boolean {
  const sameModel = old.model._meta.label === now.model._meta.label || (old.model === from && now.model === to);
  return sameModel && old.name === now.name;
}

async function renameManyToManyTables(editor: SchemaEditor, from: ModelClass, to: ModelClass): Promise<void> {
  for (const old of from._meta.manyToMany) await renameThrough(editor, old, to._meta.getField(old.name));
}

/** Renames the table of a many-to-many field and its two columns, where they change. */
export async function renameThrough(editor: SchemaEditor, old: Field, now: Field): Promise<void> {
  const [from, to] = [throughModel(old), throughModel(now)];
  if (!from || !to) return;
  await editor.alterDbTable(to, from._meta.dbTable, to._meta.dbTable);
  for (const index of [1, 2]) await editor.renameColumn(to, from._meta.fields[index], to._meta.fields[index]);
}

/** Gives a model's table another name; without one, the name that it has by default. */
export class AlterModelTable extends ModelOperation {
  readonly symbol = "~";
  readonly table: string | null;

  constructor(name: string, table: string | null) {
    super(name);
    this.table = table;
  }

  override stateForwards(appLabel: string, state: ProjectState): ProjectState {
    const dbTable = this.table ?? undefined;
    return state.with(state.get(this.label(appLabel)).withOptions({ dbTable }));
  }

  override async databaseForwards(appLabel: string, editor: SchemaEditor, from: ProjectState, to: ProjectState) {
    const model = to.apps.getModel(this.label(appLabel));
    const old = from.apps.getModel(this.label(appLabel));
    if (!hasTable(model, editor.connection)) return;
    await editor.alterDbTable(model, old._meta.dbTable, model._meta.dbTable);
    await renameManyToManyTables(editor, old, model);
  }

  override databaseBackwards(appLabel: string, editor: SchemaEditor, from: ProjectState, to: ProjectState) {
    return this.databaseForwards(appLabel, editor, from, to);
  }

  override describe(): string {
    return `Rename table for ${this.nameLower} to ${this.table ?? "(default)"}`;
  }

  override get migrationNameFragment(): string {
    return `alter_${this.nameLower}_table`;
  }

  override toSource(): Source {
    const table = this.table === null ? "null" : stringSource(this.table);
    return { call: "new AlterModelTable", args: [stringSource(this.name), table] };
  }
}

/** Changes options that no table shows: today `managed` alone, see docs/migrations.md. */
export class AlterModelOptions extends ModelOperation {
  readonly symbol = "~";
  readonly options: Pick<ModelStateOptions, "managed">;

  constructor(name: string, options: Pick<ModelStateOptions, "managed">) {
    super(name);
    this.options = options;
  }

  override stateForwards(appLabel: string, state: ProjectState): ProjectState {
    const managed = this.options.managed === false ? false : undefined;
    return state.with(state.get(this.label(appLabel)).withOptions({ managed }));
  }

  override databaseForwards(): void {}

  override databaseBackwards(): void {}

  override describe(): string {
    return `Change Meta options on ${this.nameLower}`;
  }

  override get migrationNameFragment(): string {
    return `alter_${this.nameLower}_options`;
  }

  override toSource({ imports }: WriterContext): Source {
    return { call: "new AlterModelOptions", args: [stringSource(this.name), valueSource(this.options, imports)] };
  }
}

/** Replaces the lists of fields whose values are unique together. */
export class AlterUniqueTogether extends ModelOperation {
  readonly symbol = "~";
  readonly uniqueTogether: readonly (readonly string[])[];

  constructor(name: string, uniqueTogether: readonly (readonly string[])[]) {
    super(name);
    this.uniqueTogether = uniqueTogether;
  }

  override stateForwards(appLabel: string, state: ProjectState): ProjectState {
    const uniqueTogether = this.uniqueTogether.length > 0 ? this.uniqueTogether : undefined;
    return state.with(state.get(this.label(appLabel)).withOptions({ uniqueTogether }));
  }

  override async databaseForwards(appLabel: string, editor: SchemaEditor, from: ProjectState, to: ProjectState) {
    const model = to.apps.getModel(this.label(appLabel));
    const old = from.apps.getModel(this.label(appLabel));
    if (hasTable(model, editor.connection)) await editor.alterUniqueTogether(old, model);
  }

  override databaseBackwards(appLabel: string, editor: SchemaEditor, from: ProjectState, to: ProjectState) {
    return this.databaseForwards(appLabel, editor, from, to);
  }

  override describe(): string {
    return `Alter unique_together for ${this.nameLower} (${this.uniqueTogether.length} constraint(s))`;
  }

  override get migrationNameFragment(): string {
    return `alter_${this.nameLower}_unique_together`;
  }

  override reduce(other: Operation, appLabel: string): Operation[] | boolean {
    const supersedes = other instanceof AlterUniqueTogether || other instanceof DeleteModel;
    return supersedes && other.isOn(this.name) ? [other] : super.reduce(other, appLabel);
  }

  override toSource({ imports }: WriterContext): Source {
    const lists = valueSource(this.uniqueTogether, imports);
    return { call: "new AlterUniqueTogether", args: [stringSource(this.name), lists] };
  }
}
