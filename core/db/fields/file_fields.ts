// django.db.models.fields.files. The value is what the column holds, a path relative to where files are stored.
import { decorate, type FieldDecorator, type Nullable, type With } from "./field_decorator.ts";

type FileOptions = With<string, "maxLength" | "uploadTo">;

/** The path of a stored file, such as `"covers/sea.jpg"`. */
export function FileField<const O extends FileOptions>(options?: O): FieldDecorator<Nullable<string, O>> {
  return decorate("FileField", { maxLength: 100, ...options });
}

/** The path of a stored picture. */
export function ImageField<const O extends FileOptions>(options?: O): FieldDecorator<Nullable<string, O>> {
  return decorate("ImageField", { maxLength: 100, ...options });
}

/** Which files of the server's disk a FilePathField may name. */
type FilePathOptions = With<string, "maxLength" | "path" | "match" | "recursive" | "allowFiles" | "allowFolders">;

/** The path of a file, or folder, in a folder of the server. Which ones may be chosen is for forms: it is not validated. */
export function FilePathField<const O extends FilePathOptions>(options?: O): FieldDecorator<Nullable<string, O>> {
  return decorate("FilePathField", { maxLength: 100, ...options });
}
