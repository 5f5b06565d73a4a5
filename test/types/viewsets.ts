// What the compiler says of viewsets made by the function: right and wrong use. Checked by `npm run check`, never run.
import {
  AllowAny,
  CASCADE,
  CharField,
  ForeignKey,
  type Manager,
  Model,
  ModelSchema,
  ModelViewSet,
  model,
  type Related,
} from "core-framework";

@model()
class Writer extends Model {
  declare static objects: Manager<Writer>;
  @CharField({ maxLength: 100 }) name!: string;
}

@model()
class Novel extends Model {
  declare static objects: Manager<Novel>;
  @CharField({ maxLength: 100 }) title!: string;
  @ForeignKey(() => Writer, { onDelete: CASCADE }) writer!: Related<Writer>;
}

class NovelSchema extends ModelSchema(Novel, { fields: ["id", "title", "writer"] }) {}

export class Right extends ModelViewSet(Novel, {
  schema: NovelSchema,
  permissionClasses: [AllowAny],
  ordering: ["-title"],
  orderingFields: ["title", "writer__name"],
}) {
  override async performCreate(values: Record<string, unknown>): Promise<Novel> {
    const novel = await super.performCreate(values);
    return novel satisfies Novel;
  }
}

export class AsAClass extends ModelViewSet<Novel> {
  override model = Novel;
  override schema = NovelSchema;
}

// @ts-expect-error the model has no field of that name
ModelViewSet(Novel, { schema: NovelSchema, orderingFields: ["titel"] });
// @ts-expect-error nor has the model at the other side
ModelViewSet(Novel, { schema: NovelSchema, ordering: ["-writer__nmae"] });
// @ts-expect-error a viewset has no such option
ModelViewSet(Novel, { schema: NovelSchema, permissonClasses: [AllowAny] });
