import { FieldError } from "../exceptions.ts";
import type { Connection } from "./backends/base.ts";
import { valueOutput } from "./expressions/outputs.ts";
import type { Field } from "./fields/field.ts";
import { stateOf } from "./meta/model_state.ts";
import type { BaseModel } from "./models.ts";
import { prefetch } from "./related/prefetch.ts";
import { RowReader } from "./rows/hydration.ts";
import { connectionOf } from "./sql/execution.ts";
import type { QueryState } from "./sql/query_state.ts";

/**
 * Objects from SQL of one's own, `django.db.models.query.RawQuerySet`; see `QuerySet.raw`.
 *
 * Columns are matched with fields by their names. A field that the SQL does not give is not loaded, as after `only()`;
 * the key must be given. A column that is no field becomes a property of the objects, as the driver gives it.
 */
export class RawQuerySet<M extends BaseModel> implements PromiseLike<M[]> {
  readonly #state: QueryState;
  readonly #strings: TemplateStringsArray;
  readonly #values: readonly unknown[];
  #rows: Promise<M[]> | null = null;

  constructor(state: QueryState, strings: TemplateStringsArray, values: readonly unknown[]) {
    if (!Array.isArray(strings) || !Array.isArray(strings.raw)) {
      throw new FieldError("raw is a tag: write objects.raw`SELECT …`, without parentheses.", {
        hint: "So that values are always parameters. It takes no text.",
      });
    }
    this.#state = state;
    this.#strings = strings;
    this.#values = values;
  }

  /** The database to ask. */
  using(alias: string): RawQuerySet<M> {
    return new RawQuerySet(this.#state.with({ db: alias }), this.#strings, this.#values);
  }

  /** Loads relations with one more query each. */
  prefetchRelated(...paths: readonly string[]): RawQuerySet<M> {
    const { prefetchRelated } = this.#state;
    const state = this.#state.with({ prefetchRelated: [...prefetchRelated, ...paths] });
    return new RawQuerySet(state, this.#strings, this.#values);
  }

  // biome-ignore lint/suspicious/noThenProperty: awaiting it fetches the rows
  then<A = M[], B = never>(
    resolve?: ((rows: M[]) => A | PromiseLike<A>) | null,
    reject?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#rows ??= this.#fetch();
    return this.#rows.then(resolve, reject);
  }

  async *[Symbol.asyncIterator](): AsyncIterator<M> {
    yield* await this;
  }

  /** The statement that awaiting would send. */
  sql(): { sql: string; params: unknown[] } {
    const connection = connectionOf(this.#state);
    const text = this.#strings.reduce((sql, part, index) => `${sql}${connection.placeholder(index)}${part}`);
    return { sql: text, params: this.#values.map((value) => toParam(value, connection)) };
  }

  async #fetch(): Promise<M[]> {
    const connection = connectionOf(this.#state);
    const { sql, params } = this.sql();
    const { rows, columns } = await connection.execute(sql, params, { prepare: false, columns: true });
    const read = this.#reader(connection, columns ?? []);
    const objects = rows.map(read);
    if (objects.length > 1) for (const object of objects) stateOf(object).peers = objects;
    await prefetch(objects, this.#state.prefetchRelated);
    return objects as M[];
  }

  #reader({ vendor, alias }: Connection, columns: readonly string[]): (row: unknown[]) => BaseModel {
    const { model } = this.#state;
    const { fields, pk, label } = model._meta;
    const known = fields.filter((field) => columns.includes(field.column));
    if (!known.includes(pk)) {
      throw new FieldError(`Raw query must include the primary key: "${pk.column}" of ${label}.`);
    }
    const positions = known.map((field) => columns.lastIndexOf(field.column));
    const extra = columns
      .map((name, position) => ({ name, position }))
      .filter(({ position }) => !positions.includes(position));
    const reader = new RowReader(model, known, 0, vendor);
    return (row) => {
      const object = reader.readObject(
        positions.map((position) => row[position]),
        alias,
      );
      for (const { name, position } of extra) (object as never as Record<string, unknown>)[name] = row[position];
      return object;
    };
  }
}

/** A value as its kind is stored. Throws a FieldError for undefined. */
function toParam(value: unknown, { vendor }: Connection): unknown {
  if (value === undefined) throw new FieldError("A value of raw is undefined.", { hint: "Use null for NULL." });
  const field: Field | null = valueOutput(value);
  return field ? field.toDb(value, vendor) : null;
}
