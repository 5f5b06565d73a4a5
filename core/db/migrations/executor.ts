import type { Connection } from "../connections.ts";
import { withSchemaEditor } from "../schema/editor.ts";
import { InvalidMigrationPlan } from "./exceptions.ts";
import type { MigrationLoader } from "./loader.ts";
import { waitForOrphans, whileLocked } from "./lock.ts";
import { keyText, type Migration, type MigrationKey } from "./migration.ts";
import { MigrationRecorder } from "./recorder.ts";
import { isAlreadyThere } from "./soft_applied.ts";
import { ProjectState } from "./state.ts";

/** A migration and the direction in which it is to run. */
export interface PlanStep {
  migration: Migration;
  backwards: boolean;
}

/** Where an app should end: after a migration, or with `null` before its first. */
export type Target = readonly [appLabel: string, name: string | null];

/** How a migration ended: run, only recorded, or found to be done by another process. */
export type Outcome = "done" | "faked" | "elsewhere";

/** Told what happens. */
export interface Progress {
  start(migration: Migration, backwards: boolean): void;
  end(migration: Migration, backwards: boolean, outcome: Outcome): void;
}

export interface MigrateOptions {
  /** Record without running. */
  fake?: boolean;
  /** Record initial migrations whose tables are all there already. */
  fakeInitial?: boolean;
}

/**
 * Applies and undoes migrations.
 *
 * 1. {@link migrationPlan} says what must run to reach the targets.
 * 2. {@link migrate} replays the state up to each migration, and runs it with the record of it in one transaction: after
 *    a crash, either both are there or neither.
 *
 * (django.db.migrations.executor)
 */
export class MigrationExecutor {
  readonly #connection: Connection;
  readonly #loader: MigrationLoader;
  readonly #recorder: MigrationRecorder;
  readonly #progress: Progress | undefined;

  constructor(connection: Connection, loader: MigrationLoader, progress?: Progress) {
    this.#connection = connection;
    this.#loader = loader;
    this.#recorder = new MigrationRecorder(connection);
    this.#progress = progress;
  }

