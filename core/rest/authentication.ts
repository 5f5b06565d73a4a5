import type { Request } from "./request.ts";

/** What the REST layer asks of a user, whatever the project's own user model is. */
export interface RequestUser {
  readonly isAuthenticated: boolean;
  readonly isActive: boolean;
  readonly isStaff: boolean;
  readonly isSuperuser: boolean;
  readonly pk?: unknown;
}

/** The user of a request without credentials: Django's `AnonymousUser`. */
export const anonymousUser: RequestUser = Object.freeze({
  isAuthenticated: false,
  isActive: false,
  isStaff: false,
  isSuperuser: false,
  pk: null,
});

/** Whose request it is, and by which credentials. */
export type Authenticated = readonly [user: RequestUser, auth: unknown];

/**
 * One way to sign in.
 *
 * `authenticate()` gives `[user, auth]`, or null where the request has no credentials of this kind, and then the next
 * class is asked. It throws AuthenticationFailed where the credentials are bad: that ends the request.
 */
export abstract class BaseAuthentication {
  abstract authenticate(request: Request): Authenticated | null | Promise<Authenticated | null>;

  /** The `WWW-Authenticate` of a 401. Without one, a view whose first class this is answers 403 instead. */
  authenticateHeader(_request: Request): string | null {
    return null;
  }
}

export type AuthenticationClass = new () => BaseAuthentication;
