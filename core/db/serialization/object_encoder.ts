import { snakeCase } from "../../utils/text.ts";
import type { Field } from "../fields/field.ts";
import type { BaseModel, ModelClass } from "../models.ts";
import { hasNaturalKey, naturalKeyOf } from "./natural_keys.ts";
import { fixtureValue } from "./values.ts";

/** What of an object goes into a fixture, and how relations are written. */
export interface EncodeOptions {
  /** Only these fields, under their names in TypeScript. */
  fields?: readonly string[];
  /** Relations by the natural key of the other row, where its model has one. */
  useNaturalForeignKeys?: boolean;
  /** No `pk` where the model has a natural key: the row is found by that when the fixture is loaded. */
  useNaturalPrimaryKeys?: boolean;
}

/** An object of a fixture, as it is written. */
export interface FixtureRecord {
  /** `library.book` */
  model: string;
  pk?: unknown;
  fields: Record<string, unknown>;
}

type Write = (object: BaseModel) => unknown;

/**
 * Turns objects of one model into what a fixture has of them: columns first, then relations to many, as declared. What a
 * multi-table parent declares stands with the parent's own object.
 */
export class ObjectEncoder {
  readonly #model: ModelClass;
  readonly #options: EncodeOptions;
  readonly #fields: readonly (readonly [name: string, write: Write])[];

  constructor(model: ModelClass, options: EncodeOptions) {
    this.#model = model;
    this.#options = options;
    const { localFields, parentLink } = model._meta;
    // A child's key is its parent's, which a natural key has to find.
    const link = options.useNaturalPrimaryKeys ? parentLink : null;
    const columns = localFields.filter((field) => !field.primaryKey || field === link);
    const fields = [...columns, ...pairedFields(model)].filter((field) => this.#isWanted(field));
    this.#fields = fields.map((field) => [snakeCase(field.name), this.#writer(field)]);
  }

  #isWanted({ name }: Field): boolean {
    return this.#options.fields?.includes(name) ?? true;
  }

  #writer(field: Field): Write {
    const natural = field.isRelation && this.#options.useNaturalForeignKeys && hasNaturalKey(field.relatedModel);
    if (field.isManyToMany) return natural ? (object) => naturalKeys(object, field) : (object) => keys(object, field);
    if (natural) return (object) => naturalForeignKey(object, field);
    return (object) => fixtureValue(field, attribute(object, field.attname));
  }

  async encode(object: BaseModel): Promise<FixtureRecord> {
    const { label, pk } = this.#model._meta;
    const withoutKey = this.#options.useNaturalPrimaryKeys && hasNaturalKey(this.#model);
    const fields: Record<string, unknown> = {};
    for (const [name, write] of this.#fields) {
      const value = write(object);
      fields[name] = value instanceof Promise ? await value : value;
    }
    const key = withoutKey ? {} : { pk: fixtureValue(pk, object.pk) };
    return { model: label.toLowerCase(), ...key, fields };
  }
}

/** The relations to many that a fixture lists: rows of a `through` model are objects of their own. */
export function pairedFields(model: ModelClass): Field[] {
  return model._meta.localManyToMany.filter((field) => !field.remote?.through);
}

function attribute(object: BaseModel, name: string): unknown {
  return (object as unknown as Record<string, unknown>)[name];
}

async function naturalForeignKey(object: BaseModel, field: Field): Promise<unknown> {
  const related = (await attribute(object, field.name)) as BaseModel | null;
  return related && naturalKeyOf(related);
}

async function keys(object: BaseModel, field: Field): Promise<unknown[]> {
  const { pk } = field.relatedModel._meta;
  return (await relatedRows(object, field)).map((other) => fixtureValue(pk, other.pk));
}

async function naturalKeys(object: BaseModel, field: Field): Promise<unknown[]> {
  return Promise.all((await relatedRows(object, field)).map(naturalKeyOf));
}

/** In the order of their model; by key where that has none, so that the same rows always give the same text. */
async function relatedRows(object: BaseModel, field: Field): Promise<BaseModel[]> {
  const rows = (await attribute(object, field.name)) as BaseModel[];
  if (field.relatedModel._meta.ordering.length > 0) return rows;
  return rows.toSorted((one, other) => ((one.pk as string) < (other.pk as string) ? -1 : 1));
}
