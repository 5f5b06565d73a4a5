import { DateTime } from "../../utils/datetime.ts";
import type { Connection } from "../connections.ts";
import { Field } from "../fields/field.ts";
import { withSchemaEditor } from "../schema/editor.ts";
import { keyText, type MigrationKey } from "./migration.ts";
import { modelClass } from "./state_apps.ts";

function column(name: string, field: Field): Field {
  field.name = name;
  return field;
}

/** Django's table, to the letter. */
const table = modelClass(
  "Migration",
  [
    column("id", new Field("BigAutoField", { primaryKey: true })),
    column("app", new Field("CharField", { maxLength: 255 })),
    column("name", new Field("CharField", { maxLength: 255 })),
    column("applied", new Field("DateTimeField")),
  ],
  { appLabel: "migrations", dbTable: "django_migrations" },
);

/** When each applied migration was applied, by `app.name`, in the order in which they were. */
export type AppliedMigrations = ReadonlyMap<string, { key: MigrationKey; applied: Date }>;

/** Remembers in the database which migrations it has: the table `django_migrations`. */
export class MigrationRecorder {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async #hasTable(): Promise<boolean> {
    const query =
      this.#connection.vendor === "sqlite"
        ? "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'django_migrations'"
        : "SELECT 1 WHERE to_regclass('django_migrations') IS NOT NULL";
    return (await this.#connection.execute(query)).rows.length > 0;
  }

  /** Creates the table where it is missing. */
  async ensureSchema(): Promise<void> {
    if (await this.#hasTable()) return;
    await withSchemaEditor(
      async (editor) => {
        // Another process may have been faster; inside the transaction that is certain.
        if (!(await this.#hasTable())) await editor.createModel(table);
      },
      { using: this.#connection.alias },
    );
  }

  /** The applied migrations; none where the table is missing. */
  async appliedMigrations(): Promise<AppliedMigrations> {
    if (!(await this.#hasTable())) return new Map();
    const { rows } = await this.#connection.execute("SELECT app, name, applied FROM django_migrations ORDER BY id");
    const field = table._meta.getField("applied");
    return new Map(
      rows.map(([app, name, applied]) => {
        const key: MigrationKey = [app as string, name as string];
        return [keyText(key), { key, applied: field.fromDb(applied, this.#connection.vendor) as Date }];
      }),
    );
  }

  async isApplied([app, name]: MigrationKey): Promise<boolean> {
    const query = `SELECT 1 FROM django_migrations WHERE app = ${this.#at(1)} AND name = ${this.#at(2)}`;
    return (await this.#connection.execute(query, [app, name])).rows.length > 0;
  }

  async recordApplied([app, name]: MigrationKey): Promise<void> {
    const applied = table._meta.getField("applied").toDb(new DateTime(), this.#connection.vendor);
    const values = [1, 2, 3].map((position) => this.#at(position)).join(", ");
    await this.#connection.execute(`INSERT INTO django_migrations (app, name, applied) VALUES (${values})`, [
      app,
      name,
      applied,
    ]);
  }

  async recordUnapplied([app, name]: MigrationKey): Promise<void> {
    const query = `DELETE FROM django_migrations WHERE app = ${this.#at(1)} AND name = ${this.#at(2)}`;
    await this.#connection.execute(query, [app, name]);
  }

  #at(position: number): string {
    return this.#connection.placeholder(position);
  }
}
