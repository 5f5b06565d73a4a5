import type { DataSource, EntitySchema, EntitySchemaColumnOptions, EntitySchemaRelationOptions } from "typeorm";
import type { Field } from "../fields/field.ts";
import type { FieldKind, Vendor } from "../fields/field_types.ts";
import { entityOfModel, installedModels } from "../meta/model_registry.ts";
import { type ModelState, state } from "../meta/model_state.ts";
import type { ModelClass } from "../models.ts";
import type { EntityClass } from "./entity_fields.ts";

/** What TypeORM calls the columns whose values it passes through; everything else is text to it. */
const columnTypes: Partial<Record<FieldKind, EntitySchemaColumnOptions["type"]>> = {
  AutoField: "integer",
  BigAutoField: "integer",
  SmallAutoField: "integer",
  IntegerField: "integer",
  PositiveIntegerField: "integer",
  SmallIntegerField: "integer",
  PositiveSmallIntegerField: "integer",
  BigIntegerField: "bigint",
  PositiveBigIntegerField: "bigint",
  BooleanField: "boolean",
  DecimalField: "decimal",
};

/** The installed models as TypeORM's entities, so that `connection.dataSource.getRepository(Book)` works. */
export async function entitySchemas(vendor: Vendor): Promise<(EntitySchema | EntityClass)[]> {
  const { EntitySchema } = await import("typeorm");
  const models = installedModels().filter(isEntity);
  return models.map((model) => entityOfModel(model) ?? new EntitySchema(describe(model, vendor) as never));
}

/** TypeORM has no word for a row that stands in two tables. */
function isEntity({ _meta: { abstract, parents, swapped } }: ModelClass): boolean {
  return !abstract && parents.length === 0 && swapped === null;
}

/** Connects TypeORM and lets it use the models' own properties. */
export async function initializeEntities(dataSource: DataSource): Promise<DataSource> {
  await dataSource.initialize();
  for (const model of installedModels()) if (dataSource.hasMetadata(model)) bindRelations(dataSource, model);
  return dataSource;
}

/**
 * Lets TypeORM see only those relations that are loaded: to read the property of another would load it. What it loads
 * itself is put where the property finds it.
 */
function bindRelations(dataSource: DataSource, model: ModelClass): void {
  for (const relation of dataSource.getMetadata(model).relations) {
    relation.getEntityValue = (entity) => loadedValue(entity, relation.propertyName);
    relation.setEntityValue = (entity, value) => setLoaded(entity, relation.propertyName, value);
  }
}

function loadedValue(entity: object, name: string): unknown {
  if (!(state in entity)) return (entity as Record<string, unknown>)[name];
  return (entity[state] as ModelState).related?.get(name);
}

function setLoaded(entity: object, name: string, value: unknown): void {
  const own = entity as { [state]: ModelState };
  own[state].related ??= new Map();
  own[state].related.set(name, value);
  own[state].adding = false;
}

/** TypeORM puts classes with its own decorators together apart from the others, and knows no relations between the two. */
function isReachable(model: ModelClass): boolean {
  return isEntity(model) && !entityOfModel(model);
}

function describe(model: ModelClass, vendor: Vendor): object {
  const { _meta: meta } = model;
  const relations = [...meta.fields.filter((field) => field.isForeignKey), ...meta.manyToMany].filter(
    (field) => isReachable(field.relatedModel) && (!field.throughModel || isReachable(field.throughModel)),
  );
  return {
    name: meta.label,
    target: model,
    tableName: meta.dbTable,
    columns: Object.fromEntries(meta.fields.map((field) => [field.attname, column(field, vendor)])),
    relations: Object.fromEntries(relations.map((field) => [field.name, relation(field)])),
    synchronize: false,
  };
}

function column(field: Field, vendor: Vendor): EntitySchemaColumnOptions {
  return {
    name: field.column,
    type: columnTypes[field.isForeignKey ? field.targetField.kind : field.kind] ?? "text",
    nullable: field.null,
    unique: field.unique,
    ...(field.primaryKey ? { primary: true } : {}),
    ...(field.isAuto ? { generated: "increment" } : {}),
    ...(field.isGenerated ? { insert: false, update: false } : {}),
    transformer: {
      to: (value: unknown) => (isCondition(value) ? value : field.toDb(value ?? field.preSave(true), vendor)),
      from: (raw: unknown) => (raw === undefined ? undefined : field.fromDb(raw, vendor)),
    },
  };
}

/** TypeORM hands its own operators, such as `In([1, 2])`, to the transformer too. */
function isCondition(value: unknown): boolean {
  return value === undefined || (typeof value === "object" && value !== null && "@instanceof" in value);
}

function relation(field: Field): EntitySchemaRelationOptions {
  const target = () => field.relatedModel;
  if (!field.isManyToMany) {
    const type = field.kind === "OneToOneField" ? "one-to-one" : "many-to-one";
    return { type, target, nullable: field.null, joinColumn: { name: field.column } };
  }
  const { table, from, to } = field.model._meta.manyToManyColumns(field);
  return {
    type: "many-to-many",
    target,
    joinTable: { name: table, joinColumn: { name: from }, inverseJoinColumn: { name: to } },
  };
}
