import { type APIView, BasePermission, isSafeMethod, type Request } from "core-framework";

interface Owned {
  ownerId?: unknown;
  userId?: unknown;
}

/** The object's owner, or lacking that its user, is the caller. */
export class IsOwner extends BasePermission {
  override hasObjectPermission(request: Request, _view: APIView, { ownerId, userId }: Owned): boolean {
    return (ownerId ?? userId) === request.user.pk;
  }
}

export class IsOwnerOrReadOnly extends IsOwner {
  override message = "Only the owner may change this.";

  override hasObjectPermission(request: Request, view: APIView, object: Owned): boolean {
    return isSafeMethod(request.method) || super.hasObjectPermission(request, view, object);
  }
}

export class HasApiKey extends BasePermission {
  override message = "A valid API key is needed.";

  override hasPermission(request: Request): boolean {
    return request.header("X-Api-Key") === "open-sesame";
  }
}
