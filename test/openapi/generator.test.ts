import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AllowAny,
  APIView,
  AutoRouter,
  action,
  BaseAuthentication,
  BasePermission,
  BaseThrottle,
  InputSchema,
  IsAuthenticated,
  IsAuthenticatedOrReadOnly,
  ModelSchema,
  ModelViewSet,
  OrderingFilter,
  OutputSchema,
  PageNumberPagination,
  path,
  ReadOnlyModelViewSet,
} from "../../core/index.ts";
import { generateSchema } from "../../core/openapi/generator.ts";
import { compilePatterns } from "../../core/rest/urls.ts";
import { Author, documentOf, fields, info, operation, Post, PostSchema, PostViewSet } from "./posts.ts";
import { findProblems, operationsOf } from "./structure.ts";

const jsonOf = (name: string) => ({ "application/json": { schema: { $ref: `#/components/schemas/${name}` } } });

test("the six actions and their schemas are called as in drf-spectacular", () => {
  const document = documentOf({ "/posts": PostViewSet });
  assert.deepEqual(
    operationsOf(document).map(({ path: at, operation: { operationId } }) => `${at} ${operationId}`),
    [
      "/posts/ posts_list",
      "/posts/ posts_create",
      "/posts/{id}/ posts_retrieve",
      "/posts/{id}/ posts_update",
      "/posts/{id}/ posts_partial_update",
      "/posts/{id}/ posts_destroy",
    ],
  );
  const names = ["ErrorDetail", "PaginatedPostList", "PatchedPost", "Post", "ValidationErrors"];
  assert.deepEqual(Object.keys(document.components.schemas), names);
  assert.deepEqual(findProblems(document), []);
});

test("bodies, answers and errors of every action are told", () => {
  const document = documentOf({ "/posts": PostViewSet });
  const create = operation(document, "posts_create");
  assert.deepEqual(create.requestBody, { required: true, content: jsonOf("Post") });
  assert.deepEqual(create.responses["201"], { description: "Created.", content: jsonOf("Post") });
  assert.deepEqual(operation(document, "posts_partial_update").requestBody, { content: jsonOf("PatchedPost") });
  const statuses = operationsOf(document).map(({ operation: each }) => Object.keys(each.responses).join(" "));
  assert.deepEqual(statuses, ["200 404", "201 400", "200 404", "200 400 404", "200 400 404", "204 404"]);
  assert.deepEqual(document.components.schemas.PaginatedPostList?.required, ["count", "next", "previous", "results"]);
  assert.deepEqual(document.components.schemas.Post?.required, ["id", "title", "author"]);
  assert.equal(document.components.schemas.PatchedPost?.required, undefined);
});

test("what all paths begin with is not in the names, and a version is no tag", () => {
  const one = documentOf({ "/posts": PostViewSet }, "/api/v1");
  assert.deepEqual(operation(one, "posts_list").tags, ["posts"]);
  const two = documentOf({ "/v1/posts": PostViewSet, "/v2/blog-posts": PostViewSet }, "/api");
  assert.deepEqual(operation(two, "v2_blog_posts_list").tags, ["blog-posts"]);
  assert.deepEqual(operation(two, "v1_posts_list").tags, ["posts"]);
});

test("the document is the same whatever the order of registration", () => {
  class AuthorSchema extends ModelSchema(Author, { fields: ["id", "name"] }) {}
  class AuthorViewSet extends ModelViewSet<Author> {
    override model = Author;
    override schema = AuthorSchema;
  }
  const forth = documentOf({ "/posts": PostViewSet, "/authors": AuthorViewSet as never });
  const back = documentOf({ "/authors": AuthorViewSet as never, "/posts": PostViewSet });
  assert.equal(JSON.stringify(forth), JSON.stringify(back));
});

