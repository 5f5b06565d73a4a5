// What TypeORM's decorators say of a class, as fields.
import { createRequire } from "node:module";
import type { DefaultNamingStrategy, getMetadataArgsStorage } from "typeorm";
import { ImproperlyConfigured } from "../../exceptions.ts";
import { snakeCase } from "../../utils/text.ts";
import { connections } from "../connections.ts";
import type { OnDelete } from "../deletion.ts";
import { Field, type FieldOptions } from "../fields/field.ts";
import type { FieldKind } from "../fields/field_types.ts";
import { Now } from "../functions/datetime.ts";
import { Index } from "../indexes.ts";
import type { MetaOptions } from "../meta/meta.ts";
import type { ModelClass } from "../models.ts";

type Storage = ReturnType<typeof getMetadataArgsStorage>;
type ColumnArgs = Storage["columns"][number];
type RelationArgs = Storage["relations"][number];

/** A class with `@Entity()`. */
export type EntityClass<E extends object = object> = new () => E;

/** Finds the model of an entity that another one refers to. */
type ModelOf = (entity: EntityClass) => ModelClass;

// Whoever has an entity has loaded TypeORM; nobody else pays for it.
const load = () => createRequire(import.meta.url)("typeorm") as typeof import("typeorm");

/** What one entity's decorators have written down. */
export class EntityDescription {
  readonly #entity: EntityClass;
  readonly #storage: Storage;
  readonly #naming: DefaultNamingStrategy;
  readonly #modelOf: ModelOf;
  /** The class and those above it. */
  readonly #chain: EntityClass[];

  /** @throws ImproperlyConfigured where the class has no `@Entity()`. */
  constructor(entity: EntityClass, modelOf: ModelOf) {
    const typeorm = load();
    this.#entity = entity;
    this.#storage = typeorm.getMetadataArgsStorage();
    this.#naming = new typeorm.DefaultNamingStrategy();
    this.#modelOf = modelOf;
    this.#chain = chainOf(entity);
    if (this.#storage.filterTables(entity).length > 0) return;
    throw new ImproperlyConfigured(`${entity.name} is no entity: it lacks TypeORM's @Entity().`, {
      hint: "A class of the framework's own is declared with @model().",
    });
  }

  /** The fields, by the names of the properties; a relation has its column with it. */
  fields(): Map<string, Field> {
    const relations = this.#storage.filterRelations(this.#chain).map((args) => this.#relation(args));
    const found = relations.filter((field) => field !== null);
    const taken = new Set(found.map((field) => (field.isManyToMany ? null : field.column)));
    const columns = this.#storage.filterColumns(this.#chain).map((args) => this.#column(args));
    const own = columns.filter((field) => !taken.has(field.column));
    return new Map([...own, ...found].map((field) => [field.name, field]));
  }

  meta(): MetaOptions {
    const [{ name, orderBy }] = this.#storage.filterTables(this.#entity);
    const dbTable = this.#naming.tableName(this.#entity.name, name);
    const lists = this.#lists();
    const ordering = typeof orderBy === "object" ? Object.entries(orderBy).map(orderTerm) : [];
    const uniqueTogether = lists.filter(({ unique, names }) => unique && names.length > 1).map(({ names }) => names);
    const indexes = lists
      .filter(({ unique }) => !unique)
      .map((list) => new Index({ fields: list.names, name: list.name ?? indexName(dbTable, list.names) }));
    return {
      dbTable,
      ...(ordering.length > 0 ? { ordering } : {}),
      ...(uniqueTogether.length > 0 ? { uniqueTogether } : {}),
      ...(indexes.length > 0 ? { indexes } : {}),
    };
  }

  /** `@Index()` and `@Unique()`. */
  #lists(): { name: string | undefined; names: string[]; unique: boolean }[] {
    const indices = this.#storage.filterIndices(this.#chain).map((args) => ({ ...args, unique: args.unique === true }));
    const uniques = this.#storage.filterUniques(this.#chain).map((args) => ({ ...args, unique: true }));
    return [...indices, ...uniques].map(({ name, columns, unique }) => ({ name, names: namesIn(columns), unique }));
  }

