import { AsyncLocalStorage } from "node:async_hooks";
import { TransactionManagementError } from "../exceptions.ts";
import type { Connection, ExecuteOptions, QueryResult, RowChunks, Session, StreamOptions } from "./backends/base.ts";

/** What runs after the commit. */
export type CommitHook = () => unknown;

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
  /** Set where an error may have left half of something: nothing but a rollback is possible any more. */
  needsRollback = false;
  readonly #savepoint: boolean;
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
    return session.execute(sql, params, options);
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
    this.#check();
    this.#hooks.push(hook);
  }

  /** {@link close}, and runs the hooks. */
  async end(success: boolean): Promise<void> {
    for (const hook of await this.close(success)) await hook();
  }

  /** Ends the block. Gives the hooks that the caller must run, which an inner block leaves to the one around it. */
  async close(success: boolean): Promise<CommitHook[]> {
    this.#closed = true;
    const commit = success && !this.needsRollback;
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
      if (!commit) parent.needsRollback = true;
      return;
    }
    if (!session) return;
    if (!commit) await session.execute(`ROLLBACK TO SAVEPOINT ${this.#name}`);
    await session.execute(`RELEASE SAVEPOINT ${this.#name}`);
  }

  #check(): void {
    for (let scope: Scope | null = this; scope; scope = scope.parent) {
      if (scope.#closed) throw outlived();
      if (scope.needsRollback) throw broken();
    }
  }
}

function outlived(): TransactionManagementError {
  return new TransactionManagementError("A query came after the end of the atomic() block that it was started in.", {
    hint: "Await every promise inside atomic(); what should happen after the commit belongs in onCommit().",
  });
}

/** The text is Django's. */
function broken(): TransactionManagementError {
  return new TransactionManagementError(
    "An error occurred in the current transaction. You can't execute queries until the end of the 'atomic' block.",
  );
}
