// A project whose tables are classes with TypeORM's own decorators: migrations, viewsets and querysets work on them.
import assert from "node:assert/strict";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { forEachDatabase } from "../support/databases.ts";
import { makeProject, type Project, root, run } from "../support/projects.ts";
import { type Served, serve } from "./served.ts";

const files = {
  "settings.ts": `import { defineSettings, env } from "core-framework";

export default defineSettings({
  SECRET_KEY: "only for this test",
  ALLOWED_HOSTS: ["127.0.0.1"],
  INSTALLED_APPS: ["apps/essays"],
  DATABASES: { default: env.database("DATABASE_URL") },
});
`,
  "apps/essays/entities.ts": `import { Column, Entity, JoinColumn, ManyToOne, PrimaryGeneratedColumn } from "typeorm";

@Entity()
export class Writer {
  @PrimaryGeneratedColumn() id!: number;
  @Column({ type: "varchar", length: 40, unique: true }) name!: string;
}

@Entity()
export class Essay {
  @PrimaryGeneratedColumn() id!: number;
  @Column({ type: "varchar", length: 80 }) title!: string;
  @Column({ type: "int", default: 1 }) pages!: number;
  @ManyToOne(() => Writer, { onDelete: "CASCADE" }) @JoinColumn({ name: "writer_id" }) writer!: Writer;
}
`,
  "apps/essays/models.ts": `import { modelFor } from "core-framework";
import { Essay, Writer } from "./entities.ts";

export const WriterModel = modelFor(Writer, { ordering: ["name"] });
export const EssayModel = modelFor(Essay, { ordering: ["title"] });
`,
  "apps/essays/schemas.ts": `import { ModelSchema } from "core-framework";
import { EssayModel, WriterModel } from "./models.ts";

export class WriterSchema extends ModelSchema(WriterModel, { fields: ["id", "name"] }) {}
export class EssaySchema extends ModelSchema(EssayModel, { fields: ["id", "title", "pages", "writer"] }) {}
`,
  "apps/essays/views.ts": `import { AllowAny, ModelViewSet } from "core-framework";
import { EssayModel, WriterModel } from "./models.ts";
import { EssaySchema, WriterSchema } from "./schemas.ts";

export class WriterViewSet extends ModelViewSet(WriterModel, {}) {
  schema = WriterSchema;
  permissionClasses = [AllowAny];
}
export class EssayViewSet extends ModelViewSet(EssayModel, { orderingFields: ["pages"] }) {
  schema = EssaySchema;
  permissionClasses = [AllowAny];
}
`,
  "apps/essays/routes.ts": `import { AutoRouter } from "core-framework";
import { EssayViewSet, WriterViewSet } from "./views.ts";

export const router = new AutoRouter({ prefix: "/api" });
router.register("/writers", WriterViewSet);
router.register("/essays", EssayViewSet);
`,
};

const core = `${root}bin/core.mjs`;

forEachDatabase((_name, makeUrl) => {
  const cleanups: (() => void)[] = [];
  let project: Project;
  let env: Record<string, string>;
  let served: Served;

  before(async () => {
    project = makeProject({ after: (cleanup) => void cleanups.push(cleanup as () => void) }, files);
    // npm puts it there; a user's project that imports it lists it among its dependencies.
    symlinkSync(join(root, "node_modules/typeorm"), join(project.folder, "node_modules/typeorm"));
    env = { DATABASE_URL: await makeUrl() };
    for (const args of [["makemigrations"], ["migrate"], ["makemigrations", "--check"]]) {
      const { code, stdout, stderr } = await run(process.execPath, [core, ...args], { cwd: project.folder, env });
      assert.equal(code, 0, stdout + stderr);
    }
    served = await serve([core, "run", "0"], { cwd: project.folder, env });
  });
  after(async () => {
    if (served) await served.stop();
    for (const cleanup of cleanups) cleanup();
  });

  async function send(method: string, path: string, body?: object): Promise<{ status: number; body: unknown }> {
    const response = await fetch(`${served.url}${path}`, {
      method,
      headers: { "content-type": "application/json" },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await response.text();
    return { status: response.status, body: text === "" ? null : JSON.parse(text) };
  }

  test("entities are created, listed, changed and deleted over HTTP, with DRF's answers", async () => {
    assert.deepEqual(await send("POST", "/api/writers/", { name: "Ana" }), {
      status: 201,
      body: { id: 1, name: "Ana" },
    });
    assert.deepEqual(await send("POST", "/api/writers/", { name: "Ana" }), {
      status: 400,
      body: { name: ["writer with this name already exists."] },
    });
    const essay = { id: 1, title: "Sea", pages: 3, writer: 1 };
    assert.deepEqual(await send("POST", "/api/essays/", { title: "Sea", pages: 3, writer: 1 }), {
      status: 201,
      body: essay,
    });
    assert.deepEqual(await send("POST", "/api/essays/", { title: "", writer: 9 }), {
      status: 400,
      body: { title: ["This field may not be blank."], writer: ['Invalid pk "9" - object does not exist.'] },
    });
    assert.deepEqual(await send("PATCH", "/api/essays/1/", { pages: 4 }), {
      status: 200,
      body: { ...essay, pages: 4 },
    });
    const { body } = await send("GET", "/api/essays/?ordering=-pages");
    assert.deepEqual((body as { results: unknown }).results, [{ ...essay, pages: 4 }]);
    assert.equal((await send("DELETE", "/api/writers/1/")).status, 204);
    assert.equal((await send("GET", "/api/essays/1/")).status, 404, "the writer's essays went with the writer");
  });
});
