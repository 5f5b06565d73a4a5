import { AutoField, CharField } from "../db/fields.ts";
import { installedModels } from "../db/meta/model_registry.ts";
import { type BaseModel, Model, type ModelClass, model, stateOf } from "../db/models.ts";
import { QuerySet } from "../db/queryset.ts";
import { ContentTypeManager } from "./manager.ts";

/**
 * An installed model as a row, so that other rows can refer to "some model": `django.contrib.contenttypes`.
 * The table is Django's, `django_content_type`.
 *
 * @example
 * const type = await ContentType.objects.getForModel(Book);
 * await type.getObjectForThisType({ id: 7 });
 */
@model({
  appLabel: "contenttypes",
  dbTable: "django_content_type",
  uniqueTogether: [["appLabel", "model"]],
  verboseName: "content type",
})
export class ContentType extends Model {
  static readonly objects = new ContentTypeManager();

  // Django's own apps have 32-bit keys, whatever DEFAULT_AUTO_FIELD says.
  @AutoField({ verboseName: "ID" }) declare id: number;
  @CharField({ maxLength: 100 }) appLabel!: string;
  @CharField({ maxLength: 100, verboseName: "python model class name" }) model!: string;

  naturalKey(): [appLabel: string, model: string] {
    return [this.appLabel, this.model];
  }

  /** The model itself, or null where it is not installed any more. */
  modelClass(): ModelClass | null {
    const label = `${this.appLabel}.${this.model}`;
    return installedModels().find(({ _meta }) => _meta.labelLower === label) ?? null;
  }

  /** What people call the model: `book`. */
  get name(): string {
    return this.modelClass()?._meta.verboseName ?? this.model;
  }

  /** The object of this type for which the conditions hold. It is read past the model's own managers. */
  getObjectForThisType(conditions: Readonly<Record<string, unknown>>, using?: string): Promise<BaseModel> {
    return rowsOf(this, using).get(conditions as never);
  }

  /** The objects of this type for which the conditions hold. */
  getAllObjectsForThisType(conditions: Readonly<Record<string, unknown>>, using?: string): QuerySet<BaseModel> {
    return rowsOf(this, using).filter(conditions as never);
  }

  /** `library | book`, as Django shows it. */
  override toString(): string {
    return `${this.appLabel} | ${this.model}`;
  }
}

/** Past the model's own managers, as Django's base manager is. */
function rowsOf(type: ContentType, using: string | undefined): QuerySet<BaseModel> {
  const found = type.modelClass();
  if (found) return new QuerySet<BaseModel>(found).using(using ?? stateOf(type).db);
  throw new ContentType.DoesNotExist(`The model of the content type "${type}" is not installed.`);
}
