// What conditions and expressions speak of, and the same ones in other words.
import { Expression, FExpression, OrderBy } from "../expressions/base.ts";
import { WhenBranch } from "../expressions/conditional.ts";
import { type ConditionInput, QNode } from "../expressions/q.ts";

/** The lookups and columns that a condition names, as they were written: `pages__gt`, `author__name`. */
export function conditionPaths(condition: ConditionInput): string[] {
  if (condition instanceof QNode) return condition.children.flatMap(conditionPaths);
  if (condition instanceof Expression) return expressionPaths(condition);
  return Object.entries(condition).flatMap(([key, value]) => [key, ...expressionPaths(value)]);
}

/** The columns that an expression names, whatever it is made of. */
export function expressionPaths(value: unknown): string[] {
  if (value instanceof FExpression) return [value.path];
  if (value instanceof QNode) return conditionPaths(value);
  if (value instanceof WhenBranch) return [...conditionPaths(value.condition), ...expressionPaths(value.result)];
  if (Array.isArray(value)) return value.flatMap(expressionPaths);
  return isPart(value) ? Object.values(value).flatMap(expressionPaths) : [];
}

function isPart(value: unknown): value is Expression | OrderBy {
  return value instanceof Expression || value instanceof OrderBy;
}

/** What is put in the place of each comparison and of each column. */
export interface Rewriting {
  comparison(key: string, value: unknown): ConditionInput;
  path(path: string): string;
}

/** The same condition with its comparisons and columns rewritten. */
export function rewrittenCondition<C extends ConditionInput>(condition: C, rewriting: Rewriting): C;
export function rewrittenCondition(condition: ConditionInput, rewriting: Rewriting): ConditionInput {
  if (condition instanceof QNode) return rewrittenNode(condition, rewriting);
  if (condition instanceof Expression) return rewrittenExpression(condition, rewriting) as ConditionInput;
  const comparisons = Object.entries(condition).map(([key, value]) =>
    rewriting.comparison(key, rewrittenExpression(value, rewriting)),
  );
  const isPlain = comparisons.every((comparison) => !(comparison instanceof QNode));
  return isPlain ? Object.assign({}, ...comparisons) : new QNode("and", comparisons);
}

function rewrittenNode({ connector, children, negated }: QNode, rewriting: Rewriting): QNode {
  return new QNode(
    connector,
    children.map((child) => rewrittenCondition(child, rewriting)),
    negated,
  );
}

/** The same expression with its comparisons and columns rewritten; what is no expression stays as it is. */
export function rewrittenExpression(value: unknown, rewriting: Rewriting): unknown {
  if (value instanceof FExpression) return new FExpression(rewriting.path(value.path));
  if (value instanceof QNode) return rewrittenNode(value, rewriting);
  if (value instanceof WhenBranch) {
    const result = rewrittenExpression(value.result, rewriting) as Expression;
    return new WhenBranch(rewrittenCondition(value.condition, rewriting), result);
  }
  if (Array.isArray(value)) return value.map((item) => rewrittenExpression(item, rewriting));
  if (!isPart(value)) return value;
  const parts = Object.entries(value).map(([key, part]) => [key, rewrittenExpression(part, rewriting)]);
  return Object.assign(Object.create(Object.getPrototypeOf(value)), Object.fromEntries(parts));
}

type Rename = (name: string) => string;

/** The same condition over fields under their new names. */
export function renamedCondition<C extends ConditionInput>(condition: C, rename: Rename): C {
  return rewrittenCondition(condition, renaming(rename));
}

/** The same expressions over fields under their new names. */
export function renamedExpression<T>(value: T, rename: Rename): T {
  return rewrittenExpression(value, renaming(rename)) as T;
}

function renaming(rename: Rename): Rewriting {
  return {
    comparison: (key, value) => ({ [renamedPath(key, rename)]: value }),
    path: (path) => renamedPath(path, rename),
  };
}

/** A `-` may stand before it, a lookup after it. */
function renamedPath(path: string, rename: Rename): string {
  const [, sign, name, rest] = /^(-?)(.*?)((?:__.*)?)$/s.exec(path) as RegExpExecArray;
  return `${sign}${rename(name)}${rest}`;
}