  #column({ target, propertyName, options, mode }: ColumnArgs): Field {
    const generated = this.#storage.findGenerated(target, propertyName)?.strategy;
    const { kind, ...typed } = typeOf(options.type, options, generated);
    const column = this.#naming.columnName(propertyName, options.name as string, []);
    const isAlone = this.#lists().some(({ names, unique }) => unique && names.join() === propertyName);
    const own: FieldOptions = {
      ...typed,
      ...(options.primary ? { primaryKey: true } : {}),
      ...(options.nullable ? { null: true } : {}),
      ...(options.unique || isAlone ? { unique: true } : {}),
      ...defaultOf(options.default),
      ...ofMode(mode),
      ...(column === snakeCase(propertyName) ? {} : { dbColumn: column }),
    };
    return named(new Field(mode === "createDate" || mode === "updateDate" ? "DateTimeField" : kind, own), propertyName);
  }

  /** A relation with a column or a table of its own; what the other side holds is made from there. */
  #relation(args: RelationArgs): Field | null {
    if (args.relationType === "many-to-many") return this.#manyToMany(args);
    const [join] = this.#storage.filterJoinColumns(args.target, args.propertyName);
    if (args.relationType === "one-to-many" || (args.relationType === "one-to-one" && !join)) return null;
    const { propertyName, options } = args;
    const kind = args.relationType === "one-to-one" ? "OneToOneField" : "ForeignKey";
    const dbColumn = join?.name ?? this.#naming.joinColumnName(propertyName, join?.referencedColumnName ?? "id");
    const remote = {
      to: () => this.#modelOf(entityOf(args)),
      onDelete: onDeleteOf(options.onDelete),
      ...relatedName(args),
      ...(join?.referencedColumnName ? { toField: join.referencedColumnName } : {}),
    };
    const primaryKey = this.#isPrimary(dbColumn);
    const isNull = options.nullable !== false && !primaryKey;
    const own = { dbColumn, ...(isNull ? { null: true } : {}), ...(primaryKey ? { primaryKey } : {}) };
    return named(new Field(kind, own, remote), propertyName);
  }

  /** The column of a relation may be declared as the key as well. */
  #isPrimary(dbColumn: string): boolean {
    return this.#storage
      .filterColumns(this.#chain)
      .some(({ propertyName, options }) => options.primary && (options.name ?? propertyName) === dbColumn);
  }

  #manyToMany(args: RelationArgs): Field | null {
    const table = this.#storage.findJoinTable(args.target, args.propertyName);
    if (!table) return null;
    const other = entityOf(args);
    const [own, far] = [this.#entity, other].map((entity) => this.#tableOf(entity));
    const inverse = relatedName(args).relatedName ?? "";
    const remote = {
      to: () => this.#modelOf(other),
      dbTable: table.name ?? this.#naming.joinTableName(own, far, args.propertyName, inverse),
      pairColumns: [
        table.joinColumns?.[0]?.name ?? this.#naming.joinTableColumnName(own, "id", "id"),
        table.inverseJoinColumns?.[0]?.name ?? this.#naming.joinTableColumnName(far, "id", "id"),
      ] as const,
      ...relatedName(args),
    };
    return named(new Field("ManyToManyField", {}, remote), args.propertyName);
  }

  #tableOf(entity: EntityClass): string {
    return this.#naming.tableName(entity.name, this.#storage.filterTables(entity)[0]?.name);
  }
}

function chainOf(entity: EntityClass): EntityClass[] {
  const above = Object.getPrototypeOf(entity) as EntityClass;
  return above === Function.prototype || above === null ? [entity] : [entity, ...chainOf(above)];
}

function named(field: Field, name: string): Field {
  field.name = name;
  return field;
}

const kinds: Readonly<Record<string, FieldKind>> = {
  int: "IntegerField",
  int4: "IntegerField",
  integer: "IntegerField",
  number: "IntegerField",
  int2: "SmallIntegerField",
  smallint: "SmallIntegerField",
  tinyint: "SmallIntegerField",
  bigint: "BigIntegerField",
  int8: "BigIntegerField",
  float: "FloatField",
  float4: "FloatField",
  float8: "FloatField",
  real: "FloatField",
  double: "FloatField",
  "double precision": "FloatField",
  decimal: "DecimalField",
  numeric: "DecimalField",
  bool: "BooleanField",
  boolean: "BooleanField",
  date: "DateField",
  time: "TimeField",
  datetime: "DateTimeField",
  timestamp: "DateTimeField",
  timestamptz: "DateTimeField",
  "timestamp with time zone": "DateTimeField",
  "timestamp without time zone": "DateTimeField",
  json: "JSONField",
  jsonb: "JSONField",
  "simple-json": "JSONField",
  text: "TextField",
  "simple-array": "TextField",
  blob: "BinaryField",
  bytea: "BinaryField",
};

