import { BaseAuthentication } from "../rest/authentication.ts";
import { actionsOf } from "../rest/decorators.ts";
import { defaultPolicy } from "../rest/defaults.ts";
import {
  AllowAny,
  IsAuthenticated,
  IsAuthenticatedOrReadOnly,
  isSafeMethod,
  PermissionExpression,
  type PermissionLike,
  type PermissionList,
} from "../rest/permissions.ts";
import type { Endpoint, Plan } from "../rest/plan.ts";
import type { ViewSet } from "../rest/viewsets.ts";
import type { SecurityRequirement, SecurityScheme } from "./types.ts";

/** How an authentication class says in the document what it wants: a method `openapi()` of the class. */
export interface DescribedAuthentication {
  /** drf-spectacular's names: `basicAuth`, `cookieAuth`, `tokenAuth`, `jwtAuth`. */
  openapi(): { name: string; scheme: SecurityScheme };
}

function describe(authenticator: BaseAuthentication): { name: string; scheme: SecurityScheme } | null {
  return "openapi" in authenticator ? (authenticator as unknown as DescribedAuthentication).openapi() : null;
}

/** The schemes that a plan's authenticators describe, by name. */
export function securitySchemes({ authenticators }: Plan): Record<string, SecurityScheme> {
  const found = authenticators.map(describe).filter((described) => described !== null);
  return Object.fromEntries(found.map(({ name, scheme }) => [name, scheme]));
}

/** Any of the schemes; `{}` beside them where nobody needs to sign in. Undefined where there is no way to. */
export function securityOf(plan: Plan, access: Access): SecurityRequirement[] | undefined {
  const names = Object.keys(securitySchemes(plan));
  if (names.length === 0) return undefined;
  return [...names.map((name) => ({ [name]: [] })), ...(access.strangers ? [{}] : [])];
}

/** Whom an operation may turn away. */
export interface Access {
  /** Whether a caller who is not signed in may come through. */
  strangers: boolean;
  /** Whether a caller who is signed in may be refused. */
  refusesUsers: boolean;
}

/** What is known of an operation's permissions before anybody asks. */
export function accessOf(endpoint: Endpoint, plan: Plan, method: string): Access {
  const verdicts = permissionsOf(endpoint, plan).map((permission) => verdictOf(permission, method));
  return {
    strangers: verdicts.every(({ strangers }) => strangers),
    refusesUsers: verdicts.some(({ refusesUsers }) => refusesUsers),
  };
}

/** The permissions of one action, from the first place that says: by action, its decorator, the view, the settings. */
function permissionsOf({ View }: Endpoint, { action }: Plan): PermissionList {
  const view = new View() as ViewSet;
  const extra = [...actionsOf(View.prototype).values()].find(({ mapping }) =>
    [...mapping.values()].includes(action ?? ""),
  );
  return (
    view.permissionClassesByAction?.[action ?? ""] ??
    extra?.options.permissionClasses ??
    view.permissionClasses ??
    defaultPolicy().permissionClasses
  );
}

/** Only the framework's own classes are known; of any other, and of a subclass, both must be expected. */
function verdictOf(permission: PermissionLike, method: string): Access {
  if (permission instanceof PermissionExpression) return expressionVerdict(permission, method);
  if (permission === AllowAny) return { strangers: true, refusesUsers: false };
  if (permission === IsAuthenticated) return { strangers: false, refusesUsers: false };
  if (permission === IsAuthenticatedOrReadOnly) return { strangers: isSafeMethod(method), refusesUsers: false };
  return { strangers: false, refusesUsers: true };
}

function expressionVerdict({ operator, operands }: PermissionExpression, method: string): Access {
  const verdicts = operands.map((operand) => verdictOf(operand, method));
  if (operator === "not") return { strangers: false, refusesUsers: true };
  const [all, any] = operator === "and" ? (["every", "some"] as const) : (["some", "every"] as const);
  return {
    strangers: verdicts[all](({ strangers }) => strangers),
    refusesUsers: verdicts[any](({ refusesUsers }) => refusesUsers),
  };
}

/** The statuses of a refusal: 401 needs an authentication class that names its challenge, without one it is a 403. */
export function refusals({ authenticators }: Plan, { strangers, refusesUsers }: Access): string[] {
  const [first] = authenticators;
  const found = new Set<string>();
  if (first || !strangers) found.add(first && hasChallenge(first) ? "401" : "403");
  if (refusesUsers) found.add("403");
  return [...found].sort();
}

function hasChallenge(authenticator: BaseAuthentication): boolean {
  return authenticator.authenticateHeader !== BaseAuthentication.prototype.authenticateHeader;
}
