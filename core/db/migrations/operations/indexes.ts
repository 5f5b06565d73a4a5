import type { Constraint } from "../../constraints.ts";
import type { Index } from "../../indexes.ts";
import type { SchemaEditor } from "../../schema/base.ts";
import { StateError } from "../exceptions.ts";
import { declarationSource } from "../index_state.ts";
import { stringSource } from "../serializer.ts";
import type { Source } from "../source.ts";
import type { ModelState, ProjectState } from "../state.ts";
import { hasTable, ModelOperation, type Operation, type WriterContext } from "./base.ts";

function findNamed<T extends { name: string }>(list: readonly T[] | undefined, name: string, model: ModelState): T {
  const found = list?.find((item) => item.name === name);
  if (found) return found;
  throw new StateError(`${model.label} has no index or constraint "${name}" at this point of its migrations.`);
}

/** Creates an index. */
export class AddIndex extends ModelOperation {
  readonly symbol = "+";
  readonly index: Index;

  constructor(modelName: string, index: Index) {
    super(modelName);
    this.index = index;
  }

  override stateForwards(appLabel: string, state: ProjectState): ProjectState {
    const model = state.get(this.label(appLabel));
    return state.with(model.withOptions({ indexes: [...(model.options.indexes ?? []), this.index] }));
  }

  override async databaseForwards(appLabel: string, editor: SchemaEditor, _from: ProjectState, to: ProjectState) {
    const model = to.apps.getModel(this.label(appLabel));
    if (hasTable(model, editor.connection)) await editor.addIndex(model, this.index);
  }

  override async databaseBackwards(appLabel: string, editor: SchemaEditor, from: ProjectState, _to: ProjectState) {
    const model = from.apps.getModel(this.label(appLabel));
    if (hasTable(model, editor.connection)) await editor.removeIndex(model, this.index);
  }

  override describe(): string {
    const { name, fields, expressions } = this.index;
    const what = expressions.length > 0 ? "expression(s)" : `field(s) ${fields.join(", ")}`;
    return `Create index ${name} on ${what} of model ${this.nameLower}`;
  }

  override reduce(other: Operation, appLabel: string): Operation[] | boolean {
    const isSame = other instanceof RemoveIndex || other instanceof RenameIndex;
    if (!isSame || !other.isOn(this.name) || other.indexName !== this.index.name) return super.reduce(other, appLabel);
    return other.applied([this.index]).map((index) => new AddIndex(this.name, index));
  }

  override get migrationNameFragment(): string {
    return `${this.nameLower}_${this.index.name.toLowerCase()}`;
  }

  override toSource({ imports }: WriterContext): Source {
    return { call: "new AddIndex", args: [stringSource(this.name), declarationSource(this.index, imports)] };
  }
}

/** Drops an index. */
export class RemoveIndex extends ModelOperation {
  readonly symbol = "-";
  readonly indexName: string;

  constructor(modelName: string, indexName: string) {
    super(modelName);
    this.indexName = indexName;
  }

  override stateForwards(appLabel: string, state: ProjectState): ProjectState {
    const model = state.get(this.label(appLabel));
    findNamed(model.options.indexes, this.indexName, model);
    const indexes = this.applied(model.options.indexes ?? []);
    return state.with(model.withOptions({ indexes: indexes.length > 0 ? indexes : undefined }));
  }

  /** The indexes that are left. */
  applied(indexes: readonly Index[]): readonly Index[] {
    return indexes.filter(({ name }) => name !== this.indexName);
  }

  override async databaseForwards(appLabel: string, editor: SchemaEditor, from: ProjectState, _to: ProjectState) {
    const model = from.apps.getModel(this.label(appLabel));
    if (hasTable(model, editor.connection)) await editor.removeIndex(model, this.#find(from, appLabel));
  }

  override async databaseBackwards(appLabel: string, editor: SchemaEditor, _from: ProjectState, to: ProjectState) {
    const model = to.apps.getModel(this.label(appLabel));
    if (hasTable(model, editor.connection)) await editor.addIndex(model, this.#find(to, appLabel));
  }

  #find(state: ProjectState, appLabel: string): Index {
    const model = state.get(this.label(appLabel));
    return findNamed(model.options.indexes, this.indexName, model);
  }

  override describe(): string {
    return `Remove index ${this.indexName} from ${this.nameLower}`;
  }

  override get migrationNameFragment(): string {
    return `remove_${this.nameLower}_${this.indexName.toLowerCase()}`;
  }

  override toSource(): Source {
    return { call: "new RemoveIndex", args: [stringSource(this.name), stringSource(this.indexName)] };
  }
}

/** Gives an index another name. */
export class RenameIndex extends ModelOperation {
  readonly symbol = "~";
  readonly indexName: string;
  readonly newName: string;

