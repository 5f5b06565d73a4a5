import type { ModelClass } from "../db/models.ts";
import { ImproperlyConfigured } from "../exceptions.ts";
import { type Field, HiddenField, ListField } from "../rest/fields.ts";
import { type CompiledField, type CompiledSchema, NestedField } from "../rest/serializers.ts";
import { type Inspection, inspectField } from "./inspectors.ts";
import { columnOf, relatedModel } from "./sources.ts";
import type { JsonSchema } from "./types.ts";

/** What a schema is used for in an API: what clients send, what they get, or both. */
export type Role = "input" | "output";

interface Known {
  roles: Set<Role>;
  model: ModelClass | null;
}

/**
 * The schemas of an API as components of its document: each is written once, under its name, and referred to.
 *
 * A schema that is used both ways is one component, as in drf-spectacular; `readOnly` and `writeOnly` tell its halves
 * apart. Every use is announced by {@link expect} before the first {@link ref}, since it decides what is written.
 */
export class SchemaComponents {
  readonly #known = new Map<CompiledSchema, Known>();
  readonly #components = new Map<string, { schema: JsonSchema; of: CompiledSchema }>();

  /** Announces a use of a schema, and of those nested in it. */
  expect(schema: CompiledSchema, role: Role, model: ModelClass | null): void {
    const known = this.#known.get(schema) ?? { roles: new Set(), model };
    this.#known.set(schema, known);
    if (known.roles.has(role)) return;
    known.roles.add(role);
    for (const { field, source } of schema.fields) {
      const nested = nestedSchema(field);
      if (nested) this.expect(nested, role, relatedModel(model, source));
    }
  }

  /** A reference to a schema; with `partial` to what PATCH takes of it, where nothing is required. */
  ref(schema: CompiledSchema, options: { partial?: boolean } = {}): JsonSchema {
    const partial = options.partial ?? false;
    const name = partial ? `Patched${nameOf(schema).replace(/Input$/, "")}` : nameOf(schema);
    return this.#add(name, schema, () => this.#objectSchema(schema, partial));
  }

  /** A reference to a page of a list. */
  page(schema: CompiledSchema, content: JsonSchema): JsonSchema {
    return this.#add(`Paginated${nameOf(schema)}List`, schema, () => content);
  }

  /** All components that were referred to. */
  build(): Record<string, JsonSchema> {
    return Object.fromEntries([...this.#components].map(([name, { schema }]) => [name, schema]));
  }

  #add(name: string, of: CompiledSchema, make: () => JsonSchema): JsonSchema {
    const existing = this.#components.get(name);
    if (existing && existing.of !== of) throw sameName(name, existing.of, of);
    if (!existing) {
      // Registered before it is written: a schema may refer to itself.
      this.#components.set(name, { schema: {}, of });
      this.#components.set(name, { schema: make(), of });
    }
    return { $ref: `#/components/schemas/${name}` };
  }

  #objectSchema(schema: CompiledSchema, partial: boolean): JsonSchema {
    const { roles, model } = this.#known.get(schema) ?? { roles: new Set<Role>(), model: null };
    const fields = schema.fields.filter(({ field }) => isShown(field, roles));
    const required = partial ? [] : fields.filter((field) => isRequired(field, roles)).map(({ wireName }) => wireName);
    const properties = fields.map((field) => [field.wireName, this.#property(field, model, roles)]);
    return {
      type: "object",
      properties: Object.fromEntries(properties),
      ...(required.length > 0 ? { required } : {}),
    };
  }

  #property({ field, source }: CompiledField, model: ModelClass | null, roles: ReadonlySet<Role>): JsonSchema {
    const inspection: Inspection = {
      input: roles.has("input"),
      column: columnOf(model, source),
      related: relatedModel(model, source),
      inspect: (child) => inspectField(child, inspection),
      ref: (schema) => this.ref(schema),
    };
    return inspectField(field, inspection);
  }
}

function sameName(name: string, first: CompiledSchema, second: CompiledSchema): ImproperlyConfigured {
  return new ImproperlyConfigured(
    `Two schemas are called "${name}" in the OpenAPI document: ${first.schemaClass.name} and ${second.schemaClass.name}.`,
    {
      code: "openapi_name_taken",
      hint: "Rename one of the classes.",
    },
  );
}

/** The name of a schema's class without what tells it from its model's: `PostSchema`, `PostSerializer`, `PostOutput`. */
function nameOf({ schemaClass }: CompiledSchema): string {
  return schemaClass.name.replace(/(?<=.)(Schema|Serializer|Output)$/, "");
}

function nestedSchema(field: Field): CompiledSchema | null {
  if (field instanceof ListField) return nestedSchema(field.child);
  return field instanceof NestedField ? field.compiled : null;
}

function isShown(field: Field, roles: ReadonlySet<Role>): boolean {
  if (field instanceof HiddenField) return false;
  return (!field.readOnly || roles.has("output")) && (!field.writeOnly || roles.has("input"));
}

/** What is shown is always there, unless it lies behind a relation that may be null. */
function isRequired({ field, source }: CompiledField, roles: ReadonlySet<Role>): boolean {
  if (field.required) return true;
  const isOutputOnly = field.readOnly || !roles.has("input");
  return isOutputOnly && (field.allowNull || source === "*" || !source.includes("."));
}
