import type { Request } from "./request.ts";
import type { APIView } from "./views.ts";

type Verdict = boolean | Promise<boolean>;

/**
 * One question about a request: may it be done?
 *
 * `hasPermission` is asked of every request, `hasObjectPermission` of the object that `getObject()` found. A class that
 * answers only the second lets every request come as far as its object. Anything but `true` is a refusal.
 *
 * Classes compose: `IsAuthenticated.and(IsOwner.or(IsAdmin))`, `not(IsBanned)`.
 */
export abstract class BasePermission {
  /** What a refused client reads, if not DRF's own sentence. */
  message?: string;
  /** The code of that refusal. */
  code?: string;

  hasPermission(_request: Request, _view: APIView): Verdict {
    return true;
  }

  hasObjectPermission(_request: Request, _view: APIView, _object: object): Verdict {
    return true;
  }

  /** Both. */
  static and(this: PermissionClass, other: PermissionLike): PermissionExpression {
    return new PermissionExpression("and", [this, other]);
  }

  /** Either. */
  static or(this: PermissionClass, other: PermissionLike): PermissionExpression {
    return new PermissionExpression("or", [this, other]);
  }
}

export type PermissionClass = new () => BasePermission;

/** A class, or classes composed. */
export type PermissionLike = PermissionClass | PermissionExpression;

/** What must all hold, in this order. */
export type PermissionList = readonly PermissionLike[];

/** Lists by action, `{ list: [AllowAny], destroy: [IsAdmin] }`; other actions keep the view's own. */
export type PermissionsByAction = Readonly<Record<string, PermissionList>>;

/** Permissions composed by `and`, `or` and `not`. */
export class PermissionExpression {
  readonly operator: "and" | "or" | "not";
  readonly operands: readonly PermissionLike[];

  constructor(operator: PermissionExpression["operator"], operands: readonly PermissionLike[]) {
    this.operator = operator;
    this.operands = operands;
  }

  and(other: PermissionLike): PermissionExpression {
    return new PermissionExpression("and", [this, other]);
  }

  or(other: PermissionLike): PermissionExpression {
    return new PermissionExpression("or", [this, other]);
  }
}

/** The opposite: `not(IsBanned)`. */
export function not(permission: PermissionLike): PermissionExpression {
  return new PermissionExpression("not", [permission]);
}

/** Anyone at all. */
export class AllowAny extends BasePermission {
  override hasPermission(): boolean {
    return true;
  }
}

/** Whoever is signed in. */
export class IsAuthenticated extends BasePermission {
  override hasPermission(request: Request): boolean {
    return request.user.isAuthenticated;
  }
}

/** Staff: DRF's `IsAdminUser`, which is a name for it too. */
export class IsAdmin extends BasePermission {
  override hasPermission(request: Request): boolean {
    return request.user.isStaff;
  }
}
export { IsAdmin as IsAdminUser };

const safe = new Set(["GET", "HEAD", "OPTIONS"]);

/** Whether a method only reads. */
export function isSafeMethod(method: string): boolean {
  return safe.has(method);
}

/** Anyone may read, whoever is signed in may write. */
export class IsAuthenticatedOrReadOnly extends BasePermission {
  override hasPermission(request: Request): boolean {
    return isSafeMethod(request.method) || request.user.isAuthenticated;
  }
}

/**
 * A permission made ready when a view is mounted.
 *
 * `request` says true, false, or null where only an object can tell, so that `not(IsOwner)` does not refuse every list.
 * `object` is the whole verdict about one object: both halves of every member, as DRF has it for `|` since 3.15.
 */
export interface CompiledPermission {
  readonly message?: string | undefined;
  readonly code?: string | undefined;
  /** Whether an object is ever asked about. */
  readonly asksObject: boolean;
  request(request: Request, view: APIView): Promise<boolean | null>;
  object(request: Request, view: APIView, object: object): Promise<boolean>;
}

export function compilePermission(permission: PermissionLike): CompiledPermission {
  return permission instanceof PermissionExpression ? compileExpression(permission) : compileClass(permission);
}

function compileClass(cls: PermissionClass): CompiledPermission {
  const own = new cls();
  const asksRequest = own.hasPermission !== BasePermission.prototype.hasPermission;
  const asksObject = own.hasObjectPermission !== BasePermission.prototype.hasObjectPermission;
  const request = async (req: Request, view: APIView) => (await own.hasPermission(req, view)) === true;
  return {
    message: own.message,
    code: own.code,
    asksObject,
    request: asksObject && !asksRequest ? async () => null : request,
    object: async (req, view, object) =>
      (await request(req, view)) && (await own.hasObjectPermission(req, view, object)) === true,
  };
}

function compileExpression({ operator, operands }: PermissionExpression): CompiledPermission {
  const members = operands.map(compilePermission);
  const combine = combinations[operator];
  return {
    asksObject: members.some((member) => member.asksObject),
    request: (req, view) => combine(members, (member) => member.request(req, view)),
    object: async (req, view, object) =>
      (await combine(members, (member) => member.object(req, view, object))) === true,
  };
}

type Ask = (member: CompiledPermission) => Promise<boolean | null>;

/** Three-valued logic: null is "an object must tell". The decisive answer stops the asking. */
const combinations: Record<
  PermissionExpression["operator"],
  (members: CompiledPermission[], ask: Ask) => Promise<boolean | null>
> = {
  and: (members, ask) => until(false, members, ask),
  or: (members, ask) => until(true, members, ask),
  not: async ([member], ask) => {
    const verdict = await ask(member as CompiledPermission);
    return verdict === null ? null : !verdict;
  },
};

async function until(decisive: boolean, members: CompiledPermission[], ask: Ask): Promise<boolean | null> {
  let result: boolean | null = !decisive;
  for (const member of members) {
    const verdict = await ask(member);
    if (verdict === decisive) return decisive;
    if (verdict === null) result = null;
  }
  return result;
}