  constructor(modelName: string, oldName: string, newName: string) {
    super(modelName);
    this.indexName = oldName;
    this.newName = newName;
  }

  override stateForwards(appLabel: string, state: ProjectState): ProjectState {
    const model = state.get(this.label(appLabel));
    findNamed(model.options.indexes, this.indexName, model);
    return state.with(model.withOptions({ indexes: this.applied(model.options.indexes ?? []) }));
  }

  /** The indexes with this one under its new name. */
  applied(indexes: readonly Index[]): readonly Index[] {
    return indexes.map((index) => (index.name === this.indexName ? index.clone({ name: this.newName }) : index));
  }

  override async databaseForwards(appLabel: string, editor: SchemaEditor, from: ProjectState, to: ProjectState) {
    await this.#rename(appLabel, editor, [from, this.indexName], [to, this.newName]);
  }

  override async databaseBackwards(appLabel: string, editor: SchemaEditor, from: ProjectState, to: ProjectState) {
    await this.#rename(appLabel, editor, [from, this.newName], [to, this.indexName]);
  }

  async #rename(
    appLabel: string,
    editor: SchemaEditor,
    [from, oldName]: [ProjectState, string],
    [to, newName]: [ProjectState, string],
  ): Promise<void> {
    const model = to.apps.getModel(this.label(appLabel));
    if (!hasTable(model, editor.connection)) return;
    const [before, after] = [from.get(this.label(appLabel)), to.get(this.label(appLabel))];
    const old = findNamed(before.options.indexes, oldName, before);
    await editor.renameIndex(model, old, findNamed(after.options.indexes, newName, after));
  }

  override describe(): string {
    return `Rename index ${this.indexName} on ${this.name} to ${this.newName}`;
  }

  override get migrationNameFragment(): string {
    return `rename_${this.indexName.toLowerCase()}_${this.newName.toLowerCase()}`;
  }

  override reduce(other: Operation, appLabel: string): Operation[] | boolean {
    const follows = other instanceof RenameIndex && other.isOn(this.name) && other.indexName === this.newName;
    return follows ? [new RenameIndex(this.name, this.indexName, other.newName)] : super.reduce(other, appLabel);
  }

  override toSource(): Source {
    const args = [this.name, this.indexName, this.newName].map((name) => stringSource(name));
    return { call: "new RenameIndex", args };
  }
}

/** Adds a constraint; rows that violate it make the migration fail, and nothing is changed. */
export class AddConstraint extends ModelOperation {
  readonly symbol = "+";
  readonly constraint: Constraint;

  constructor(modelName: string, constraint: Constraint) {
    super(modelName);
    this.constraint = constraint;
  }

  override stateForwards(appLabel: string, state: ProjectState): ProjectState {
    const model = state.get(this.label(appLabel));
    return state.with(model.withOptions({ constraints: [...(model.options.constraints ?? []), this.constraint] }));
  }

  override async databaseForwards(appLabel: string, editor: SchemaEditor, _from: ProjectState, to: ProjectState) {
    const model = to.apps.getModel(this.label(appLabel));
    if (hasTable(model, editor.connection)) await editor.addConstraint(model, this.constraint);
  }

  override async databaseBackwards(appLabel: string, editor: SchemaEditor, from: ProjectState, to: ProjectState) {
    const model = to.apps.getModel(this.label(appLabel));
    if (hasTable(model, editor.connection))
      await editor.removeConstraint(from.apps.getModel(this.label(appLabel)), model, this.constraint);
  }

  override describe(): string {
    return `Create constraint ${this.constraint.name} on model ${this.nameLower}`;
  }

  override get migrationNameFragment(): string {
    return `${this.nameLower}_${this.constraint.name.toLowerCase()}`;
  }

