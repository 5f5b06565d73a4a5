import { AutoField, CharField } from "../db/fields.ts";
import { Manager } from "../db/manager.ts";
import { Model, model } from "../db/models.ts";

/** The manager of content types. */
export class ContentTypeManager extends Manager<ContentType> {
  /** @example ContentType.objects.getByNaturalKey("library", "book") */
  getByNaturalKey(appLabel: string, model: string): Promise<ContentType> {
    return this.get({ appLabel, model });
  }
}

/**
 * An installed model as a row, so that other rows can refer to "some model": `django.contrib.contenttypes`.
 * The table is Django's, `django_content_type`.
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

  /** `library | book`, as Django shows it. */
  override toString(): string {
    return `${this.appLabel} | ${this.model}`;
  }
}