  /** The steps to the targets, in order; none where the database is there already. */
  migrationPlan(targets: readonly Target[]): PlanStep[] {
    const applied = new Set(this.#loader.appliedMigrations.keys());
    return targets.flatMap((target) => this.#planFor(target, applied));
  }

  #planFor([app, name]: Target, applied: Set<string>): PlanStep[] {
    const { graph } = this.#loader;
    if (name === null) return graph.rootNodes(app).flatMap((root) => this.#backwards(root, applied));
    const key: MigrationKey = [app, name];
    if (!applied.has(keyText(key))) return this.#forwards(key, applied);
    // What depends on the target in other apps may stay, unless it depends on what is undone here.
    return graph
      .children(key)
      .filter((child) => child[0] === app)
      .flatMap((child) => this.#backwards(child, applied));
  }

  #forwards(target: MigrationKey, applied: Set<string>): PlanStep[] {
    const keys = this.#loader.graph.forwardsPlan(target).filter((key) => !applied.has(keyText(key)));
    for (const key of keys) applied.add(keyText(key));
    return keys.map((key) => ({ migration: this.#loader.graph.get(key), backwards: false }));
  }

  #backwards(target: MigrationKey, applied: Set<string>): PlanStep[] {
    const keys = this.#loader.graph.backwardsPlan(target).filter((key) => applied.has(keyText(key)));
    for (const key of keys) applied.delete(keyText(key));
    return keys.map((key) => ({ migration: this.#loader.graph.get(key), backwards: true }));
  }

  /** The models as the applied migrations have left them. */
  appliedState(): ProjectState {
    return this.#replay((key) => this.#loader.isApplied(key));
  }

  #replay(wanted: (key: MigrationKey) => boolean): ProjectState {
    const { graph } = this.#loader;
    return graph
      .fullPlan()
      .filter(wanted)
      .reduce((state, key) => graph.get(key).mutateState(state), new ProjectState());
  }

  /**
   * Runs a plan.
   *
   * @returns the state of the models afterwards
   * @throws InvalidMigrationPlan for a plan in both directions
   * @throws IrreversibleError before anything is undone, where one step back does not exist
   */
  async migrate(plan: readonly PlanStep[], options: MigrateOptions = {}): Promise<ProjectState> {
    await whileLocked(() => this.#recorder.ensureSchema());
    if (plan.every(({ backwards }) => !backwards)) return this.#migrateForwards(plan, options);
    if (plan.every(({ backwards }) => backwards)) return this.#migrateBackwards(plan, options);
    throw new InvalidMigrationPlan("A plan with both forwards and backwards migrations is not supported.", {
      hint: "Migrate one app after the other.",
    });
  }

  async #migrateForwards(plan: readonly PlanStep[], options: MigrateOptions): Promise<ProjectState> {
    const toRun = new Set(plan.map(({ migration }) => keyText(migration.key)));
    let state = new ProjectState();
    for (const key of this.#loader.graph.fullPlan()) {
      const migration = this.#loader.graph.get(key);
      if (toRun.has(keyText(key))) state = await this.#apply(state, migration, options);
      else if (this.#loader.isApplied(key)) state = migration.mutateState(state);
    }
    await this.#checkReplacements();
    return state;
  }

  async #apply(
    state: ProjectState,
    migration: Migration,
    { fake, fakeInitial }: MigrateOptions,
  ): Promise<ProjectState> {
    this.#progress?.start(migration, false);
    const after = migration.mutateState(state);
    const isFake = fake || (fakeInitial && (await isAlreadyThere(this.#connection, migration, after)));
    const outcome = isFake
      ? await this.#fake(migration)
      : await this.#run(migration, (editor) => migration.apply(state, editor));
    this.#progress?.end(migration, false, outcome);
    return after;
  }

  async #fake(migration: Migration): Promise<Outcome> {
    await this.#record(migration);
    return "faked";
  }

  /** Runs one migration and records it, unless another process has meanwhile. */
  async #run(migration: Migration, change: (editor: never) => Promise<unknown>): Promise<Outcome> {
    let begun = false;
    const using = this.#connection.alias;
    const attempt = () =>
      withSchemaEditor<Outcome>(
        async (editor) => {
          await waitForOrphans(this.#connection);
          if (await this.#isRecorded(migration)) return "elsewhere";
          begun = true;
          await change(editor as never);
          if (migration.atomic) await this.#record(migration);
          return "done";
        },
        { using, atomic: migration.atomic },
      );
    const outcome = await whileLocked(attempt, () => begun);
    if (!migration.atomic && outcome === "done") await this.#record(migration);
    return outcome;
  }

  async #isRecorded({ key, replaces }: Migration): Promise<boolean> {
    return this.#recorder.isApplied(replaces[0] ?? key);
  }

  /** A squashed migration is recorded as those that it stands for, and as itself by {@link #checkReplacements}. */
  async #record(migration: Migration): Promise<void> {
    const keys = migration.replaces.length > 0 ? migration.replaces : [migration.key];
    for (const key of keys) await this.#recorder.recordApplied(key);
  }

  async #checkReplacements(): Promise<void> {
    const applied = await this.#recorder.appliedMigrations();
    for (const { key, replaces } of this.#loader.replacements) {
      const complete = replaces.every((other) => applied.has(keyText(other)));
      if (complete && !applied.has(keyText(key))) await this.#recorder.recordApplied(key);
    }
  }

  async #migrateBackwards(plan: readonly PlanStep[], { fake }: MigrateOptions): Promise<ProjectState> {
    if (!fake) for (const { migration } of plan) migration.checkReversible();
    const before = this.#statesBefore(new Set(plan.map(({ migration }) => keyText(migration.key))));
    const undone = new Set<string>();
    for (const { migration } of plan) {
      await this.#unapply(before.get(keyText(migration.key)) as ProjectState, migration, fake ?? false);
      undone.add(keyText(migration.key));
    }
    return this.#replay((key) => this.#loader.isApplied(key) && !undone.has(keyText(key)));
  }

  /** The state before each of the migrations, as the applied ones lead to it. */
  #statesBefore(wanted: ReadonlySet<string>): Map<string, ProjectState> {
    const states = new Map<string, ProjectState>();
    let state = new ProjectState();
    for (const key of this.#loader.graph.fullPlan()) {
      if (!this.#loader.isApplied(key)) continue;
      if (wanted.has(keyText(key))) states.set(keyText(key), state);
      state = this.#loader.graph.get(key).mutateState(state);
    }
    return states;
  }

  async #unapply(before: ProjectState, migration: Migration, fake: boolean): Promise<void> {
    this.#progress?.start(migration, true);
    const { alias: using } = this.#connection;
    const unrecord = async () => {
      for (const key of [migration.key, ...migration.replaces]) await this.#recorder.recordUnapplied(key);
    };
    if (!fake) {
      const undo = async (editor: Parameters<Migration["unapply"]>[1]) => {
        await waitForOrphans(this.#connection);
        await migration.unapply(before, editor);
        if (migration.atomic) await unrecord();
      };
      await withSchemaEditor(undo, { using, atomic: migration.atomic });
    }
    if (fake || !migration.atomic) await unrecord();
    this.#progress?.end(migration, true, fake ? "faked" : "done");
  }

  /** The SQL of one migration, without running it. */
  async collectSql(migration: Migration, backwards: boolean): Promise<string[]> {
    const state = this.#loader.projectState([migration.key], false);
    return withSchemaEditor(
      async (editor) => {
        await (backwards ? migration.unapply(state, editor) : migration.apply(state, editor));
        await editor.finish();
        return editor.collected as string[];
      },
      { using: this.#connection.alias, atomic: false, collectSql: true },
    );
  }
}
