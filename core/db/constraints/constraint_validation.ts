// How constraints look at an object before it is saved: the database is asked, with the object's values in a row that is
// in no table.
import { DatabaseError, ValidationError } from "../../exceptions.ts";
import { quoteName } from "../backends/base.ts";
import { togetherError, uniqueError } from "../checks/unique_checks.ts";
import { type Connection, connections } from "../connections.ts";
import type { BaseConstraint, CheckConstraint, UniqueConstraint, ValidateOptions } from "../constraints.ts";
import { type BoundExpression, Expression, OrderBy } from "../expressions/base.ts";
import type { Field } from "../fields/field.ts";
import type { RowCondition } from "../indexes.ts";
import { stateOf } from "../meta/model_state.ts";
import type { BaseModel, ModelClass } from "../models.ts";
import type { ExclusionConstraint } from "../postgres/exclusion_constraint.ts";
import type { IndexTerm } from "../schema/index_terms.ts";
import { QueryBinder } from "../sql/binding.ts";
import { CandidateQuestion, sameOrNull } from "../sql/candidate_row.ts";
import { QueryState } from "../sql/query_state.ts";
import { conditionPaths, expressionPaths } from "../sql/references.ts";
import { atomic } from "../transaction.ts";

/** Whether there is no row of which the condition is false: one of which it is unknown passes, as in the table. */
export async function validateCheck(
  constraint: CheckConstraint,
  model: ModelClass,
  instance: BaseModel,
  { exclude, using }: ValidateOptions,
): Promise<void> {
  const fields = fieldsOf(model, constraint.paths);
  if (isPassedOver(instance, fields, exclude)) return;
  const condition = new QueryBinder(new QueryState(model)).condition(constraint.condition);
  const connection = connections.get(using);
  const found = await isFound(connection, () => {
    const question = new CandidateQuestion(connection, model, [condition]);
    const row = question.row(instance, fields);
    return question.isAnswered(`SELECT 1 FROM ${row} WHERE NOT (${question.ofCandidate(condition)})`);
  });
  if (found) throw violation(constraint);
}

/** Whether another row has the same values, among those that the constraint's condition holds of. */
export async function validateUnique(
  constraint: UniqueConstraint,
  model: ModelClass,
  instance: BaseModel,
  { exclude, using }: ValidateOptions,
): Promise<void> {
  const { fields, expressions, condition, nullsDistinct } = constraint.options;
  const compared = fieldsOf(model, fields ?? expressionPaths(expressions));
  const named = [...new Set([...compared, ...(condition ? fieldsOf(model, conditionPaths(condition)) : [])])];
  if (isPassedOver(instance, named, exclude)) return;
  if (fields && nullsDistinct !== false && compared.some((field) => attributeOf(instance, field) === null)) return;
  const connection = connections.get(using);
  const same = nullsDistinct === false ? sameOrNull(connection.vendor) : "=";
  const terms = (expressions ?? fields ?? []).map((term) => [boundTerm(model, term), same] as const);
  const found = await isFound(connection, () => isTaken(connection, model, instance, { terms, named, condition }));
  if (found) throw uniqueViolation(constraint, model);
}

/** Whether there is a row for which every operator holds, among those that the constraint's condition holds of. */
export async function validateExclusion(
  constraint: ExclusionConstraint,
  model: ModelClass,
  instance: BaseModel,
  { exclude, using }: ValidateOptions,
): Promise<void> {
  const connection = connections.get(using);
  const named = fieldsOf(model, constraint.paths);
  if (!constraint.isSupported(connection.vendor) || isPassedOver(instance, named, exclude)) return;
  const terms = constraint.expressions.map(([term, operator]) => [boundTerm(model, term), operator] as const);
  const { condition } = constraint;
  const found = await isFound(connection, () => isTaken(connection, model, instance, { terms, named, condition }));
  if (found) throw violation(constraint);
}

/** What is compared of two rows. */
interface Comparison {
  terms: readonly (readonly [expression: BoundExpression, operator: string])[];
  /** The fields that are spoken of. */
  named: readonly Field[];
  condition: RowCondition | undefined;
}

function isTaken(
  connection: Connection,
  model: ModelClass,
  instance: BaseModel,
  { terms, named, condition }: Comparison,
): Promise<boolean> {
  const { dbTable, pk } = model._meta;
  const conditions = condition ? [new QueryBinder(new QueryState(model)).condition(condition)] : [];
  const keys = stateOf(instance).adding ? [] : [pk];
  const question = new CandidateQuestion(connection, model, [...terms.map(([term]) => term), ...conditions]);
  const row = question.row(instance, [...new Set([...named, ...keys])]);
  const where = [
    ...terms.map(([term, operator]) => question.comparison(term, operator)),
    ...conditions.flatMap((each) => [question.ofRows(each), question.ofCandidate(each)]),
    ...keys.map((key) => `NOT (${question.comparison(boundTerm(model, key.name), "=")})`),
  ];
  return question.isAnswered(`SELECT 1 FROM ${quoteName(dbTable)}, ${row} WHERE ${where.join(" AND ")} LIMIT 1`);
}

function boundTerm(model: ModelClass, given: string | IndexTerm): BoundExpression {
  const binder = new QueryBinder(new QueryState(model));
  const term = given instanceof OrderBy ? given.expression : given;
  return typeof term === "string" ? binder.name(term) : term.bind(binder);
}

/** The fields that names and lookups begin with. */
function fieldsOf({ _meta }: ModelClass, paths: readonly string[]): Field[] {
  return [...new Set(paths.map((path) => _meta.getField(path.split("__")[0])))];
}

/** What is excluded is known to be wrong, or not given; a value that the database is to compute is not known yet. */
function isPassedOver(instance: BaseModel, fields: readonly Field[], exclude: Iterable<string> = []): boolean {
  const excluded = new Set(exclude);
  return fields.some(
    (field) =>
      excluded.has(field.name) || excluded.has(field.attname) || attributeOf(instance, field) instanceof Expression,
  );
}

function attributeOf(instance: BaseModel, { attname }: Field): unknown {
  return (instance as unknown as Record<string, unknown>)[attname] ?? null;
}

/**
 * Whether the statement gives a row. What the database cannot say is left to its table, as in Django: false then.
 * In a transaction it runs in a savepoint, which a failure does not reach beyond.
 */
async function isFound(connection: Connection, ask: () => Promise<boolean>): Promise<boolean> {
  const answer = async () => ask();
  try {
    return connection.inTransaction ? await atomic(answer, { using: connection.alias }) : await answer();
  } catch (error) {
    if (error instanceof DatabaseError) return false;
    throw error;
  }
}

function violation(constraint: BaseConstraint): ValidationError {
  const code = constraint.violationErrorCode;
  return new ValidationError(constraint.getViolationErrorMessage(), code === undefined ? {} : { code });
}

/** Fields without a condition and without a message of their own say what a unique field says. */
function uniqueViolation(constraint: UniqueConstraint, model: ModelClass): ValidationError {
  const { fields, condition, violationErrorMessage } = constraint.options;
  if (!fields || condition || violationErrorMessage) return violation(constraint);
  const named = fieldsOf(model, fields);
  return named.length === 1 ? uniqueError(named[0]) : togetherError(model, named);
}
