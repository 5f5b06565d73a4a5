// django.conf.global_settings: every setting, its default, and one sentence each. docs/settings.md says more.
import * as a from "./shapes.ts";

const options = a.record(a.anything());

const database = a.object({
  /** `sqlite` or `postgresql`. */
  engine: a.required(a.oneOf(["sqlite", "postgresql"], "sqlite")),
  /** The database's name; for SQLite a file, relative to the project, or `:memory:`. */
  name: a.required(a.string("")),
  /** Empty for the driver's default. */
  host: a.string(""),
  /** Null for the driver's default. */
  port: a.nullable(a.integer(5432, { min: 1 }), null),
  user: a.string(""),
  password: a.string(""),
  /** What the driver is told besides. */
  options,
});

const cache = a.object({
  /** `memory` or `redis`. */
  backend: a.required(a.oneOf(["memory", "redis"], "memory")),
  /** The server's URL; for memory, a name. */
  location: a.string(""),
  options,
});

const restFramework = a.object({
  /** Rows on a page of a list. */
  PAGE_SIZE: a.nullable(a.integer(50, { min: 1 })),
  /** The most rows that `?page_size=` may ask for. */
  MAX_PAGE_SIZE: a.nullable(a.integer(200, { min: 1 })),
  /** Who may, where a view does not say; unset, whoever is signed in. */
  DEFAULT_PERMISSION_CLASSES: a.optional(a.list(a.reference())),
  /** How a request's user is found, where a view does not say; unset, not at all. */
  DEFAULT_AUTHENTICATION_CLASSES: a.optional(a.list(a.reference())),
  /** What limits the rate of requests, where a view does not say; unset, nothing. */
  DEFAULT_THROTTLE_CLASSES: a.optional(a.list(a.reference())),
  /** How answers are written, where a view does not say; unset, as JSON. */
  DEFAULT_RENDERER_CLASSES: a.optional(a.list(a.reference())),
  /** How bodies are read, where a view does not say; unset, as JSON. */
  DEFAULT_PARSER_CLASSES: a.optional(a.list(a.reference())),
  /** How lists are cut into pages, where a view does not say; unset, by page number, and null for whole lists. */
  DEFAULT_PAGINATION_CLASS: a.optional(a.nullable(a.reference())),
  /** How field names are written on the wire. */
  FIELD_CASE: a.oneOf(["snake_case", "camelCase"], "snake_case"),
  /** What happens to a field in a body that the schema does not declare. */
  UNKNOWN_FIELDS: a.oneOf(["ignore", "reject"], "ignore"),
  /** The version of Django REST framework whose answers are given where versions differ. */
  COMPATIBILITY: a.oneOf(["3.18", "3.14"], "3.18"),
});

const openapi = a.object({
  /** The API's name in the document and on `/docs`. */
  TITLE: a.string("API"),
  /** The API's version in the document. */
  VERSION: a.string("1.0.0"),
  /** What the API is for; Markdown. */
  DESCRIPTION: a.string(""),
  /** Base URLs under which the API is reached; empty for wherever the document was loaded from. */
  SERVERS: a.list(a.string("")),
  /** What serves `/docs` and `/openapi.json`; unset, the framework's own, and null for nothing. */
  DOCUMENTATION: a.optional(a.nullable(a.reference())),
});

/** Every setting with its default; the type of `settings` and of what `defineSettings()` takes comes from here. */
export const globalSettings = {
  /** Signs tokens, links and cookies; long, random, and in production nobody else's. */
  SECRET_KEY: a.string(""),
  /** Earlier secrets whose signatures are still accepted. */
  SECRET_KEY_FALLBACKS: a.list(a.string("")),
  /** Shows details of errors and serves docs to everyone; never in production. */
  DEBUG: a.boolean(false),
  /** Host names this site answers to: `example.com`, `.example.com` with its subdomains, `*`; with DEBUG, an empty list means localhost. */
  ALLOWED_HOSTS: a.list(a.string("")),
  /** The project's apps: folders (`apps/users`), the framework's own (`core.auth`), or npm packages. */
  INSTALLED_APPS: a.list(a.string("")),
  /** Databases by alias; `default` is the one used unless a query says otherwise. */
  DATABASES: a.record(database),
  /** What says which database a query goes to, where the query does not; see `DatabaseRouter`. */
  DATABASE_ROUTERS: a.list(a.reference()),
  /** Where NULL stands in an ordering: where each database puts it, or below or above every value on all of them. */
  ORDERING_NULLS: a.oneOf(["database", "lowest", "highest"], "database"),
  /**
   * What happens when a relation is read that was not loaded: it is fetched for all rows of the same result, for the one
   * row, or not at all, so that a query that is missing a selectRelated() or prefetchRelated() is found in the tests.
   */
  FETCH_MODE: a.oneOf(["FETCH_PEERS", "FETCH_ONE", "RAISE"], "FETCH_PEERS"),
  /** Caches by alias. */
  CACHES: a.record(cache),
  /** What the REST layer does where a view does not say. */
  REST_FRAMEWORK: restFramework,
  /** What the OpenAPI document says about the API. */
  OPENAPI: openapi,
  /** Middleware, outermost first. */
  MIDDLEWARE: a.list(a.reference()),
  /** With or without a slash at the end: `"accept"` answers both, `"redirect"` sends to the slash, `false` answers the declared form only. */
  APPEND_SLASH: a.oneOf(["accept", "redirect", false], "accept"),
  /** The most bytes a body may have, files not counted. */
  DATA_UPLOAD_MAX_MEMORY_SIZE: a.integer(2_621_440, { min: 1 }),
  /** The type of the `id` that a model gets when it declares no primary key. */
  DEFAULT_AUTO_FIELD: a.oneOf(["BigAutoField", "AutoField", "SmallAutoField"], "BigAutoField"),
  /** Folders in which `loaddata` looks for fixtures besides those of the apps; relative ones are in the project's. */
  FIXTURE_DIRS: a.list(a.string("")),
  /** The time zone in which dates without one are understood and shown. */
  TIME_ZONE: a.string("UTC"),
  /** Ids of system checks that are not reported. */
  SILENCED_SYSTEM_CHECKS: a.list(a.string("")),
  /** The model of users, `app.Model`; to be chosen before the first `migrate`. */
  AUTH_USER_MODEL: a.string("auth.User"),
};

/** The settings as the framework and a project's code read them. */
export type Settings = a.Values<typeof globalSettings>;
/** The settings as a project writes them. */
export type SettingsInput = a.Inputs<typeof globalSettings>;
export type RestFrameworkSettings = Settings["REST_FRAMEWORK"];
export type OpenAPISettings = Settings["OPENAPI"];
