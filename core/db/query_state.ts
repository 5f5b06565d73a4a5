import type { BoundAnnotation } from "./annotations.ts";
import type { Condition } from "./conditions.ts";
import type { ModelClass } from "./models.ts";
import type { RouterHints } from "./routers.ts";

/** What a queryset has been told so far. Never changed: each method of a queryset makes a new one. */
export class QueryState {
  readonly model: ModelClass;
  readonly where: readonly Condition[] = [];
  /** Null until something is ordered: then the model's own ordering holds. */
  readonly order: readonly string[] | null = null;
  readonly reversed: boolean = false;
  readonly start: number = 0;
  readonly stop: number | null = null;
  readonly distinct: boolean = false;
  readonly selectRelated: readonly string[] = [];
  readonly prefetchRelated: readonly string[] = [];
  readonly annotations: ReadonlyMap<string, BoundAnnotation> = new Map();
  /** The columns to give instead of objects; null for objects. */
  readonly values: readonly string[] | null = null;
  /** How rows of `values` look. */
  readonly rows: "objects" | "arrays" | "flat" = "objects";
  /** The database that was chosen by `using()`. */
  readonly db: string | null = null;
  /** What routers are told where no database was chosen. */
  readonly hints: RouterHints = {};
  /** `none()` */
  readonly isEmpty: boolean = false;
  /** Something was said about which rows are meant, if only `all()`: a bulk write needs that. */
  readonly isScoped: boolean = false;
  #shape: string | null = null;

  constructor(model: ModelClass) {
    this.model = model;
  }

  with(changes: Partial<QueryState>): QueryState {
    return Object.assign(new QueryState(this.model), this, changes);
  }

  get isSliced(): boolean {
    return this.start !== 0 || this.stop !== null;
  }

  /** The conditions' shape: what decides their SQL. */
  get whereShape(): string {
    return this.where.map((condition) => condition.shape).join("&");
  }

  /** Tells the SQL of this query from that of any other of the same model, values aside. */
  get shape(): string {
    this.#shape ??= [
      this.model._meta.label,
      this.whereShape,
      this.order?.join() ?? "-",
      this.reversed,
      this.start > 0,
      this.stop !== null,
      this.distinct,
      this.isEmpty,
      this.selectRelated.join(),
      this.values?.join() ?? "-",
      [...this.annotations].map(([name, annotation]) => `${name}=${annotation.shape}`).join(),
    ].join("|");
    return this.#shape;
  }
}
