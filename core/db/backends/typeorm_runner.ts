import type { DataSource, EntityManager, QueryRunner } from "typeorm";
import { currentScope, runInScope, Scope } from "../transaction_scope.ts";
import type { Connection, Session } from "./base.ts";

/** The session of the transaction that a statement belongs to; null where it belongs to none. */
export type SessionNow = () => Promise<Session> | null;

/** What a database does so that TypeORM's statements go where ours go. */
export interface RunnerAdapter {
  /** Makes a new runner send its statements to the session of the moment. */
  direct(runner: QueryRunner, sessionNow: SessionNow): void;
  /** Sends a statement that belongs to no transaction. */
  sendAlone<T>(sql: string, send: () => Promise<T>, runner: QueryRunner): Promise<T>;
}

const BEGIN = /^(?:START TRANSACTION|BEGIN TRANSACTION|SAVEPOINT typeorm_\d+)$/;
const COMMIT = /^(?:COMMIT|RELEASE SAVEPOINT typeorm_\d+)$/;
const ROLLBACK = /^(?:ROLLBACK|ROLLBACK TO SAVEPOINT typeorm_\d+)$/;

/**
 * Makes TypeORM a part of the framework's transactions: what repositories and entity managers do inside `atomic()` belongs
 * to it, what they do outside takes its turn with other writers, and `dataSource.transaction()` is an `atomic()` block.
 *
 * The statements by which TypeORM begins and ends transactions are not sent: they open and close blocks of ours.
 */
export function joinTransactions(dataSource: DataSource, connection: Connection, adapter: RunnerAdapter): void {
  const driver = dataSource.driver as DataSource["driver"] & { queryRunner?: unknown };
  const create = driver.createQueryRunner.bind(driver);
  driver.createQueryRunner = (mode) => {
    // SQLite's driver has one runner for all, whose transactions were everybody's.
    driver.queryRunner = undefined;
    return join(create(mode), connection, adapter);
  };
  const createManager = dataSource.createEntityManager.bind(dataSource);
  dataSource.createEntityManager = (runner) => enterBlocks(createManager(runner));
  enterBlocks(dataSource.manager);
}

/** The blocks that a runner has opened, innermost last. */
class RunnerBlocks {
  readonly #connection: Connection;
  readonly #own: Scope[] = [];

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** The innermost block around what is sent now: the runner's own, or an `atomic()` within it or around it. */
  get current(): Scope | null {
    const own = this.#own.at(-1);
    const ambient = currentScope(this.#connection);
    return own === undefined || ambient?.isWithin(own) ? ambient : own;
  }

  begin(): void {
    this.#own.push(new Scope(this.#connection, this.current));
  }

  /** TypeORM rolls back once more where a commit has failed; by then there is nothing left to end. */
  async end(commit: boolean): Promise<void> {
    await this.#own.pop()?.end(commit);
  }
}

const blocks = new WeakMap<QueryRunner, RunnerBlocks>();

function join(runner: QueryRunner, connection: Connection, adapter: RunnerAdapter): QueryRunner {
  const own = new RunnerBlocks(connection);
  blocks.set(runner, own);
  adapter.direct(runner, () => own.current?.session() ?? null);
  const query = runner.query.bind(runner) as (...args: unknown[]) => Promise<unknown>;
  runner.query = async (sql: string, ...rest: unknown[]) => {
    if (BEGIN.test(sql)) return own.begin() as never;
    if (COMMIT.test(sql)) return own.end(true) as never;
    if (ROLLBACK.test(sql)) return own.end(false) as never;
    const send = () => query(sql, ...rest) as Promise<never>;
    return own.current ? own.current.lend(send) : adapter.sendAlone(sql, send, runner);
  };
  return runner;
}

/** Lets the function of `manager.transaction()` run inside of its block, so that models' queries belong to it as well. */
function enterBlocks(manager: EntityManager): EntityManager {
  const transaction = manager.transaction.bind(manager) as (...args: unknown[]) => Promise<never>;
  manager.transaction = (...args: unknown[]) =>
    transaction(...args.map((arg) => (typeof arg === "function" ? entering(arg as RunInTransaction) : arg)));
  return manager;
}

type RunInTransaction = (manager: EntityManager) => Promise<unknown>;

function entering(run: RunInTransaction): RunInTransaction {
  return async (manager) => {
    const scope = manager.queryRunner && blocks.get(manager.queryRunner)?.current;
    return scope ? runInScope(scope, async () => run(manager)) : run(manager);
  };
}
