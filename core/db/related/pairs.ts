import { FieldError } from "../../exceptions.ts";
import { type Connection, quoteName } from "../backends/base.ts";
import type { Field } from "../fields/field.ts";
import type { BaseModel, ModelClass } from "../models.ts";
import { QuerySet } from "../queryset.ts";
import { insertAll } from "../rows/row_insert.ts";
import { batches } from "../sql/key_statements.ts";
import { throughKeys } from "./many_to_many.ts";
import type { Relation } from "./relations.ts";

/** Values of a `through` model's other fields; a function is called for its value. */
export type ThroughDefaults = Readonly<Record<string, unknown>>;

/** The pairs of a many-to-many relation that one object stands in, seen from its side. */
export class Pairs {
  readonly #connection: Connection;
  readonly #field: Field;
  readonly #reverse: boolean;
  readonly #key: unknown;

  /**
   * @param reverse the object stands at the side that has no field
   * @param key what the object's side of a pair holds
   */
  constructor(connection: Connection, { field, reverse }: Pick<Relation, "field" | "reverse">, key: unknown) {
    this.#connection = connection;
    this.#field = field;
    this.#reverse = reverse;
    this.#key = key;
  }

  /** The same pairs as the other side of a symmetrical relation has them. */
  get mirrored(): Pairs {
    return new Pairs(this.#connection, { field: this.#field, reverse: !this.#reverse }, this.#key);
  }

  get #columns() {
    const { table, from, to, fromTarget, toTarget } = this.#field.model._meta.manyToManyColumns(this.#field);
    return this.#reverse
      ? { table, own: to, other: from, ownTarget: toTarget, otherTarget: fromTarget }
      : { table, own: from, other: to, ownTarget: fromTarget, otherTarget: toTarget };
  }

  /** What the other side of the object's pairs holds. */
  async keys(): Promise<Set<unknown>> {
    const { table, own, other, otherTarget } = this.#columns;
    const where = `${quoteName(own)} = ${this.#connection.placeholder(1)}`;
    const sql = `SELECT ${quoteName(other)} FROM ${quoteName(table)} WHERE ${where}`;
    const { rows } = await this.#connection.execute(sql, [this.#ownParam()], { bigints: otherTarget.isWide });
    return new Set(rows.map(([key]) => otherTarget.fromDb(key, this.#connection.vendor)));
  }

  #ownParam(): unknown {
    return this.#columns.ownTarget.toDb(this.#key, this.#connection.vendor);
  }

  /** Makes pairs. Those of a table without a model that are there already stay, whoever made them in the meantime. */
  async insert(keys: readonly unknown[], defaults: ThroughDefaults = {}): Promise<void> {
    const through = this.#field.throughModel;
    if (through) return this.#insertObjects(through, keys, defaults);
    checkNoDefaults(this.#field, defaults);
    for (const some of batches(keys)) await this.#insertRows(some);
  }

  async #insertRows(keys: readonly unknown[]): Promise<void> {
    const { table, own, other, otherTarget } = this.#columns;
    const connection = this.#connection;
    const rows = keys.map((_, i) => `(${connection.placeholder(2 * i + 1)}, ${connection.placeholder(2 * i + 2)})`);
    const into = `INSERT INTO ${quoteName(table)} (${quoteName(own)}, ${quoteName(other)})`;
    const params = keys.flatMap((key) => [this.#ownParam(), otherTarget.toDb(key, connection.vendor)]);
    await connection.execute(`${into} VALUES ${rows.join(", ")} ON CONFLICT DO NOTHING`, params, {
      prepare: keys.length === 1,
    });
  }

  async #insertObjects(through: ModelClass, keys: readonly unknown[], defaults: ThroughDefaults): Promise<void> {
    const [from, to] = throughKeys(this.#field);
    const [own, other] = this.#reverse ? [to, from] : [from, to];
    const values = await resolved(defaults);
    const make = (key: unknown) => {
      const pair = new through(values);
      return Object.assign(pair, { [own.attname]: this.#key, [other.attname]: key });
    };
    await insertAll(this.#connection, keys.map(make));
  }

  /** Deletes pairs; null deletes all of the object's. Those of a `through` model are deleted as its objects are. */
  async delete(keys: readonly unknown[] | null): Promise<void> {
    if (keys?.length === 0) return;
    const through = this.#field.throughModel;
    if (through) return this.#deleteObjects(through, keys);
    for (const some of keys ? batches(keys) : [null]) await this.#deleteRows(some);
  }

  async #deleteRows(keys: readonly unknown[] | null): Promise<void> {
    const { table, own, other, otherTarget } = this.#columns;
    const connection = this.#connection;
    const marks = keys?.map((_, index) => connection.placeholder(index + 2)).join(", ");
    const only = keys ? ` AND ${quoteName(other)} IN (${marks})` : "";
    const sql = `DELETE FROM ${quoteName(table)} WHERE ${quoteName(own)} = ${connection.placeholder(1)}${only}`;
    const others = (keys ?? []).map((key) => otherTarget.toDb(key, connection.vendor));
    await connection.execute(sql, [this.#ownParam(), ...others], { prepare: (keys?.length ?? 1) === 1 });
  }

  async #deleteObjects(through: ModelClass, keys: readonly unknown[] | null): Promise<void> {
    const [from, to] = throughKeys(this.#field);
    const [own, other] = this.#reverse ? [to, from] : [from, to];
    const mine = new QuerySet<BaseModel>(through).using(this.#connection.alias).where(own.attname, this.#key);
    await (keys ? mine.where(`${other.attname}__in`, keys) : mine).delete();
  }
}

function checkNoDefaults(field: Field, defaults: ThroughDefaults): void {
  const [name] = Object.keys(defaults);
  if (name === undefined) return;
  throw new FieldError(`The table of ${field.label} has no field "${name}" that throughDefaults could set.`, {
    hint: "Declare a model for it and name it as the field's through.",
  });
}

async function resolved(defaults: ThroughDefaults): Promise<Record<string, unknown>> {
  const entries = Object.entries(defaults).map(async ([name, value]) => {
    return [name, typeof value === "function" ? await value() : value] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}
