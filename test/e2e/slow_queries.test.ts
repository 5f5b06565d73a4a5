// A statement that takes too long: PostgreSQL stops it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { forEachDatabase } from "../support/databases.ts";
import { makeProject, root } from "../support/projects.ts";
import { type Served, serve } from "./served.ts";

const files = {
  "settings.ts": `import { defineSettings, env } from "core-framework";

export default defineSettings({
  SECRET_KEY: "only for this test",
  ALLOWED_HOSTS: ["127.0.0.1"],
  INSTALLED_APPS: ["apps/slow"],
  DATABASES: { default: env.database("DATABASE_URL") },
});
`,
  "apps/slow/views.ts": `import { AllowAny, APIView, connections, type Request } from "core-framework";

export class SlowView extends APIView {
  permissionClasses = [AllowAny];
  async get(request: Request) {
    const { rows } = await connections.get().execute("SELECT 1, pg_sleep($1)", [Number(request.queryParams.get("seconds"))]);
    return { rows: rows.length };
  }
}
`,
  "apps/slow/routes.ts": `import { path } from "core-framework";
import { SlowView } from "./views.ts";

export const urlpatterns = [path("/slow/", SlowView)];
`,
};

forEachDatabase((name, makeUrl) => {
  if (name === "sqlite") return;
  const cleanups: (() => void)[] = [];
  let served: Served;

  before(async () => {
    const url = await makeUrl();
    const project = makeProject({ after: (cleanup) => void cleanups.push(cleanup as () => void) }, files);
    const env = { DATABASE_URL: `${url}?statementTimeout=1000` };
    served = await serve([`${root}bin/core.mjs`, "run", "0"], { cwd: project.folder, env });
  });
  after(async () => {
    if (served) await served.stop();
    for (const cleanup of cleanups) cleanup();
  });

  test("a statement is stopped at the timeout and answered with 503, and the server goes on", async () => {
    const response = await fetch(`${served.url}/slow/?seconds=60`);
    assert.equal(response.status, 503);
    assert.deepEqual(await response.json(), { detail: "Service temporarily unavailable, try again later." });
    assert.equal((await fetch(`${served.url}/slow/?seconds=0`)).status, 200);
  });
});
