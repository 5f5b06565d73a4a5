/**
 * Visits every item in its turn. The next one waits where a visit gives a promise; where none does, all is done when the
 * function returns and nothing was made to wait.
 *
 * @example
 * const checked = inOrder(fields, (field) => field.check());
 * if (checked) await checked;
 */
export function inOrder<T>(
  items: readonly T[],
  visit: (item: T, index: number) => void | Promise<void>,
  from = 0,
): Promise<void> | undefined {
  for (let index = from; index < items.length; index++) {
    const visited = visit(items[index] as T, index);
    if (visited instanceof Promise) return visited.then(() => inOrder(items, visit, index + 1));
  }
  return undefined;
}
