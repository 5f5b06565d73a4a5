import type { TestContext } from "node:test";
import { configureSettings } from "../../core/conf/settings.ts";
import { createExpress } from "../../core/http/express.ts";
import { sendNotFound } from "../../core/http/pages.ts";
import { HttpServer } from "../../core/http/server.ts";
import { security } from "../../core/middleware/security.ts";
import { documentation } from "../../core/openapi/views.ts";
import { AutoRouter } from "../../core/rest/routers.ts";
import { serve } from "../../core/rest/urls.ts";
import { PostViewSet } from "./posts.ts";

/** Serves the posts with their documentation until the test is over. */
export async function servePosts(
  t: TestContext,
  settings: { DEBUG?: boolean; OPENAPI?: object } = {},
): Promise<string> {
  const { DEBUG = true, OPENAPI = {} } = settings;
  configureSettings({ SECRET_KEY: "only-for-tests-0123456789-abcdefghijklmnopqrstuvwxyz", DEBUG, OPENAPI });
  const endpoints = new AutoRouter().register("/posts", PostViewSet as never).endpoints();
  const app = createExpress();
  const handlers = [security, ...documentation(endpoints), serve(endpoints, "accept")];
  for (const handler of handlers) app.use(handler);
  app.use((_request, response) => sendNotFound(response));
  const server = new HttpServer(app);
  await server.listen(0, "127.0.0.1");
  t.after(() => server.close(100));
  return `http://127.0.0.1:${server.port}`;
}
