import { AsyncLocalStorage } from "node:async_hooks";
import { TransactionManagementError } from "../exceptions.ts";
import type { Connection, ExecuteOptions, QueryResult, RowChunks, Session, StreamOptions } from "./backends/base.ts";

/** What runs after the commit. */
export interface CommitHook {
  run: () => unknown;
  /** An error is only logged, and the hooks after it run. */
  robust: boolean;
}

/** The innermost `atomic()` block of each database; a new map for each block, so that siblings do not see each other. */
const ambient = new AsyncLocalStorage<ReadonlyMap<Connection, Scope>>();

/** The innermost `atomic()` block that the running code stands in, or null. */
export function currentScope(connection: Connection): Scope | null {
  return ambient.getStore()?.get(connection) ?? null;
}

/** Runs a function with a block as the innermost one of its database. */
export function runInScope<T>(scope: Scope, fn: () => Promise<T>): Promise<T> {
  return ambient.run(new Map(ambient.getStore()).set(scope.connection, scope), fn);
}

/** Runs a function outside of every block, for what must not join the caller's transaction. */
export function runOutsideTransactions<T>(fn: () => T): T {
  return ambient.run(new Map(), fn);
}

/**
 * One `atomic()` block: the transaction itself, or a savepoint within the block around it.
 *
 * 1. Its first statement begins it, and the ones around it where they have not begun.
 * 2. While an inner block has begun, the statements of this one wait, so that they are not undone with it; parallel inner
 *    blocks take turns for the same reason.
 * 3. {@link close} commits or rolls back; a statement that comes later is an error, since it belongs to nothing.
 */
export class Scope {
  readonly connection: Connection;
  readonly parent: Scope | null;
  readonly #savepoint: boolean;
  #needsRollback = false;
  /** The error that made nothing but a rollback possible. */
  #cause: unknown;
  /** The savepoints that were made by hand, with the number of hooks at the time. */
  readonly #manual = new Map<string, number>();
  readonly #hooks: CommitHook[] = [];
  #opening: Promise<Session> | null = null;
  #closed = false;
  #turn: { over: Promise<void>; end: () => void } | null = null;
  #savepoints = 0;
  #name = "";

  constructor(connection: Connection, parent: Scope | null, savepoint = true) {
    this.connection = connection;
    this.parent = parent;
    this.#savepoint = parent !== null && savepoint;
  }

  async execute(sql: string, params: readonly unknown[], options: ExecuteOptions): Promise<QueryResult> {
    const session = await this.#session();
    try {
      return await session.execute(sql, params, options);
    } catch (error) {
      if (isWrite(sql)) this.#fail(error);
      throw error;
    }
  }

