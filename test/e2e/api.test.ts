// A project with sign-in, relations, permissions and actions of its own, as one process serves it.
import assert from "node:assert/strict";
import http from "node:http";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { forEachDatabase } from "../support/databases.ts";
import { makeProject, type Project, root, run } from "../support/projects.ts";
import { type Served, serve } from "./served.ts";

const files = {
  "settings.ts": `import { defineSettings, env } from "core-framework";
import { HeaderAuthentication } from "./authentication.ts";

export default defineSettings({
  SECRET_KEY: "only for this test",
  ALLOWED_HOSTS: ["127.0.0.1"],
  INSTALLED_APPS: ["apps/shop"],
  DATABASES: { default: env.database("DATABASE_URL") },
  REST_FRAMEWORK: { DEFAULT_AUTHENTICATION_CLASSES: [HeaderAuthentication] },
});
`,
  "authentication.ts": `import { type Authenticated, BaseAuthentication, type Request } from "core-framework";

/** Whoever the header names: only a test may believe it. */
export class HeaderAuthentication extends BaseAuthentication {
  authenticate(request: Request): Authenticated | null {
    const name = request.header("x-user");
    if (!name) return null;
    return [{ isAuthenticated: true, isActive: true, isStaff: name === "staff", isSuperuser: false, pk: name }, null];
  }
  override authenticateHeader() { return "Header"; }
}
`,
  "apps/shop/models.ts": `import {
  CASCADE, CharField, CheckConstraint, ForeignKey, type Manager, ManyToManyField, type ManyRelated, Model, model, PROTECT, Q,
  type Related, Reverse, UniqueConstraint,
} from "core-framework";

@model({ ordering: ["id"] })
export class Tag extends Model {
  declare static objects: Manager<Tag>;
  @CharField({ maxLength: 20, unique: true }) name!: string;
}

@model({
  ordering: ["id"],
  constraints: [
    new CheckConstraint({ condition: Q({ name__startswith: "-" }).not(), name: "name_without_hyphen" }),
    new UniqueConstraint({
      fields: ["owner"],
      condition: Q({ name__startswith: "Main" }),
      name: "one_main_shop",
      violationErrorMessage: "There is a main shop already.",
    }),
  ],
})
export class Shop extends Model {
  declare static objects: Manager<Shop>;
  @CharField({ maxLength: 50, unique: true }) name!: string;
  @CharField({ maxLength: 20 }) owner!: string;
  @Reverse(() => Item, "shop") items!: ManyRelated<Item>;
}

@model({
  ordering: ["id"],
  uniqueTogether: [["shop", "name"]],
  constraints: [
    new UniqueConstraint({ fields: ["shop"], condition: Q({ name__startswith: "Best" }), name: "one_best_item" }),
    new UniqueConstraint({ fields: ["shop"], condition: Q({ name__startswith: "Last" }), name: "one_last_item" }),
  ],
})
export class Item extends Model {
  declare static objects: Manager<Item>;
  @CharField({ maxLength: 50 }) name!: string;
  @ForeignKey(() => Shop, { onDelete: CASCADE, relatedName: "items" }) shop!: Related<Shop>;
  declare shopId: number;
  @ForeignKey(() => Tag, { onDelete: PROTECT, null: true }) mainTag!: Related<Tag | null>;
  @ManyToManyField(() => Tag, { relatedName: "items", blank: true }) tags!: ManyRelated<Tag>;
}
`,
  "apps/shop/schemas.ts": `import { fields, ModelSchema } from "core-framework";
import { Item, Shop, Tag } from "./models.ts";

export class TagSchema extends ModelSchema(Tag, { fields: ["id", "name"] }) {}
export class ShopSchema extends ModelSchema(Shop, { fields: ["id", "name", "owner"], readOnlyFields: ["owner"] }) {}
export class ItemSchema extends ModelSchema(Item, { fields: ["id", "name", "shop", "mainTag", "tags"] }) {}
export class TagCount extends ModelSchema(Tag, { fields: ["id", "name", "shout"] }) {
  @fields.SerializerMethodField() shout!: string;
  getShout({ name }: Tag) { return name.toUpperCase(); }
}
export class ShopDetail extends ModelSchema(Shop, { fields: ["id", "name", "items"] }) {
  @fields.Nested(() => ItemSchema, { many: true, readOnly: true }) items!: ItemSchema[];
}
`,
  "apps/shop/permissions.ts": `import { BasePermission, type Request } from "core-framework";
import type { Shop } from "./models.ts";
import type { APIView } from "core-framework";

export class IsOwner extends BasePermission {
  override message = "Only the owner can change this shop.";
  override hasObjectPermission(request: Request, _view: APIView, object: object) {
    return (object as Shop).owner === request.user.pk;
  }
}
`,
  "apps/shop/views.ts": `import { action, AllowAny, IsAdmin, IsAuthenticated, IsAuthenticatedOrReadOnly, ModelViewSet, not, Response, type Values } from "core-framework";
import { Item, Shop, Tag } from "./models.ts";
import { IsOwner } from "./permissions.ts";
import * as schemas from "./schemas.ts";

export class TagViewSet extends ModelViewSet<Tag> {
  model = Tag;
  schema = schemas.TagSchema;
  permissionClasses = [AllowAny];
}

export class LoudTagViewSet extends ModelViewSet<Tag> {
  model = Tag;
  queryset = Tag.objects.orderBy("id");
  schema = schemas.TagCount;
  permissionClasses = [AllowAny];
  paginationClass = null;
}

export class ClosedViewSet extends ModelViewSet<Tag> {
  model = Tag;
  schema = schemas.TagSchema;
}

export class ShopViewSet extends ModelViewSet<Shop> {
  model = Shop;
  schema = schemas.ShopSchema;
  permissionClasses = [IsAuthenticated];
  permissionClassesByAction = {
    list: [AllowAny], retrieve: [AllowAny], destroy: [IsAuthenticated.and(IsOwner.or(IsAdmin))], update: [IsOwner], partialUpdate: [IsOwner],
  };

  override performCreate(values: Values) {
    return super.performCreate({ ...values, owner: String(this.request.user.pk) });
  }

  @action({ detail: true, outputSchema: schemas.ShopDetail, permissionClasses: [AllowAny] })
  stock() {
    return this.retrieve();
  }

  @action({ detail: true, methods: ["post"], urlPath: "half-done" })
  async fail() {
    const shop = await this.getObject();
    await shop.items.create({ name: "left over" });
    throw new Error("a secret: /etc/passwd");
  }

  @action({ detail: false, methods: ["get"], permissionClasses: [not(IsAuthenticated)] })
  strangers() {
    return { welcome: true };
  }

  @action.mapping("strangers", "delete")
  noStrangers() {
    return new Response(undefined, { status: 204 });
  }
}

export class ItemViewSet extends ModelViewSet<Item> {
  model = Item;
  schema = schemas.ItemSchema;
  permissionClasses = [IsAuthenticatedOrReadOnly];
}
`,
  "apps/shop/routes.ts": `import { AutoRouter } from "core-framework";
import * as views from "./views.ts";

export const router = new AutoRouter({ prefix: "/api" });
router.register("/tags", views.TagViewSet);
router.register("/loud-tags", views.LoudTagViewSet, { basename: "loud" });
router.register("/closed", views.ClosedViewSet, { basename: "closed" });
router.register("/shops", views.ShopViewSet);
router.register("/items", views.ItemViewSet);
`,
};

