import { FieldError } from "../../exceptions.ts";
import { BoundExpression, type BoundQuery, type Visit, type Writer } from "../expressions/base.ts";
import { plainOutput } from "../expressions/outputs.ts";
import type { Field } from "../fields/field.ts";
import type { Vendor } from "../fields/field_types.ts";
import { transformOutput } from "../lookups.ts";
import type { ModelClass } from "../models.ts";
import { buildCondition, type Condition, type ConditionContext, expressionsOf, someCondition } from "./conditions.ts";
import { type FieldPath, splitTransforms, walkPath } from "./lookup_path.ts";
import type { Annotation, QueryState, SubQuery } from "./query_state.ts";
import { visitCondition, visitQuery } from "./query_values.ts";

/** What a writer of whole queries offers besides what expressions need. */
export interface QueryWriter extends Writer {
  condition(condition: Condition): string;
  annotation(annotation: Annotation): string;
  /** An expression, and what lookups make of it. */
  transformed(expression: BoundExpression, transforms: readonly string[]): string;
}

/** Looks names up for a query: its model's, and those that it has annotated. */
export class QueryBinder implements ConditionContext {
  readonly model: ModelClass;
  readonly annotations: ReadonlyMap<string, Annotation>;

  constructor({ model, annotations }: Pick<QueryState, "model" | "annotations">) {
    this.model = model;
    this.annotations = annotations;
  }

  name(path: string): BoundExpression {
    const annotation = this.annotations.get(path);
    if (annotation) return new BoundReference(path, annotation);
    const [name, ...parts] = path.split("__");
    const head = this.annotations.get(name);
    if (head) return transformed(new BoundReference(name, head), parts, path);
    const found = walkPath(this.model, path);
    return new BoundColumn(path, found.path, splitTransforms(found.rest, found.path.field, path));
  }

  condition(input: object): BoundExpression {
    return new BoundCondition(buildCondition(this, input));
  }

  query({ queryState }: SubQuery): BoundSelect {
    return new BoundSelect(queryState);
  }
}

function transformed(reference: BoundReference, parts: readonly string[], path: string): BoundExpression {
  if (parts.length === 0) return reference;
  if (reference.output) return new BoundTransformed(path, reference, splitTransforms(parts, reference.output, path));
  throw new FieldError(`Cannot resolve "${path}": of what kind "${reference.name}" is is not known.`, {
    hint: "Give it an outputField.",
  });
}

/** What is made of an annotation: `firstSeen__year`. */
class BoundTransformed extends BoundExpression {
  readonly output: Field;
  readonly #name: string;
  readonly #transforms: readonly string[];

  constructor(name: string, reference: BoundReference, transforms: readonly string[]) {
    super([reference]);
    this.#name = name;
    this.#transforms = transforms;
    this.output = transforms.reduce(transformOutput, reference.output as Field);
  }

  get shape(): string {
    return `@${this.#name}`;
  }

  write(writer: Writer): string {
    return (writer as QueryWriter).transformed(this.children[0], this.#transforms);
  }
}

/** A column, perhaps of another table, and what is made of it: `createdAt__year`. */
export class BoundColumn extends BoundExpression {
  readonly path: FieldPath;
  readonly output: Field;
  readonly transforms: readonly string[];
  readonly #name: string;

  constructor(name: string, path: FieldPath, transforms: readonly string[]) {
    super();
    this.#name = name;
    this.path = path;
    this.transforms = transforms;
    this.output = transforms.reduce(transformOutput, path.field);
  }

  get shape(): string {
    return `F(${this.#name})`;
  }

  override get nullable(): boolean {
    return (
      this.path.field.null || this.path.relations.some((relation) => relation.nullable) || this.transforms.length > 0
    );
  }

  override get paths(): readonly FieldPath[] {
    return [this.path];
  }

  write(writer: Writer): string {
    return writer.column(this.path, this.transforms);
  }
}

/** Something that the query has annotated, by its name. */
export class BoundReference extends BoundExpression {
  readonly name: string;
  readonly annotation: Annotation;

  constructor(name: string, annotation: Annotation) {
    super([annotation.expression]);
    this.name = name;
    this.annotation = annotation;
  }

  get shape(): string {
    return `@${this.name}`;
  }

  get output(): Field | null {
    return this.annotation.expression.output;
  }

  override get nullable(): boolean {
    return this.annotation.expression.nullable;
  }

  override read(raw: unknown, vendor: Vendor): unknown {
    return this.annotation.expression.read(raw, vendor);
  }

  write(writer: Writer): string {
    return (writer as QueryWriter).annotation(this.annotation);
  }
}

/** Whether an expression makes an aggregate, and does not only name one that is there. */
export function makesAggregate(expression: BoundExpression): boolean {
  if (expression instanceof BoundReference) return false;
  return expression.isAggregate || expression.children.some(makesAggregate);
}

/** Whether an expression speaks of a group of rows, and so belongs into HAVING. */
export function isGrouped(expression: BoundExpression): boolean {
  if (expression instanceof BoundReference) return expression.annotation.grouped && expression.aggregate;
  return expression.children.some(isGrouped);
}

/** Conditions as an expression. */
export class BoundCondition extends BoundExpression {
  readonly output = plainOutput("BooleanField");
  readonly condition: Condition;

  constructor(condition: Condition) {
    super(childrenOf(condition));
    this.condition = condition;
  }

  get shape(): string {
    return `Q(${this.condition.shape})`;
  }

  override get paths(): readonly FieldPath[] {
    return [...lookupsOf(this.condition), ...super.paths];
  }

  override visit(visit: Visit): void {
    visitCondition(this.condition, visit);
  }

  write(writer: Writer): string {
    return (writer as QueryWriter).condition(this.condition) || (writer.vendor === "sqlite" ? "1" : "TRUE");
  }
}

function childrenOf(condition: Condition): BoundExpression[] {
  const children: BoundExpression[] = [];
  someCondition(condition, (leaf) => {
    children.push(...expressionsOf(leaf));
    return false;
  });
  return children;
}

function lookupsOf(condition: Condition): FieldPath[] {
  const paths: FieldPath[] = [];
  someCondition(condition, (leaf) => {
    if (leaf.type === "leaf" && !leaf.left) paths.push(leaf.lookup);
    return false;
  });
  return paths;
}

/** A query inside an expression. */
export class BoundSelect implements BoundQuery {
  readonly state: QueryState;

  constructor(state: QueryState) {
    this.state = state;
  }

  get shape(): string {
    return this.state.shape;
  }

  get output(): Field | null {
    const [name = "pk"] = this.state.values ?? [];
    return new QueryBinder(this.state).name(name).output;
  }

  visit(visit: Visit): void {
    visitQuery(this.state, visit);
  }
}
