import { TransactionManagementError } from "../exceptions.ts";
import { connections } from "./connections.ts";
import { currentScope, runHook, runInScope, Scope } from "./transaction_scope.ts";

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

/** What a decorator is given of an async method. */
type Method<A extends unknown[], T> = TypedPropertyDescriptor<(...args: A) => Promise<T>>;
type MethodDecorator = <A extends unknown[], T>(prototype: object, name: string, method: Method<A, T>) => void;

/**
 * Runs a function in a transaction: what it throws undoes everything it wrote, and otherwise everything is committed.
 * Every query made inside belongs to it, through any number of awaits. A block inside a block is a savepoint.
 *
 * The transaction begins with its first query, so a block that asks nothing of the database costs nothing. As a decorator,
 * `@atomic` or `@atomic({ using })`, it makes a block of each call of an async method.
 *
 * @throws TransactionManagementError for a query that comes after the block has ended, or after a write in it has failed,
 *   and for a durable block inside another.
 * @throws IntegrityError at the end, where the database checks references only when it commits.
 * @example
 * await atomic(async () => {
 *   const order = await Order.objects.create({ customer });
 *   await order.items.create({ book, quantity: 2 });
 *   onCommit(() => sendReceipt(order.id));
 * });
 */
export function atomic<T>(fn: () => Promise<T> | T, options?: AtomicOptions): Promise<T>;
export function atomic(options: AtomicOptions): MethodDecorator;
export function atomic<A extends unknown[], T>(prototype: object, name: string, method: Method<A, T>): void;
export function atomic(first: unknown, second?: unknown, method?: Method<unknown[], unknown>): unknown {
  if (method) return decorate(method, {});
  if (typeof first === "function") return run(first as () => unknown, second as AtomicOptions | undefined);
  const decorator: MethodDecorator = (_prototype, _name, decorated) => decorate(decorated, first as AtomicOptions);
  return decorator;
}

function decorate<A extends unknown[], T>(method: Method<A, T>, options: AtomicOptions): void {
  const body = method.value as (...args: A) => Promise<T>;
  method.value = function (this: unknown, ...args: A) {
    return run(() => body.apply(this, args), options);
  };
}

async function run<T>(fn: () => Promise<T> | T, options: AtomicOptions = {}): Promise<T> {
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
    await scope.close(false, error).catch(() => undefined);
    throw error;
  }
}

/** Which database's transaction is meant; default `"default"`. */
interface Using {
  using?: string;
}

function scopeOf({ using }: Using): Scope | null {
  return currentScope(connections.get(using));
}

/**
 * Runs a function once the outermost block has committed, with others in their order; never if it is rolled back, with the
 * whole or with the inner block that it was given in. Outside of a transaction, at once.
 *
 * An error comes out of the outermost `atomic()`, whose rows are committed by then, and the functions after it do not run.
 *
 * @param options.robust an error is logged instead, and the functions after it run
 * @example
 * onCommit(() => sendEmail.delay(user.id, "welcome"));
 */
export async function onCommit(fn: () => unknown, options: Using & { robust?: boolean } = {}): Promise<void> {
  if (typeof fn !== "function") throw new TypeError("onCommit()'s callback must be a callable.");
  const hook = { run: fn, robust: options.robust ?? false };
  const scope = scopeOf(options);
  if (scope) scope.onCommit(hook);
  else await runHook(hook);
}

/**
 * Makes the innermost block roll back at its end although nothing is thrown, as for an error that was answered. False takes
 * that back, and makes queries possible again after an error, for who has rolled back to a {@link savepoint}.
 */
export function setRollback(rollback: boolean, options: Using = {}): void {
  blockOf(options).needsRollback = rollback;
}

/** Whether the innermost block will be rolled back at its end: it was told so, or a write in it has failed. */
export function getRollback(options: Using = {}): boolean {
  return blockOf(options).needsRollback;
}

/** The sentence is Django's. */
function blockOf(options: Using): Scope {
  const scope = scopeOf(options);
  if (scope) return scope;
  throw new TransactionManagementError("The rollback flag doesn't work outside of an 'atomic' block.");
}

/** Whether each statement commits by itself: true outside of `atomic()`. */
export function getAutocommit(options: Using = {}): boolean {
  return scopeOf(options) === null;
}

/**
 * Makes a savepoint in the block that runs. An inner `atomic()` does the same, and ends it by itself.
 *
 * @returns its name, for {@link savepointRollback} or {@link savepointCommit}; null outside of a transaction.
 * @example
 * const sid = await savepoint();
 * await risky();
 * await savepointRollback(sid);
 */
export async function savepoint(options: Using = {}): Promise<string | null> {
  return (await scopeOf(options)?.savepoint()) ?? null;
}

/** Undoes what was written, and forgets what was given to `onCommit()`, after a savepoint. */
export async function savepointRollback(sid: string | null, options: Using = {}): Promise<void> {
  if (sid !== null) await scopeOf(options)?.rollbackTo(sid);
}

/** Ends a savepoint; what came after it is kept. */
export async function savepointCommit(sid: string | null, options: Using = {}): Promise<void> {
  if (sid !== null) await scopeOf(options)?.release(sid);
}
