// A small API, mounted without a project: what the tests of the document change, they extend.
import { configureSettings, resetSettings } from "../../core/conf/settings.ts";
import {
  AllowAny,
  AutoRouter,
  CASCADE,
  CharField,
  ForeignKey,
  fields,
  finalizeModels,
  type Manager,
  Model,
  ModelSchema,
  ModelViewSet,
  model,
  type PermissionList,
  type Related,
  Schema,
} from "../../core/index.ts";
import { generateSchema } from "../../core/openapi/generator.ts";
import type { JsonSchema, OpenAPIDocument, Operation } from "../../core/openapi/types.ts";

resetSettings();
configureSettings({ SECRET_KEY: "only-for-tests-0123456789-abcdefghijklmnopqrstuvwxyz", DEBUG: true });

@model({ appLabel: "blog" })
export class Author extends Model {
  declare static objects: Manager<Author>;
  @CharField({ maxLength: 100 }) name!: string;
}

@model({ appLabel: "blog" })
export class Post extends Model {
  declare static objects: Manager<Post>;
  @CharField({ maxLength: 200 }) title!: string;
  @ForeignKey(() => Author, { onDelete: CASCADE }) author!: Related<Author>;
}

finalizeModels([Author, Post]);

export class PostSchema extends ModelSchema(Post, { fields: ["id", "title", "author"] }) {}

export class PostViewSet extends ModelViewSet<Post> {
  override model = Post;
  override schema = PostSchema;
  override permissionClasses: PermissionList = [AllowAny];
}

export const info = { title: "Blog", version: "1.0.0" };

/** The document of viewsets by prefix. */
export function documentOf(viewsets: Record<string, new () => ModelViewSet<Post>>, prefix = ""): OpenAPIDocument {
  const router = new AutoRouter({ prefix });
  for (const [path, View] of Object.entries(viewsets)) router.register(path, View as never);
  return generateSchema(router.endpoints(), info);
}

/** The operation of a name. Throws where there is none. */
export function operation({ paths }: OpenAPIDocument, operationId: string): Operation {
  const all = Object.values(paths).flatMap((item) => Object.values(item) as Operation[]);
  const found = all.find((each) => each.operationId === operationId);
  if (found) return found;
  throw new Error(`There is no ${operationId}, only ${all.map((each) => each.operationId).join(", ")}.`);
}

/** The properties of a schema's component, where clients send it and get it. */
export function propertiesOf(schema: new () => Schema): Record<string, JsonSchema> {
  class View extends PostViewSet {
    override schema = schema as typeof PostSchema;
  }
  const { components } = documentOf({ "/posts": View });
  const name = schema.name.replace(/Schema$/, "");
  return (components.schemas[name]?.properties ?? {}) as Record<string, JsonSchema>;
}

export { fields, Schema };
