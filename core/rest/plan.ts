import type { AuthenticationClass, BaseAuthentication } from "./authentication.ts";
import type { BaseParser, ParserClass } from "./parsers.ts";
import { type CompiledPermission, compilePermission, type PermissionList } from "./permissions.ts";
import type { BaseRenderer, RendererClass } from "./renderers.ts";
import type { Resource } from "./resource.ts";
import type { ThrottleClass } from "./throttling.ts";
import type { APIView } from "./views.ts";

/** What a view, an `@action` or the settings may say about how a request is let in and answered. */
export interface Policy {
  permissionClasses: PermissionList;
  authenticationClasses: readonly AuthenticationClass[];
  throttleClasses: readonly ThrottleClass[];
  rendererClasses: readonly RendererClass[];
  parserClasses: readonly ParserClass[];
}

/**
 * One action of a view, worked out when it is mounted; a request only walks it.
 *
 * In the order of use: who may (`authenticators`, `permissions`, `throttles`), what comes in (`parsers`), what is done
 * (`handler`, in a transaction or not), what goes out (`renderers`).
 */
export interface Plan {
  readonly View: new () => APIView;
  /** The name of the method that answers: `list`, `activate`, `get`. Null where the method is not allowed. */
  readonly action: string | null;
  readonly authenticators: readonly BaseAuthentication[];
  /** Null where the view decides for each request, in `getPermissions()`. */
  readonly permissions: readonly CompiledPermission[] | null;
  readonly throttles: readonly ThrottleClass[];
  readonly parsers: readonly BaseParser[];
  readonly renderers: readonly BaseRenderer[];
  /** Whether the body is read. */
  readonly reads: boolean;
  /** Whether the handler runs in a transaction. */
  readonly atomic: boolean;
  readonly handler: (view: APIView) => unknown;
  /** What a ModelViewSet serves: its model and schemas. Null for other views. */
  readonly resource: Resource | null;
  /** The `Allow` of every answer of this URL. */
  readonly allow: string;
}

/** Everything that one URL answers. */
export interface Endpoint {
  /** As registered: `/api/books/{pk}`. */
  readonly path: string;
  readonly name: string;
  readonly detail: boolean;
  readonly View: new () => APIView;
  readonly plans: ReadonlyMap<string, Plan>;
  /** What answers a method that is not among them: a 405, after the caller was let in. */
  readonly otherwise: Plan;
}

const reading = new Set(["POST", "PUT", "PATCH", "DELETE"]);

/** Makes the plan of one action. */
export function compilePlan(
  View: new () => APIView,
  policy: Policy,
  action: Pick<Plan, "action" | "handler" | "allow" | "resource"> & {
    method: string;
    atomic: boolean;
    ownPermissions: boolean;
  },
): Plan {
  const reads = reading.has(action.method);
  return {
    View,
    action: action.action,
    authenticators: policy.authenticationClasses.map((cls) => new cls()),
    permissions: action.ownPermissions ? null : policy.permissionClasses.map(compilePermission),
    throttles: policy.throttleClasses,
    parsers: policy.parserClasses.map((cls) => new cls()),
    renderers: policy.rendererClasses.map((cls) => new cls()),
    reads,
    atomic: action.atomic && reads,
    handler: action.handler,
    resource: action.resource,
    allow: action.allow,
  };
}

/** Whether a plan's permissions ever ask about an object. */
export function asksObject(plan: Plan): boolean {
  return plan.permissions === null || plan.permissions.some((permission) => permission.asksObject);
}
