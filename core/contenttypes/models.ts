import { AutoField, CharField } from "../db/fields.ts";
import type { Manager } from "../db/manager.ts";
import { Model, model } from "../db/models.ts";

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
  declare static objects: Manager<ContentType>;

  // Django's own apps have 32-bit keys, whatever DEFAULT_AUTO_FIELD says.
  @AutoField({ verboseName: "ID" }) declare id: number;
  @CharField({ maxLength: 100 }) appLabel!: string;
  @CharField({ maxLength: 100, verboseName: "python model class name" }) model!: string;

  /** `library | book`, as Django shows it. */
  override toString(): string {
    return `${this.appLabel} | ${this.model}`;
  }
}