interface ColumnType extends FieldOptions {
  kind: FieldKind;
}

function typeOf(type: unknown, options: ColumnArgs["options"], generated: string | undefined): ColumnType {
  const name = (typeof type === "function" ? type.name : String(type ?? "varchar")).toLowerCase();
  if (generated === "increment") return { kind: name === "bigint" ? "BigAutoField" : "AutoField" };
  if (generated === "uuid" || name === "uuid") return { ...uuidType(), ...(generated ? { default: randomUuid } : {}) };
  const kind = kinds[name];
  if (kind === "DecimalField") return { kind, maxDigits: options.precision ?? 15, decimalPlaces: options.scale ?? 2 };
  if (kind) return { kind };
  const choices = options.enum as readonly string[] | Record<string, string> | undefined;
  const values = choices && Object.values(choices).map((value) => [value, String(value)] as const);
  return { kind: "CharField", maxLength: Number(options.length || 255), ...(values ? { choices: values } : {}) };
}

/** TypeORM keeps it as text on SQLite, with its hyphens, where Django leaves them out. */
function uuidType(): ColumnType {
  return connections.engines.includes("sqlite") ? { kind: "CharField", maxLength: 36 } : { kind: "UUIDField" };
}

const randomUuid = () => crypto.randomUUID();

function defaultOf(value: unknown): FieldOptions {
  // A function is SQL of the user's own, which only TypeORM's migrations write.
  if (value === undefined || typeof value === "function") return {};
  // Its repositories leave what is not given to the column's default.
  return { default: value, ...(value === null || typeof value === "object" ? {} : { dbDefault: value }) };
}

function ofMode(mode: ColumnArgs["mode"]): FieldOptions {
  if (mode === "createDate") return { autoNowAdd: true, dbDefault: Now() };
  if (mode === "updateDate") return { autoNow: true, dbDefault: Now() };
  if (mode === "deleteDate") return { null: true };
  return mode === "version" ? { default: 1, dbDefault: 1 } : {};
}

function onDeleteOf(rule: string | undefined): OnDelete {
  const rules: Readonly<Record<string, OnDelete>> = { CASCADE: "DB_CASCADE", "SET NULL": "DB_SET_NULL" };
  return rules[rule ?? ""] ?? "DO_NOTHING";
}

function entityOf({ type, propertyName }: RelationArgs): EntityClass {
  const entity = typeof type === "function" && !type.prototype ? (type as () => unknown)() : type;
  if (typeof entity === "function") return entity as EntityClass;
  throw new ImproperlyConfigured(`The relation "${propertyName}" names its entity by text, which is not supported.`, {
    hint: "Give it as a function: () => Author.",
  });
}

function relatedName({ inverseSideProperty: inverse }: RelationArgs): { relatedName?: string } {
  const name = typeof inverse === "function" ? String(inverse(propertyNames)) : inverse;
  return name ? { relatedName: name } : {};
}

/** An object whose properties are their own names: `(author) => author.books` gives `"books"`. */
const propertyNames: Record<string, string> = new Proxy({}, { get: (_, name) => String(name) });

function namesIn(columns: unknown): string[] {
  const given = typeof columns === "function" ? columns(propertyNames) : columns;
  return Array.isArray(given) ? given.map(String) : Object.keys((given as object) ?? {});
}

function orderTerm([name, direction]: [string, unknown]): string {
  const order = typeof direction === "object" ? (direction as { order?: string } | null)?.order : direction;
  return order === "DESC" || order === -1 ? `-${name}` : name;
}

function indexName(table: string, names: readonly string[]): string {
  return `${table}_${names.join("_")}_idx`.slice(-30).replace(/^_+/, "");
}
