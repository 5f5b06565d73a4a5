import { TransactionManagementError } from "../exceptions.ts";
import { connections } from "./connections.ts";
import { type CommitHook, currentScope, runInScope, Scope } from "./transaction_scope.ts";

export { runOutsideTransactions } from "./transaction_scope.ts";

/** How a block of {@link atomic} behaves. */
export interface AtomicOptions {
  /** The database; default `"default"`. */
  using?: string;
  /** Whether a block inside another one can be undone alone; default true. Without it, an error undoes the outer block. */
  savepoint?: boolean;
  /** The block must be the outermost one: what it did is in the database when it ends. */
  durable?: boolean;
}

/**
 * Runs a function in a transaction: what it throws undoes everything it wrote, and otherwise everything is committed.
 * Every query made inside belongs to it, through any number of awaits. A block inside a block is a savepoint.
 *
 * The transaction begins with its first query, so a block that asks nothing of the database costs nothing.
 *
 * @throws TransactionManagementError for a query that comes after the block has ended, or a durable block inside another.
 * @throws IntegrityError at the end, where the database checks references only when it commits.
 * @example
 * await atomic(async () => {
 *   const order = await Order.objects.create({ customer });
 *   await order.items.create({ book, quantity: 2 });
 *   onCommit(() => sendReceipt(order.id));
 * });
 */
export async function atomic<T>(fn: () => Promise<T> | T, options: AtomicOptions = {}): Promise<T> {
  const connection = connections.get(options.using);
  const parent = currentScope(connection);
  if (parent && options.durable) {
    throw new TransactionManagementError("A durable atomic block cannot be nested within another atomic block.");
  }
  const scope = new Scope(connection, parent, options.savepoint);
  const result = await runBlock(scope, fn);
  await scope.end(true);
  return result;
}

async function runBlock<T>(scope: Scope, fn: () => Promise<T> | T): Promise<T> {
  try {
    return await runInScope(scope, async () => fn());
  } catch (error) {
    // A rollback that fails has lost its connection, and with it the transaction; the cause matters more.
    await scope.close(false).catch(() => undefined);
    throw error;
  }
}

/**
 * Runs a function once the outermost block has committed; never if it is rolled back. Outside of a transaction, at once.
 *
 * @example
 * onCommit(() => sendEmail.delay(user.id, "welcome"));
 */
export async function onCommit(hook: CommitHook, options: { using?: string } = {}): Promise<void> {
  const scope = currentScope(connections.get(options.using));
  if (scope) scope.onCommit(hook);
  else await hook();
}

/** Makes the innermost block roll back at its end although nothing is thrown, as for an error that was answered. */
export function setRollback(rollback: boolean, options: { using?: string } = {}): void {
  const scope = currentScope(connections.get(options.using));
  if (!scope) throw new TransactionManagementError("setRollback() works only inside an atomic() block.");
  scope.needsRollback = rollback;
}
