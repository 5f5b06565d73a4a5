import { AppConfig } from "../apps/config.ts";
import { postMigrate } from "../db/migrations/signals.ts";

/** The app of content types: each model has one after `migrate`. */
export default class ContentTypesConfig extends AppConfig {
  override verboseName = "Content Types";
  override defaultAutoField = "AutoField" as const;

  override async ready(): Promise<void> {
    const { createContentTypes } = await import("./management.ts");
    postMigrate.connect(createContentTypes, { dispatchUid: "django.contrib.contenttypes.management" });
  }
}
