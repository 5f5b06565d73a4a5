import type { Constraint, Index } from "../../indexes.ts";
import type { SchemaEditor } from "../../schema/base.ts";
import { StateError } from "../exceptions.ts";
import { type Imports, stringSource, valueSource } from "../serializer.ts";
import type { Source } from "../source.ts";
import type { ModelState, ProjectState } from "../state.ts";
import { hasTable, ModelOperation, type WriterContext } from "./base.ts";

/** `new Index({ fields: ["title"], name: "book_title_idx" })` */
export function indexSource(index: Index, imports: Imports): Source {
  imports.add("Index");
  return { call: "new Index", args: [valueSource({ fields: index.fields, name: index.name }, imports)] };
}

/** `new UniqueConstraint({ fields: ["author", "title"], name: "one_title_per_author" })` */
export function constraintSource(constraint: Constraint, imports: Imports): Source {
  imports.add("UniqueConstraint");
  const { fields, name } = constraint;
  return { call: "new UniqueConstraint", args: [valueSource({ fields, name }, imports)] };
}

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
    return `Create index ${this.index.name} on field(s) ${this.index.fields.join(", ")} of model ${this.nameLower}`;
  }

  override get migrationNameFragment(): string {
    return `${this.nameLower}_${this.index.name.toLowerCase()}`;
  }

  override toSource({ imports }: WriterContext): Source {
    return { call: "new AddIndex", args: [stringSource(this.name), indexSource(this.index, imports)] };
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
    const indexes = model.options.indexes?.filter(({ name }) => name !== this.indexName);
    return state.with(model.withOptions({ indexes: indexes?.length ? indexes : undefined }));
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

  override toSource({ imports }: WriterContext): Source {
    return { call: "new AddConstraint", args: [stringSource(this.name), constraintSource(this.constraint, imports)] };
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
    const constraints = model.options.constraints?.filter(({ name }) => name !== this.constraintName);
    return state.with(model.withOptions({ constraints: constraints?.length ? constraints : undefined }));
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