test("two schemas for the two directions are two components, each complete for its own", () => {
  class PostInput extends InputSchema {
    @fields.CharField({ maxLength: 20 }) title!: string;
    @fields.CharField({ required: false, writeOnly: true }) secret?: string;
  }
  class PostOutput extends OutputSchema {
    @fields.IntegerField({ readOnly: true }) id!: number;
    @fields.CharField({ required: false }) title?: string;
  }
  class View extends PostViewSet {
    override inputSchema = PostInput;
    override outputSchema = PostOutput;
    override schema = undefined as never;
  }
  const { components } = documentOf({ "/posts": View });
  const names = ["ErrorDetail", "PaginatedPostList", "PatchedPost", "Post", "PostInput", "ValidationErrors"];
  assert.deepEqual(Object.keys(components.schemas), names);
  assert.deepEqual(components.schemas.PostInput?.required, ["title"]);
  assert.deepEqual(components.schemas.Post?.required, ["id", "title"], "what is shown is always there");
  assert.deepEqual(components.schemas.Post?.properties?.title, { type: "string" }, "limits are for what comes in");
});

test("two different schemas of one name are an error that names both and the way out", () => {
  class PostSerializer extends ModelSchema(Post, { fields: ["id"] }) {}
  class Other extends PostViewSet {
    override schema = PostSerializer as never;
  }
  assert.throws(() => documentOf({ "/posts": PostViewSet, "/others": Other }), {
    message: /Two schemas are called "Post" .*PostSchema and PostSerializer|PostSerializer and PostSchema/,
    hint: "Rename one of the classes.",
  });
});

test("the second operation of a name gets a number", () => {
  class ByAuthor extends PostViewSet {
    override lookupField = "author";
    override lookupValueRegex = "[0-9]+";
    override actions = ["retrieve"];
  }
  class Deep extends PostViewSet {
    override lookupUrlKwarg = "key";
    override actions = ["retrieve"];
    @action({ detail: true, urlPath: "{page:[0-9]+}" }) page() {}
  }
  const router = new AutoRouter().register("/posts", Deep as never);
  const names = operationsOf(generateSchema(router.endpoints(), info)).map((each) => each.operation.operationId);
  assert.deepEqual(names, ["posts_retrieve", "posts_retrieve_2"]);
  const { parameters } = operation(documentOf({ "/posts": ByAuthor }), "posts_retrieve");
  assert.deepEqual(parameters?.[0], { name: "author", in: "path", required: true, schema: { type: "integer" } });
});

test("pages and order of a list are parameters, sorted by name", () => {
  class Pages extends PageNumberPagination {
    override pageSizeQueryParam = "page_size";
    override maxPageSize = 20;
  }
  class View extends PostViewSet {
    override paginationClass = Pages;
    override filterBackends = [OrderingFilter];
    override orderingFields = ["title", "author__name"];
    override ordering = ["-title"];
  }
  const parameters = operation(documentOf({ "/posts": View }), "posts_list").parameters ?? [];
  const [ordering, page, size] = parameters;
  assert.equal(parameters.length, 3);
  assert.deepEqual(ordering?.schema.items?.enum, ["title", "-title", "author__name", "-author__name"]);
  assert.deepEqual([ordering?.explode, ordering?.description?.endsWith("Default: `-title`.")], [false, true]);
  assert.equal(page?.name, "page");
  assert.deepEqual(size?.schema, { type: "integer", minimum: 1, maximum: 20 });
});

test("a whole list is an array, and has no page that might be missing", () => {
  class View extends PostViewSet {
    override paginationClass = null;
  }
  const list = operation(documentOf({ "/posts": View }), "posts_list");
  assert.deepEqual(list.responses, {
    "200": {
      description: "OK.",
      content: { "application/json": { schema: { type: "array", items: { $ref: "#/components/schemas/Post" } } } },
    },
  });
});

test("an extra action tells the schema that was declared for it, and otherwise nothing", () => {
  class View extends PostViewSet {
    @action({ detail: true, methods: ["post"], schema: PostSchema }) publishNow() {}
    @action({ detail: false, methods: ["delete"] }) purge() {}
    @action({ detail: false }) recent() {}
  }
  const document = documentOf({ "/posts": View });
  const publish = operation(document, "posts_publish_now_create");
  assert.equal(publish.summary, "Publish now");
  assert.deepEqual(publish.requestBody?.content, jsonOf("Post"));
  assert.deepEqual(Object.keys(publish.responses), ["200", "400", "404"]);
  assert.deepEqual(operation(document, "posts_purge_destroy").responses, {
    "204": { description: "Done; there is no body." },
  });
  assert.deepEqual(operation(document, "posts_recent_retrieve").responses, { "200": { description: "Done." } });
  assert.deepEqual(findProblems(document), []);
});

