import { ImproperlyConfigured } from "../exceptions.ts";
import { nameUrl } from "../urls/conf.ts";
import { type ActionOptions, actionsOf, type ExtraAction } from "./decorators.ts";
import { compilePlan, type Endpoint, type Plan, type Policy } from "./plan.ts";
import { compileResource } from "./resource.ts";
import {
  type APIView,
  allowHeader,
  callMethod,
  checkFields,
  describeView,
  type HttpMethod,
  policyOf,
} from "./views.ts";
import { hasAction, ModelViewSet, ViewSet } from "./viewsets.ts";

/** A convention: at which path which HTTP methods mean which actions. */
export interface Route {
  readonly path: string;
  readonly mapping: Readonly<Partial<Record<HttpMethod, string>>>;
  readonly name: string;
  readonly detail: boolean;
}

/** The conventions of a router, as DRF has them: printing this table explains the URLs. Extra actions stand between. */
export const routes: readonly Route[] = [
  { path: "{prefix}", mapping: { get: "list", post: "create" }, name: "{basename}-list", detail: false },
  {
    path: "{prefix}/{lookup}",
    mapping: { get: "retrieve", put: "update", patch: "partialUpdate", delete: "destroy" },
    name: "{basename}-detail",
    detail: true,
  },
];

type ViewSetClass = new () => ViewSet;

interface Registration {
  prefix: string;
  View: ViewSetClass;
  basename: string | undefined;
}

/**
 * Gives viewsets their URLs: `/books/` and `/books/{pk}/`, and one for each extra action.
 *
 * @example
 * ```ts
 * export const router = new AutoRouter({ prefix: "/api/v1" });
 * router.register("/books", BookViewSet);
 * ```
 */
export class AutoRouter {
  readonly prefix: string;
  readonly #registrations: Registration[] = [];

  /** @param options.prefix What stands before every path, `/api/v1`. */
  constructor(options: { prefix?: string } = {}) {
    this.prefix = trimSlashes(options.prefix ?? "");
  }

  /**
   * Adds a viewset. `basename` begins its routes' names; default: the model's name.
   * Throws ImproperlyConfigured where the prefix is taken.
   */
  register(prefix: string, View: ViewSetClass, options: { basename?: string } = {}): this {
    const path = trimSlashes(prefix);
    if (this.#registrations.some((known) => known.prefix === path)) {
      throw new ImproperlyConfigured(`Two viewsets are registered under "/${path}".`, {
        hint: "Give one of them another prefix.",
      });
    }
    this.#registrations.push({ prefix: path, View, basename: options.basename });
    return this;
  }

  /** Everything that is registered, compiled: called once, when the application is put together. */
  endpoints(): Endpoint[] {
    return this.#registrations.flatMap((registration) => mount(this.prefix, registration));
  }
}

function trimSlashes(path: string): string {
  return path.replace(/^\/+|\/+$/g, "");
}

/** One URL before its plans are made. */
interface Target {
  path: string;
  name: string;
  detail: boolean;
  mapping: Map<HttpMethod, string>;
  options: Partial<ActionOptions>;
}

function mount(prefix: string, { prefix: own, View, basename }: Registration): Endpoint[] {
  const view = new View();
  checkFields(view);
  checkNames(view);
  const base = [prefix, own].filter((part) => part !== "").join("/");
  const name = basename ?? basenameOf(view);
  return targets(view, base, name).map((target) => {
    nameUrl({ name: target.name, path: `${target.path}/` });
    return compileEndpoint(View, view, target);
  });
}

function basenameOf(view: ViewSet): string {
  const model = (view as Partial<ModelViewSet>).model;
  if (model) return model._meta.modelName;
  throw new ImproperlyConfigured(`${view.constructor.name} has no model, so its routes have no name.`, {
    hint: 'Pass one: router.register("/path", View, { basename: "name" }).',
  });
}

