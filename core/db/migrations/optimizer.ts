import type { Operation } from "./operations/base.ts";

/**
 * Merges operations that come to less together than apart: a field added right after its model is created becomes part
 * of the creation. The order of what remains is kept wherever it matters. (django.db.migrations.optimizer)
 */
export function optimize(operations: readonly Operation[], appLabel: string): Operation[] {
  let current = [...operations];
  for (let next = reduceOnce(current, appLabel); next; next = reduceOnce(current, appLabel)) current = next;
  return current;
}

/** The list after the first merge that is possible, or undefined where none is. */
function reduceOnce(operations: readonly Operation[], appLabel: string): Operation[] | undefined {
  for (let first = 0; first < operations.length; first++) {
    const merged = mergeInto(operations, first, appLabel);
    if (merged) return merged;
  }
  return undefined;
}

function mergeInto(operations: readonly Operation[], first: number, appLabel: string): Operation[] | undefined {
  // Whether the first operation may move right, past all that stand between.
  let canMoveRight = true;
  for (let second = first + 1; second < operations.length; second++) {
    const result = operations[first].reduce(operations[second], appLabel);
    if (Array.isArray(result)) {
      const between = operations.slice(first + 1, second);
      const canMoveLeft = () => between.every((other) => other.reduce(operations[second], appLabel) === true);
      if (!canMoveRight && !canMoveLeft()) return undefined;
      const middle = canMoveRight ? [...between, ...result] : [...result, ...between];
      return [...operations.slice(0, first), ...middle, ...operations.slice(second + 1)];
    }
    canMoveRight &&= result;
  }
  return undefined;
}