class Token extends BaseAuthentication {
  authenticate() {
    return null;
  }
  override authenticateHeader() {
    return "Token";
  }
  openapi() {
    return { name: "tokenAuth", scheme: { type: "apiKey", in: "header", name: "Authorization" } };
  }
}
class Silent extends BaseAuthentication {
  authenticate() {
    return null;
  }
}
class IsOwner extends BasePermission {}
class Slow extends BaseThrottle {
  allowRequest() {
    return true;
  }
}

/** Security and statuses of list and create under some permissions. */
function guarded(permissions: unknown, authentication: unknown[] = [Token]) {
  class View extends PostViewSet {
    override permissionClasses = permissions as never;
    override authenticationClasses = authentication as never;
    override paginationClass = null;
  }
  const document = documentOf({ "/posts": View });
  assert.deepEqual(findProblems(document), []);
  const [list, create] = ["posts_list", "posts_create"].map((name) => operation(document, name));
  return {
    list: Object.keys(list?.responses ?? {}).join(" "),
    create: Object.keys(create?.responses ?? {}).join(" "),
    open: [list, create].map((each) => each?.security?.some((way) => Object.keys(way).length === 0)),
  };
}

test("who may is told as ways to sign in and as the refusals that are possible", () => {
  assert.deepEqual(guarded([AllowAny]), { list: "200 401", create: "201 400 401", open: [true, true] });
  assert.deepEqual(guarded([IsAuthenticated]), { list: "200 401", create: "201 400 401", open: [false, false] });
  assert.deepEqual(guarded([IsAuthenticatedOrReadOnly]), {
    list: "200 401",
    create: "201 400 401",
    open: [true, false],
  });
  assert.deepEqual(guarded([IsOwner]), { list: "200 401 403", create: "201 400 401 403", open: [false, false] });
  assert.deepEqual(guarded([IsAuthenticated.and(IsOwner)]).list, "200 401 403");
  assert.deepEqual(guarded([IsAuthenticated.or(AllowAny)]).open, [true, true]);
  assert.deepEqual(guarded([IsAuthenticated], [Silent]).list, "200 403", "without a challenge it is a 403");
  assert.deepEqual(guarded([AllowAny], []), { list: "200", create: "201 400", open: [undefined, undefined] });
});

test("permissions by action count for their action alone, and a throttle is told", () => {
  class View extends PostViewSet {
    override permissionClassesByAction = { destroy: [IsOwner] };
    override throttleClasses = [Slow];
  }
  const document = documentOf({ "/posts": View });
  const statuses = (name: string) => Object.keys(operation(document, name).responses).join(" ");
  assert.equal(statuses("posts_destroy"), "204 403 404 429");
  assert.equal(statuses("posts_update"), "200 400 404 429");
});

test("a view without a model is told as far as it is known", () => {
  class Statistics extends APIView {
    static description = "How much there is.";
    override permissionClasses = [AllowAny];
    get() {}
    delete() {}
  }
  const endpoints = compilePatterns([path("/api/{year:[0-9]{4}}/statistics/", Statistics)]);
  const document = generateSchema(endpoints, {
    ...info,
    description: "For *readers*.",
    servers: ["https://api.example.org"],
  });
  assert.deepEqual(document.servers, [{ url: "https://api.example.org" }]);
  const get = operation(document, "api_statistics_retrieve");
  assert.equal(get.description, "How much there is.");
  assert.deepEqual(get.parameters?.[0]?.schema, { type: "string", pattern: "^(?:[0-9]{4})$" });
  assert.deepEqual(Object.keys(operation(document, "api_statistics_destroy").responses), ["204"]);
  assert.deepEqual(findProblems(document), []);
});

test("a read-only viewset has a schema that is only shown", () => {
  class View extends ReadOnlyModelViewSet {
    override model = Post;
    override schema = PostSchema;
  }
  const document = documentOf({ "/posts": View as never });
  assert.deepEqual(document.components.schemas.Post?.properties?.title, { type: "string" });
  assert.equal(document.components.schemas.ValidationErrors, undefined);
});