  override reduce(other: Operation, appLabel: string): Operation[] | boolean {
    const isSame = other instanceof RemoveConstraint || other instanceof AlterConstraint;
    if (!isSame || !other.isOn(this.name) || other.constraintName !== this.constraint.name) {
      return super.reduce(other, appLabel);
    }
    return other.applied([this.constraint]).map((constraint) => new AddConstraint(this.name, constraint));
  }

  override toSource({ imports }: WriterContext): Source {
    return { call: "new AddConstraint", args: [stringSource(this.name), declarationSource(this.constraint, imports)] };
  }
}

/** Drops a constraint. */
export class RemoveConstraint extends ModelOperation {
  readonly symbol = "-";
  readonly constraintName: string;

  constructor(modelName: string, constraintName: string) {
    super(modelName);
    this.constraintName = constraintName;
  }

  override stateForwards(appLabel: string, state: ProjectState): ProjectState {
    const model = state.get(this.label(appLabel));
    findNamed(model.options.constraints, this.constraintName, model);
    const constraints = this.applied(model.options.constraints ?? []);
    return state.with(model.withOptions({ constraints: constraints.length > 0 ? constraints : undefined }));
  }

  /** The constraints that are left. */
  applied(constraints: readonly Constraint[]): readonly Constraint[] {
    return constraints.filter(({ name }) => name !== this.constraintName);
  }

  override async databaseForwards(appLabel: string, editor: SchemaEditor, from: ProjectState, to: ProjectState) {
    const model = to.apps.getModel(this.label(appLabel));
    const old = from.apps.getModel(this.label(appLabel));
    if (hasTable(model, editor.connection)) await editor.removeConstraint(old, model, this.#find(from, appLabel));
  }

  override async databaseBackwards(appLabel: string, editor: SchemaEditor, _from: ProjectState, to: ProjectState) {
    const model = to.apps.getModel(this.label(appLabel));
    if (hasTable(model, editor.connection)) await editor.addConstraint(model, this.#find(to, appLabel));
  }

  #find(state: ProjectState, appLabel: string): Constraint {
    const model = state.get(this.label(appLabel));
    return findNamed(model.options.constraints, this.constraintName, model);
  }

  override describe(): string {
    return `Remove constraint ${this.constraintName} from model ${this.nameLower}`;
  }

  override get migrationNameFragment(): string {
    return `remove_${this.nameLower}_${this.constraintName.toLowerCase()}`;
  }

  override toSource(): Source {
    return { call: "new RemoveConstraint", args: [stringSource(this.name), stringSource(this.constraintName)] };
  }
}

/** Changes what a constraint says where it is violated, which no table shows. */
export class AlterConstraint extends ModelOperation {
  readonly symbol = "~";
  readonly constraintName: string;
  readonly constraint: Constraint;

  constructor(modelName: string, constraintName: string, constraint: Constraint) {
    super(modelName);
    this.constraintName = constraintName;
    this.constraint = constraint;
  }

  override stateForwards(appLabel: string, state: ProjectState): ProjectState {
    const model = state.get(this.label(appLabel));
    findNamed(model.options.constraints, this.constraintName, model);
    return state.with(model.withOptions({ constraints: this.applied(model.options.constraints ?? []) }));
  }

  /** The constraints with this one in the place of the one that has its name. */
  applied(constraints: readonly Constraint[]): readonly Constraint[] {
    return constraints.map((constraint) => (constraint.name === this.constraintName ? this.constraint : constraint));
  }

  override databaseForwards(): void {}

  override databaseBackwards(): void {}

  override describe(): string {
    return `Alter constraint ${this.constraintName} on ${this.name}`;
  }

  override get migrationNameFragment(): string {
    return `alter_${this.nameLower}_${this.constraintName.toLowerCase()}`;
  }

  override reduce(other: Operation, appLabel: string): Operation[] | boolean {
    const supersedes = other instanceof AlterConstraint || other instanceof RemoveConstraint;
    const isSame = supersedes && other.isOn(this.name) && other.constraintName === this.constraintName;
    return isSame ? [other] : super.reduce(other, appLabel);
  }

  override toSource({ imports }: WriterContext): Source {
    const names = [this.name, this.constraintName].map((name) => stringSource(name));
    return { call: "new AlterConstraint", args: [...names, declarationSource(this.constraint, imports)] };
  }
}
