// django.db.router: which database a query goes to, where the query does not say.
import { ImproperlyConfigured } from "../exceptions.ts";
import { stateOf } from "./meta/model_state.ts";
import type { BaseModel, ModelClass } from "./models.ts";

/** What is known of a query besides its model. */
export interface RouterHints {
  /** The object whose relation, or whose own row, is asked for. */
  readonly instance?: BaseModel;
  readonly [name: string]: unknown;
}

/** What is known of a migration's operation besides its app. */
export interface MigrateHints {
  /** The model's name in lower case; undefined for an operation that is on no model, such as RunSQL. */
  readonly modelName?: string;
  readonly [name: string]: unknown;
}

/**
 * What an item of `DATABASE_ROUTERS` may answer. A method that is missing, or gives null or undefined, leaves the question
 * to the next router.
 *
 * @example
 * export class AuditRouter implements DatabaseRouter {
 *   dbForRead(model: ModelClass) { return model._meta.appLabel === "audit" ? "audit" : null; }
 *   dbForWrite(model: ModelClass) { return this.dbForRead(model); }
 *   allowMigrate(db: string, appLabel: string) { return appLabel === "audit" ? db === "audit" : null; }
 * }
 */
export interface DatabaseRouter {
  /** The alias of the database to read rows of a model from. */
  dbForRead?(model: ModelClass, hints: RouterHints): string | null | undefined;
  /** The alias of the database to write rows of a model to, and to lock them in. */
  dbForWrite?(model: ModelClass, hints: RouterHints): string | null | undefined;
  /** Whether one object may refer to the other. */
  allowRelation?(obj1: BaseModel, obj2: BaseModel, hints: RouterHints): boolean | null | undefined;
  /** Whether a migration's operation is to run on a database. */
  allowMigrate?(db: string, appLabel: string, hints: MigrateHints): boolean | null | undefined;
}

const METHODS = ["dbForRead", "dbForWrite", "allowRelation", "allowMigrate"] as const;
type Method = (typeof METHODS)[number];
type DatabaseChoice = "dbForRead" | "dbForWrite";

/** Asks the routers of the project in their order, and answers by itself where none does. */
class ConnectionRouter {
  #routers: readonly DatabaseRouter[] = [];

  /** Takes over `DATABASE_ROUTERS`: objects, or classes of which one object each is made. */
  configure(routers: readonly unknown[]): void {
    this.#routers = routers.map(instantiate);
  }

  /** The alias of the database to read rows of a model from: by default the instance's, else `"default"`. */
  dbForRead(model: ModelClass, hints: RouterHints = {}): string {
    return this.#choose("dbForRead", model, hints);
  }

  /** The alias of the database to write rows of a model to: by default the instance's, else `"default"`. */
  dbForWrite(model: ModelClass, hints: RouterHints = {}): string {
    return this.#choose("dbForWrite", model, hints);
  }

  #choose(method: DatabaseChoice, model: ModelClass, hints: RouterHints): string {
    for (const router of this.#routers) {
      const chosen = router[method]?.(model, hints);
      if (chosen) return chosen;
    }
    return (hints.instance && stateOf(hints.instance).db) ?? "default";
  }

  /** Whether one object may refer to the other: by default, where both are of the same database. */
  allowRelation(obj1: BaseModel, obj2: BaseModel, hints: RouterHints = {}): boolean {
    const own = this.#ask((router) => router.allowRelation?.(obj1, obj2, hints));
    return own ?? stateOf(obj1).db === stateOf(obj2).db;
  }

  /** Whether a migration's operation is to run on a database: by default, yes. */
  allowMigrate(db: string, appLabel: string, hints: MigrateHints = {}): boolean {
    return this.#ask((router) => router.allowMigrate?.(db, appLabel, hints)) ?? true;
  }

  /** {@link allowMigrate} of a model. */
  allowMigrateModel(db: string, model: ModelClass): boolean {
    const { appLabel, modelName } = model._meta;
    return this.allowMigrate(db, appLabel, { modelName, model });
  }

  #ask(question: (router: DatabaseRouter) => boolean | null | undefined): boolean | null {
    for (const router of this.#routers) {
      const answer = question(router);
      if (answer !== null && answer !== undefined) return answer;
    }
    return null;
  }
}

function instantiate(router: unknown): DatabaseRouter {
  const made = typeof router === "function" ? new (router as new () => DatabaseRouter)() : (router as DatabaseRouter);
  if (METHODS.some((method: Method) => typeof made[method] === "function")) return made;
  throw new ImproperlyConfigured(
    `${made.constructor.name} in DATABASE_ROUTERS is no router: it has no method of one.`,
    {
      hint: `Give it one of ${METHODS.join(", ")}.`,
    },
  );
}

/**
 * The routers of the project, `django.db.router`.
 *
 * @example
 * await atomic(() => order.save(), { using: router.dbForWrite(Order) });
 */
export const router = new ConnectionRouter();