const core = `${root}/bin/core.mjs`;
const json = { "Content-Type": "application/json" };

interface Answer {
  status: number;
  body: unknown;
  headers: Headers;
}

forEachDatabase((_name, makeUrl) => {
  let project: Project;
  let served: Served;
  let env: Record<string, string>;
  const cleanups: (() => void)[] = [];

  before(async () => {
    project = makeProject({ after: (cleanup) => void cleanups.push(cleanup as () => void) }, files);
    env = { DATABASE_URL: await makeUrl() };
    for (const args of [["makemigrations"], ["migrate"]]) {
      const { code, stderr } = await run(process.execPath, [core, ...args], { cwd: project.folder, env });
      assert.equal(code, 0, stderr);
    }
    served = await serve([core, "run", "0"], { cwd: project.folder, env });
  });

  after(async () => {
    if (served.child.exitCode === null) await served.stop();
    for (const cleanup of cleanups) cleanup();
  });

  async function send(
    method: string,
    path: string,
    body?: unknown,
    user?: string,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
    const init = {
      method,
      headers: { ...(text === undefined ? {} : json), ...(user ? { "X-User": user } : {}), ...headers },
    };
    const response = await fetch(served.url + path, text === undefined ? init : { ...init, body: text as string });
    const answer = await response.text();
    const parsed = response.headers.get("content-type") === "application/json" ? JSON.parse(answer) : answer;
    return { status: response.status, body: parsed, headers: response.headers };
  }

  test("a viewset that declares no permission is closed to strangers, for every method", async () => {
    for (const [method, path] of [
      ["GET", "/api/closed/"],
      ["POST", "/api/closed/"],
      ["GET", "/api/closed/1/"],
      ["PUT", "/api/closed/1/"],
      ["DELETE", "/api/closed/1/"],
      ["OPTIONS", "/api/closed/"],
    ] as const) {
      const { status, headers } = await send(method, path);
      assert.deepEqual([status, headers.get("www-authenticate")], [401, "Header"], `${method} ${path}`);
    }
    assert.equal((await send("GET", "/api/closed/", undefined, "ana")).status, 200);
  });

  test("composed permissions speak of the request and of the object", async () => {
    const { body } = await send("POST", "/api/shops/", { name: "Ana's", owner: "mallory" }, "ana");
    const shop = body as { id: number; owner: string };
    assert.equal(shop.owner, "ana", "what is read-only is not taken from the client");
    const path = `/api/shops/${shop.id}/`;
    assert.equal((await send("PATCH", path, { name: "Mine" }, "bruno")).status, 403);
    assert.deepEqual((await send("PATCH", path, { name: "Mine" }, "bruno")).body, {
      detail: "Only the owner can change this shop.",
    });
    assert.equal((await send("PATCH", path, { name: "Ana's own" }, "ana")).status, 200);
    assert.equal((await send("DELETE", path, undefined, "bruno")).status, 403);
    assert.equal((await send("DELETE", path)).status, 401);
    assert.equal((await send("DELETE", path, undefined, "staff")).status, 204);
    assert.equal((await send("GET", "/api/shops/strangers/")).status, 200);
    assert.equal((await send("GET", "/api/shops/strangers/", undefined, "ana")).status, 403);
    assert.equal((await send("DELETE", "/api/shops/strangers/")).status, 204);
  });

  test("a viewset's queryset is asked anew for every request", async () => {
    const list = async () =>
      ((await send("GET", "/api/loud-tags/")).body as { shout: string }[]).map(({ shout }) => shout);
    const earlier = await list();
    await send("POST", "/api/loud-tags/", { name: "loud" });
    assert.deepEqual(await list(), [...earlier, "LOUD"]);
  });

  test("relations come in by key, go out in one query each, and a nested list is loaded with its parent", async () => {
    const [red, blue] = [
      await send("POST", "/api/tags/", { name: "red" }),
      await send("POST", "/api/tags/", { name: "blue" }),
    ];
    const ids = [red, blue].map(({ body }) => (body as { id: number }).id);
    const shop = (await send("POST", "/api/shops/", { name: "Nested" }, "ana")).body as { id: number };
    const item = await send(
      "POST",
      "/api/items/",
      { name: "pen", shop: shop.id, mainTag: null, main_tag: ids[0], tags: ids },
      "ana",
    );
    assert.deepEqual(item.body, {
      id: (item.body as { id: number }).id,
      name: "pen",
      shop: shop.id,
      main_tag: ids[0],
      tags: ids,
    });
    assert.deepEqual((await send("GET", `/api/shops/${shop.id}/stock/`)).body, {
      id: shop.id,
      name: "Nested",
      items: [item.body],
    });
    const wrong = await send(
      "POST",
      "/api/items/",
      { name: "pen", shop: 99, main_tag: "x", tags: [ids[0], 98] },
      "ana",
    );
    assert.deepEqual(
      [wrong.status, wrong.body],
      [
        400,
        {
          shop: ['Invalid pk "99" - object does not exist.'],
          main_tag: ["Incorrect type. Expected pk value, received str."],
          tags: ['Invalid pk "98" - object does not exist.'],
        },
      ],
    );
    const twice = await send("POST", "/api/items/", { name: "pen", shop: shop.id }, "ana");
    assert.deepEqual(
      [twice.status, twice.body],
      [400, { non_field_errors: ["The fields shop, name must make a unique set."] }],
    );
    const refusals = [
      await send("POST", "/api/shops/", { name: "-" }, "ana"),
      await send("PATCH", `/api/shops/${shop.id}/`, { name: "-" }, "ana"),
      await send("POST", "/api/shops/", { name: "Main shop" }, "ana"),
      await send("POST", "/api/shops/", { name: "Main square" }, "ana"),
      await send("POST", "/api/items/", { name: "Last pen", shop: shop.id }, "ana"),
      await send("POST", "/api/items/", { name: "Last book", shop: shop.id }, "ana"),
    ];
    assert.deepEqual(
      refusals.map(({ status, body }) => [status, status === 400 && body]),
      [
        [400, { non_field_errors: ["Constraint “name_without_hyphen” is violated."] }],
        [400, { non_field_errors: ["Constraint “name_without_hyphen” is violated."] }],
        [201, false],
        [400, { non_field_errors: ["There is a main shop already."] }],
        [201, false],
        [400, { non_field_errors: ["Constraint “one_last_item” is violated."] }],
      ],
    );
    const used = await send("DELETE", `/api/tags/${ids[0]}/`);
    assert.equal(used.status, 409, "a protected row is a conflict, not an error of the server");
  });

  test("what a handler wrote before it failed is undone, and the client learns nothing of the cause", async () => {
    const shop = (await send("POST", "/api/shops/", { name: "Half" }, "ana")).body as { id: number };
    const { status, body } = await send("POST", `/api/shops/${shop.id}/half-done/`, undefined, "ana");
    assert.deepEqual([status, body], [500, { detail: "A server error occurred." }]);
    assert.deepEqual(((await send("GET", `/api/shops/${shop.id}/stock/`)).body as { items: unknown[] }).items, []);
  });

  test("of many who want the same unique value one gets it, and nobody an error of the server", async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => send("POST", "/api/tags/", { name: "only one" })),
    );
    const statuses = answers.map(({ status }) => status).sort();
    assert.deepEqual(statuses, [201, ...Array(49).fill(400)]);
    for (const { status, body } of answers)
      if (status === 400) assert.deepEqual(body, { name: ["tag with this name already exists."] });
  });

  test("bad input is a 4xx in DRF's form", async () => {
    const bad: [number, string, Record<string, string>?][] = [
      [400, '{"name":'],
      [400, "null"],
      [400, "[]"],
      [400, '"x"'],
      [400, "123"],
      [400, '{"name":'.repeat(12_000)],
      [400, "[".repeat(30_000)],
      [400, '{"name": {"a": 1}}'],
      [400, '{"name": "\\u0000"}'],
      [400, '{"name": "\\ud800"}'],
      [400, '{"__proto__": {"x": 1}, "name": "a"}'],
      [415, "name=x", { "Content-Type": "text/plain" }],
      [415, "<a/>", { "Content-Type": "application/xml" }],
      [413, JSON.stringify({ name: "x".repeat(2_621_441) })],
    ];
    for (const [status, body, headers] of bad) {
      const answer = await send("POST", "/api/tags/", body, undefined, headers);
      assert.equal(answer.status, status, `${body.slice(0, 40)} → ${JSON.stringify(answer.body)}`);
      assert.equal(answer.headers.get("content-type"), "application/json");
    }
    assert.equal(({} as { x?: unknown }).x, undefined);
    assert.equal((await send("GET", "/api/tags/%zz/")).status, 404);
    assert.equal((await send("GET", "/api/tags/?page=1e9")).status, 404);
    assert.equal((await send("PATCH", "/api/tags/99999999999999999999999/", {})).status, 404);
  });

  test("another host's name is refused, and every answer has the security headers", async () => {
    const status = await new Promise((resolve) => {
      http.get(`${served.url}/api/tags/`, { headers: { Host: "evil.example" } }, (response) =>
        resolve(response.resume().statusCode),
      );
    });
    assert.equal(status, 400);
    for (const path of ["/api/tags/", "/nothing", "/api/tags/0/", "/health/live"]) {
      const { headers } = await send("GET", path);
      assert.equal(headers.get("x-content-type-options"), "nosniff", path);
      assert.equal(headers.get("x-frame-options"), "DENY", path);
      assert.equal(headers.get("x-powered-by"), null, path);
    }
    assert.deepEqual((await send("GET", "/health/ready")).body, { status: "ok", failing: [] });
    assert.equal((await send("GET", "/docs")).status, 404, "the docs are not shown without DEBUG");
  });

  test("SIGTERM under 20 busy kept connections fails no request, and the process exits 0", async () => {
    const clients = Array.from({ length: 20 }, () => busyClient(served.url));
    await sleep(500);
    const begun = performance.now();
    const code = await served.stop();
    const counts = await Promise.all(clients);
    assert.equal(code, 0, served.output());
    assert.ok(performance.now() - begun < 10_000);
    for (const count of counts) assert.ok(count > 1);
  });
});

/** Asks as fast as it can on one connection, until the server tells it to go; rejects if a request fails. */
async function busyClient(url: string): Promise<number> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  for (let answered = 0; ; answered += 1) {
    const goes = await new Promise<boolean>((resolve, reject) => {
      const request = http.get(`${url}/api/tags/`, { agent }, (response) => {
        if (response.statusCode !== 200) reject(new Error(`status ${response.statusCode}`));
        response.resume().once("end", () => resolve(response.headers.connection !== "close"));
      });
      request.once("error", reject);
    });
    if (!goes) return answered + 1;
  }
}
