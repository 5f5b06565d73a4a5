// django.contrib.postgres.indexes.
import { ImproperlyConfigured } from "../../exceptions.ts";
import { type Expression, FExpression } from "../expressions/base.ts";
import type { Vendor } from "../fields/field_types.ts";
import { Index, type IndexOptions, type Lack } from "../indexes.ts";
import type { ModelClass } from "../models.ts";
import type { SchemaEditor } from "../schema/base.ts";
import { OpClassExpression } from "../schema/index_terms.ts";
import type { IndexParts } from "../schema/statements.ts";

/**
 * An expression with the operator class that its index uses.
 *
 * @param expression text names a column
 * @example new GinIndex({ expressions: [OpClass("title", "gin_trgm_ops")], name: "title_trigrams" });
 */
export function OpClass(expression: string | Expression, name: string): OpClassExpression {
  return new OpClassExpression(typeof expression === "string" ? new FExpression(expression) : expression, name);
}

/** An index of a kind that PostgreSQL has beside the usual one; `P` are its storage parameters. */
abstract class PostgresIndex<const F extends string, C, P extends object> extends Index<F, C> {
  declare readonly options: Readonly<IndexOptions<F, C> & P>;

  constructor(options: IndexOptions<F, C> & P) {
    super(options);
  }

  /** What PostgreSQL calls the parameters. */
  protected abstract readonly parameterNames: Readonly<Record<keyof P & string, string>>;

  /** True of what a plain index does as well, if not as fast. */
  protected get isPortable(): boolean {
    return false;
  }

  override lacks(vendor: Vendor): readonly Lack[] {
    if (vendor === "postgresql" || this.isPortable) return super.lacks(vendor);
    const hint = "An index won't be created. Silence this warning if you don't care about it.";
    return [{ id: "sqlite.W001", what: `a ${this.constructor.name}`, hint, ignorable: false }];
  }

  /** The storage parameters that were given: `fillfactor = 70`. */
  protected parameters(): string[] {
    const given = Object.entries(this.options).filter(([key]) => Object.hasOwn(this.parameterNames, key));
    return given.map(([key, value]) => `${this.parameterNames[key as keyof P & string]} = ${parameterSql(value)}`);
  }

  protected override parts(model: ModelClass, editor: SchemaEditor): IndexParts {
    const parts = super.parts(model, editor);
    if (editor.vendor !== "postgresql") return parts;
    return { ...parts, using: this.suffix, parameters: this.parameters() };
  }
}

function parameterSql(value: unknown): string {
  if (typeof value === "boolean") return value ? "on" : "off";
  if (Number.isInteger(value)) return String(value);
  throw new ImproperlyConfigured(`A parameter of an index is a whole number or a boolean, not ${String(value)}.`);
}

interface Fillfactor {
  /** How full pages are filled, in percent. */
  fillfactor?: number;
}

/** PostgreSQL's usual index, with its parameters. On SQLite a plain index. */
export class BTreeIndex<const F extends string = string, C = unknown> extends PostgresIndex<
  F,
  C,
  Fillfactor & { deduplicateItems?: boolean }
> {
  static override readonly suffix = "btree";
  protected readonly parameterNames = { fillfactor: "fillfactor", deduplicateItems: "deduplicate_items" };

  protected override get isPortable(): boolean {
    return true;
  }
}

/** For equality alone, however long the values are. On SQLite a plain index. */
export class HashIndex<const F extends string = string, C = unknown> extends PostgresIndex<F, C, Fillfactor> {
  static override readonly suffix = "hash";
  protected readonly parameterNames = { fillfactor: "fillfactor" };

  protected override get isPortable(): boolean {
    return true;
  }
}

/** For values with many parts: JSON, arrays, texts to search. */
export class GinIndex<const F extends string = string, C = unknown> extends PostgresIndex<
  F,
  C,
  {
    /** Gather new entries in a list first; PostgreSQL's own default is true. */
    fastupdate?: boolean;
    /** How long that list may be, in kilobytes. */
    ginPendingListLimit?: number;
  }
> {
  static override readonly suffix = "gin";
  protected readonly parameterNames = { fastupdate: "fastupdate", ginPendingListLimit: "gin_pending_list_limit" };
}

/** For ranges, networks, shapes, and what a constraint excludes. */
export class GistIndex<const F extends string = string, C = unknown> extends PostgresIndex<
  F,
  C,
  Fillfactor & { buffering?: boolean }
> {
  static override readonly suffix = "gist";
  protected readonly parameterNames = { fillfactor: "fillfactor", buffering: "buffering" };
}

/** For values that fall into parts that do not overlap: networks, points, beginnings of texts. */
export class SpGistIndex<const F extends string = string, C = unknown> extends PostgresIndex<F, C, Fillfactor> {
  static override readonly suffix = "spgist";
  protected readonly parameterNames = { fillfactor: "fillfactor" };
}

interface BrinParameters {
  /** Sum up new pages by itself. */
  autosummarize?: boolean;
  /** How many pages of the table one entry sums up. */
  pagesPerRange?: number;
}

/** A small index of a big table whose rows lie in the order of the column, as times of a log do. */
export class BrinIndex<const F extends string = string, C = unknown> extends PostgresIndex<F, C, BrinParameters> {
  static override readonly suffix = "brin";
  protected readonly parameterNames = { autosummarize: "autosummarize", pagesPerRange: "pages_per_range" };

  constructor(options: IndexOptions<F, C> & BrinParameters) {
    super(options);
    const { pagesPerRange } = options;
    if (pagesPerRange === undefined || pagesPerRange > 0) return;
    throw new ImproperlyConfigured(`BrinIndex.pagesPerRange must be a positive integer, not ${pagesPerRange}.`);
  }
}

interface BloomParameters {
  /** How many bits an entry has, from 1 to 4096. */
  length?: number;
  /** How many bits each of the fields sets, from 1 to 4095. */
  columns?: readonly number[];
}

/** For equality of any of many columns; it needs the extension `bloom`. */
export class BloomIndex<const F extends string = string, C = unknown> extends PostgresIndex<F, C, BloomParameters> {
  static override readonly suffix = "bloom";
  protected readonly parameterNames = { length: "length", columns: "col" };

  constructor(options: IndexOptions<F, C> & BloomParameters) {
    super(options);
    const wrong = bloomRules.find(([isWrong]) => isWrong(options));
    if (wrong) throw new ImproperlyConfigured(wrong[1]);
  }

  protected override parameters(): string[] {
    const { length, columns = [] } = this.options;
    const bits = columns.map((value, at) => `col${at + 1} = ${parameterSql(value)}`);
    return length === undefined ? bits : [`length = ${parameterSql(length)}`, ...bits];
  }
}

type BloomRule = readonly [isWrong: (options: IndexOptions & BloomParameters) => boolean, text: string];

const bloomRules: readonly BloomRule[] = [
  [({ fields = [] }) => fields.length > 32, "Bloom indexes support a maximum of 32 fields."],
  [
    ({ fields = [], columns = [] }) => columns.length > fields.length,
    "BloomIndex.columns cannot have more values than fields.",
  ],
  [
    ({ columns = [] }) => columns.some((bits) => bits < 1 || bits > 4095),
    "BloomIndex.columns must contain integers from 1 to 4095.",
  ],
  [
    ({ length }) => length !== undefined && (length < 1 || length > 4096),
    "BloomIndex.length must be undefined or an integer from 1 to 4096.",
  ],
];
