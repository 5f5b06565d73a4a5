import { CreateModel, fields, Migration } from "../../db/migrations/index.ts";

export default new Migration({
  initial: true,
  operations: [
    new CreateModel("ContentType", {
      fields: {
        id: fields.AutoField(),
        appLabel: fields.CharField({ maxLength: 100 }),
        model: fields.CharField({ maxLength: 100 }),
      },
      dbTable: "django_content_type",
      uniqueTogether: [["appLabel", "model"]],
    }),
  ],
});
