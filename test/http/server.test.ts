import assert from "node:assert/strict";
import http from "node:http";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createExpress } from "../../core/http/express.ts";
import { HttpServer, ListenError } from "../../core/http/server.ts";

async function start(delay: number): Promise<HttpServer> {
  const app = createExpress();
  app.use(async (_request, response) => {
    await sleep(delay, undefined, { ref: false });
    response.end("done");
  });
  const server = new HttpServer(app);
  await server.listen(0, "127.0.0.1");
  return server;
}

function get(port: number, agent: http.Agent): Promise<{ status: number; connection: string | undefined }> {
  return new Promise((resolve, reject) => {
    const request = http.get({ port, agent, host: "127.0.0.1" }, (response) => {
      response
        .resume()
        .once("end", () => resolve({ status: response.statusCode ?? 0, connection: response.headers.connection }));
    });
    request.once("error", reject);
  });
}

test("closing under busy kept connections fails no request, and tells each client to go", async () => {
  const server = await start(5);
  const { port } = server;
  const clients = Array.from({ length: 20 }, async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    let answered = 0;
    for (;;) {
      const { status, connection } = await get(port, agent);
      assert.equal(status, 200);
      answered += 1;
      if (connection === "close") return answered;
    }
  });
  await sleep(200);
  const begun = performance.now();
  await server.close();
  assert.ok(performance.now() - begun < 5_000);
  for (const answered of await Promise.all(clients)) assert.ok(answered > 1);
});

test("a connection that stays silent is closed soon, one that never ends at the end of the grace", async () => {
  const server = await start(60_000);
  const agent = new http.Agent({ keepAlive: true });
  const stuck = get(server.port, agent).catch((error: NodeJS.ErrnoException) => error.code);
  await sleep(50);
  const begun = performance.now();
  await server.close(800);
  assert.ok(performance.now() - begun < 2_000);
  assert.equal(await stuck, "ECONNRESET");
});

test("a port in use is said in one sentence, with a way out", async () => {
  const server = await start(0);
  const other = new HttpServer(createExpress());
  await assert.rejects(other.listen(server.port, "127.0.0.1"), (error: ListenError) => {
    assert.equal(error.message, `Port ${server.port} on 127.0.0.1 is already in use.`);
    assert.match(error.hint ?? "", /core run \d+/);
    return error instanceof ListenError;
  });
  await server.close();
});

test("requests and responses have Express's prototypes from the start", async () => {
  const app = createExpress();
  let changed = 0;
  const original = Object.setPrototypeOf;
  app.use((_request, response) => void response.end("ok"));
  const server = new HttpServer(app);
  await server.listen(0, "127.0.0.1");
  Object.setPrototypeOf = (target: object, prototype: object | null) => {
    if (Object.getPrototypeOf(target) !== prototype) changed += 1;
    return original(target, prototype);
  };
  await get(server.port, new http.Agent());
  Object.setPrototypeOf = original;
  await server.close();
  if (Number(process.versions.node.split(".")[0]) < 24) assert.equal(changed, 0);
});
