// Relations to rows of any model: a content type says of which, an object id says which row.
import { quoteName } from "../backends/base.ts";
import { Field } from "../fields/field.ts";
import { isTextField } from "../lookups.ts";
import type { ModelClass } from "../models.ts";
import { literal } from "../schema/literals.ts";
import { type Condition, makeLeaf } from "../sql/conditions.ts";
import { parseLookup } from "../sql/lookup_path.ts";
import type { GenericLink, Hop, Relation } from "./relations.ts";

/** The object id as a reference to one of the models that it may mean. */
class GenericKey extends Field {
  readonly #link: GenericLink;

  constructor(link: GenericLink, to: ModelClass) {
    super("ForeignKey", {}, { to: () => to, onDelete: "DO_NOTHING" });
    this.#link = link;
    this.name = genericCacheName(link.objectId.name);
    this.model = link.objectId.model;
  }

  override get label(): string {
    return `${this.#link.objectId.label}:${this.relatedModel._meta.label}`;
  }

  override get attname(): string {
    return this.#link.objectId.attname;
  }

  override get column(): string {
    return this.#link.objectId.column;
  }
}

/** Under what name an object remembers what its object id means. */
export function genericCacheName(objectIdField: string): string {
  return `~${objectIdField}`;
}

/** From an object to the rows that mean it: `book.tags`. */
export function genericRelation(name: string, link: GenericLink, owner: ModelClass): Relation {
  const field = new GenericKey(link, owner);
  const { model } = link.objectId;
  const hop: Hop = {
    table: model._meta.dbTable,
    from: owner._meta.pk.column,
    to: link.objectId.column,
    isReference: false,
    ...castOf(link, owner, "from"),
    condition: (_from, to) => isOfType(link, to),
  };
  return { name, field, reverse: true, toMany: true, nullable: true, model, hops: [hop], generic: link };
}

/** From such a row to the object, where it is of that model: what `relatedQueryName` names. */
export function genericReference(name: string, link: GenericLink, owner: ModelClass): Relation {
  const field = new GenericKey(link, owner);
  const hop: Hop = {
    table: owner._meta.dbTable,
    from: link.objectId.column,
    to: owner._meta.pk.column,
    isReference: false,
    ...castOf(link, owner, "to"),
    condition: (from) => isOfType(link, from),
  };
  return { name, field, reverse: false, toMany: false, nullable: true, model: owner, hops: [hop], generic: link };
}

/** An object id is often text, while keys are numbers; PostgreSQL does not compare the two. */
function castOf({ objectId }: GenericLink, { _meta: { pk } }: ModelClass, side: "from" | "to"): Pick<Hop, "asText"> {
  return isTextField(objectId) && !isTextField(pk) ? { asText: side } : {};
}

function isOfType({ contentType, names }: GenericLink, table: string): string {
  const { _meta: meta } = contentType.relatedModel;
  const column = (name: string) => quoteName(meta.getField(name).column);
  const [appLabel, model] = names().map((name) => literal(name, "sqlite"));
  const where = `${column("appLabel")} = ${appLabel} AND ${column("model")} = ${model}`;
  const key = `SELECT ${column("pk")} FROM ${quoteName(meta.dbTable)} WHERE ${where}`;
  return `${table}.${quoteName(contentType.column)} = (${key})`;
}

/** What holds of the rows at the other side of a relation, beside their reference: that they mean this model. */
export function restrictions({ generic, model }: Relation): Condition[] {
  if (!generic) return [];
  const { contentType, names } = generic;
  const [appLabel, modelName] = names();
  return [
    makeLeaf(parseLookup(model, `${contentType.name}__appLabel`), appLabel),
    makeLeaf(parseLookup(model, `${contentType.name}__model`), modelName),
  ];
}

/** An object's key as its references hold it. */
export function referenceValue({ generic }: Pick<Relation, "generic">, key: unknown): unknown {
  return generic && key !== null && isTextField(generic.objectId) ? String(key) : key;
}