/** Fixed paths of extra actions come first in the table anyway: the route table prefers fixed segments. */
function targets(view: ViewSet, base: string, basename: string): Target[] {
  const lookup = lookupParameter(view);
  const fill = (path: string) => `/${path.replace("{prefix}", base).replace("{lookup}", lookup)}`;
  const standard = routes.map((route) => ({
    path: fill(route.path),
    name: route.name.replace("{basename}", basename),
    detail: route.detail,
    mapping: new Map(
      Object.entries(route.mapping).filter(([, action]) => hasAction(view, action)) as [HttpMethod, string][],
    ),
    options: {},
  }));
  const extra = [...actionsOf(Object.getPrototypeOf(view)).values()].map((action) =>
    extraTarget(action, fill, basename),
  );
  return [...standard, ...extra].filter((target) => target.mapping.size > 0);
}

function extraTarget(action: ExtraAction, fill: (path: string) => string, basename: string): Target {
  const path = fill(action.detail ? `{prefix}/{lookup}/${action.urlPath}` : `{prefix}/${action.urlPath}`);
  return {
    path,
    name: `${basename}-${action.urlName}`,
    detail: action.detail,
    mapping: action.mapping,
    options: action.options,
  };
}

function lookupParameter(view: ViewSet): string {
  const { lookupField = "pk", lookupUrlKwarg = lookupField, lookupValueRegex } = view as Partial<ModelViewSet>;
  return lookupValueRegex === undefined ? `{${lookupUrlKwarg}}` : `{${lookupUrlKwarg}:${lookupValueRegex}}`;
}

/** An action that is named but does not exist would leave the real one without its permissions. */
function checkNames(view: ViewSet): void {
  const named = [...Object.keys(view.permissionClassesByAction ?? {}), ...(view.actions ?? [])];
  for (const name of named) {
    if (typeof (view as unknown as Record<string, unknown>)[name] === "function") continue;
    throw new ImproperlyConfigured(`${view.constructor.name} speaks of the action "${name}", which it does not have.`, {
      hint: "Actions are named after the method: list, create, retrieve, update, partialUpdate, destroy, or your own.",
    });
  }
}

function compileEndpoint(View: ViewSetClass, view: ViewSet, target: Target): Endpoint {
  const allow = allowHeader([...target.mapping.keys()].map((method) => method.toUpperCase()));
  const make = (method: string, action: string | null, handler: Plan["handler"]) =>
    compileAction(View, view, { method, action, handler, allow, options: target.options });
  const plans = new Map(
    [...target.mapping].map(([method, action]) => [
      method.toUpperCase(),
      make(method.toUpperCase(), action, callMethod(action)),
    ]),
  );
  const get = plans.get("GET");
  if (get) plans.set("HEAD", get);
  plans.set("OPTIONS", make("OPTIONS", "metadata", describeView));
  return {
    path: target.path,
    name: target.name,
    detail: target.detail,
    View,
    plans,
    otherwise: make("TRACE", null, () => undefined),
  };
}

interface ActionTarget {
  method: string;
  action: string | null;
  handler: Plan["handler"];
  allow: string;
  options: Partial<ActionOptions>;
}

function compileAction(
  View: ViewSetClass,
  view: ViewSet,
  { method, action, handler, allow, options }: ActionTarget,
): Plan {
  const own = action === null ? undefined : view.permissionClassesByAction?.[action];
  const overrides: Partial<Policy> = { ...options, ...(own ? { permissionClasses: own } : {}) };
  const resource = view instanceof ModelViewSet ? compileResource(view, action, options) : null;
  const ownPermissions = view.getPermissions !== ViewSet.prototype.getPermissions;
  const atomic = resource?.needsTransaction(view as ModelViewSet, action) ?? true;
  return compilePlan(View as new () => APIView, policyOf(view, overrides), {
    action,
    handler,
    allow,
    method,
    atomic,
    ownPermissions,
    resource,
  });
}