  /** A write that failed may have left half of what its caller meant to write. PostgreSQL would accept nothing more. */
  #fail(error: unknown): void {
    this.#needsRollback = true;
    this.#cause = error;
  }

  /** Whether the block, or one around it, can only be rolled back. */
  get needsRollback(): boolean {
    return this.#needsRollback || (this.parent?.needsRollback ?? false);
  }

  /** False makes queries possible again, for who has rolled back to a savepoint. */
  set needsRollback(needed: boolean) {
    this.#needsRollback = needed;
    this.#cause = undefined;
    if (!needed && this.parent) this.parent.needsRollback = false;
  }

  /** Makes a savepoint by hand, and gives its name. */
  async savepoint(): Promise<string> {
    const name = `m${this.#depth}_${++this.#savepoints}`;
    await this.execute(`SAVEPOINT ${name}`, [], {});
    this.#manual.set(name, this.#hooks.length);
    return name;
  }

  /** Undoes what came after a savepoint; the savepoint stays. Possible where a query has failed, too. */
  async rollbackTo(name: string): Promise<void> {
    const hooks = this.#manual.get(name);
    if (hooks === undefined) throw noSavepoint(name);
    const session = await this.#open();
    await session.execute(`ROLLBACK TO SAVEPOINT ${name}`);
    this.#hooks.length = hooks;
  }

  /** Forgets a savepoint; what came after it is kept. */
  async release(name: string): Promise<void> {
    if (!this.#manual.delete(name)) throw noSavepoint(name);
    await this.execute(`RELEASE SAVEPOINT ${name}`, [], {});
  }

  /** Rows some at a time. Only the first ones wait for inner blocks, inside of which the others may be asked for. */
  async *stream(sql: string, params: readonly unknown[], options: StreamOptions): RowChunks {
    const session = await this.#session();
    for await (const rows of session.stream(sql, params, options)) {
      yield rows;
      this.#check();
    }
  }

  async #session(): Promise<Session> {
    this.#check();
    while (this.#turn) await this.#turn.over;
    return this.session();
  }

  /** The session, for who has the turn already. */
  async session(): Promise<Session> {
    this.#check();
    const session = await this.#open();
    this.#check();
    return session;
  }

  /** Runs a function that sends statements to the session by itself; meanwhile nobody else does. */
  async lend<T>(fn: () => Promise<T>): Promise<T> {
    this.#check();
    await this.takeTurn();
    try {
      await this.session();
      return await fn();
    } finally {
      this.endTurn();
    }
  }

  /** Whether this block stands inside another one, or is it. */
  isWithin(other: Scope): boolean {
    return this === other || (this.parent?.isWithin(other) ?? false);
  }

  /** Registers what runs once the outermost block has committed. */
  onCommit(hook: CommitHook): void {
    this.#checkOpen();
    this.#hooks.push(hook);
  }

  /** {@link close}, and runs the hooks. */
  async end(success: boolean): Promise<void> {
    for (const hook of await this.close(success)) await runHook(hook, " during transaction");
  }

  /** Ends the block. Gives the hooks that the caller must run, which an inner block leaves to the one around it. */
  async close(success: boolean, error?: unknown): Promise<CommitHook[]> {
    this.#closed = true;
    this.#cause ??= error;
    const commit = success && !this.#needsRollback;
    try {
      if (this.parent) await this.#closeNested(this.parent, commit);
      else await this.#closeTransaction(commit);
    } finally {
      if (this.#savepoint && this.#opening) this.parent?.endTurn();
    }
    if (!commit) return [];
    if (!this.parent) return this.#hooks;
    this.parent.#hooks.push(...this.#hooks);
    return [];
  }

  async takeTurn(): Promise<void> {
    while (this.#turn) await this.#turn.over;
    let end: () => void = () => undefined;
    const over = new Promise<void>((resolve) => {
      end = resolve;
    });
    this.#turn = { over, end };
  }

  endTurn(): void {
    const turn = this.#turn;
    this.#turn = null;
    turn?.end();
  }

  /** A second statement that comes while the first one begins the block waits for the same beginning. */
  #open(): Promise<Session> {
    this.#opening ??= (this.parent ? this.#openNested(this.parent) : this.connection.begin()).catch((error) => {
      this.#opening = null;
      throw error;
    });
    return this.#opening;
  }

  async #openNested(parent: Scope): Promise<Session> {
    if (!this.#savepoint) return parent.#open();
    const session = await parent.#open();
    await parent.takeTurn();
    try {
      this.#name = `s${this.#depth}_${++parent.#savepoints}`;
      await session.execute(`SAVEPOINT ${this.#name}`);
    } catch (error) {
      parent.endTurn();
      throw error;
    }
    return session;
  }

  get #depth(): number {
    return this.parent ? this.parent.#depth + 1 : 0;
  }

  async #closeTransaction(commit: boolean): Promise<void> {
    const session = await this.#opening?.catch(() => null);
    if (!session) return;
    if (commit) await session.commit();
    else await session.rollback();
  }

  async #closeNested(parent: Scope, commit: boolean): Promise<void> {
    const session = await this.#opening?.catch(() => null);
    if (!this.#savepoint) {
      if (!commit) parent.#fail(this.#cause);
      return;
    }
    if (!session) return;
    if (!commit) await session.execute(`ROLLBACK TO SAVEPOINT ${this.#name}`);
    await session.execute(`RELEASE SAVEPOINT ${this.#name}`);
  }

  #check(): void {
    this.#checkOpen();
    for (let scope: Scope | null = this; scope; scope = scope.parent) {
      if (scope.#needsRollback) throw broken(scope.#cause);
    }
  }

  #checkOpen(): void {
    for (let scope: Scope | null = this; scope; scope = scope.parent) if (scope.#closed) throw outlived();
  }
}

function outlived(): TransactionManagementError {
  return new TransactionManagementError("A query came after the end of the atomic() block that it was started in.", {
    hint: "Await every promise inside atomic(); what should happen after the commit belongs in onCommit().",
  });
}

/** The text is Django's. */
function broken(cause: unknown): TransactionManagementError {
  return new TransactionManagementError(
    "An error occurred in the current transaction. You can't execute queries until the end of the 'atomic' block.",
    { cause, hint: "Where an error is caught, put what may fail into an atomic() block of its own." },
  );
}

function noSavepoint(name: string): TransactionManagementError {
  return new TransactionManagementError(`This block has no savepoint ${JSON.stringify(name)}.`, {
    hint: "Give what savepoint() gave, in the block that it was called in.",
  });
}

function isWrite(sql: string): boolean {
  return /^\s*(?:INSERT|UPDATE|DELETE)\b/i.test(sql);
}

/** Runs a hook. The sentence that is logged is Django's. */
export async function runHook({ run, robust }: CommitHook, when = ""): Promise<void> {
  if (!robust) return void (await run());
  try {
    await run();
  } catch (error) {
    console.error(`Error calling ${run.name || "a function"} in onCommit()${when} (${error}).`, error);
  }
}
