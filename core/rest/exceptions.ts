// rest_framework.exceptions: errors that are answers. A view throws one, the exception handler turns it into a response.

import * as core from "../exceptions.ts";
import { isLegacy } from "./compatibility.ts";
import {
  type Detail,
  type DetailCodes,
  detailCodes,
  ErrorDetail,
  type FullDetails,
  fullDetails,
  isKeyed,
  modelErrorDetail,
  toDetail,
} from "./error_detail.ts";

export { type Detail, type DetailByField, ErrorDetail, nonFieldErrorsKey } from "./error_detail.ts";

/**
 * Base of the errors that are answers. A subclass states three facts: status, default detail and code.
 *
 * @example
 * class ServiceUnavailable extends APIException {
 *   static override status = 503;
 *   static override defaultDetail = "Service temporarily unavailable, try again later.";
 *   static override defaultCode = "service_unavailable";
 * }
 * throw new ServiceUnavailable();
 */
export class APIException extends Error {
  static status = 500;
  static defaultDetail: unknown = "A server error occurred.";
  static defaultCode = "error";

  /** The status of the answer. */
  readonly status: number;
  /** What the answer says. */
  readonly detail: Detail;
  /** The `WWW-Authenticate` of the answer, where there is one. */
  authHeader?: string;

  /**
   * @param detail a sentence, or a list or an object of such; values inside become text.
   * @param code the code of every sentence that has none.
   */
  constructor(detail?: unknown, code?: string) {
    super();
    const { status, defaultDetail, defaultCode, name } = new.target;
    this.name = name;
    this.status = status;
    this.detail = this.normalize(toDetail(detail ?? defaultDetail, code ?? defaultCode));
    this.message = isKeyed(this.detail) ? JSON.stringify(this.detail) : String(this.detail);
  }

  /** The shape in which this class keeps its detail. */
  protected normalize(detail: Detail): Detail {
    return detail;
  }

  /** The codes alone: `{ name: ["required"] }`. */
  getCodes(): DetailCodes {
    return detailCodes(this.detail);
  }

  /** Texts and codes: `{ name: [{ message: "This field is required.", code: "required" }] }`. */
  getFullDetails(): FullDetails {
    return fullDetails(this.detail);
  }
}

/**
 * What came in is not valid: 400 with a list, or with errors by field.
 *
 * @example
 * throw new ValidationError("Choose another name.");
 * throw new ValidationError({ end: "must not be before start." });
 */
export class ValidationError extends APIException {
  static override status = 400;
  static override defaultDetail = "Invalid input.";
  static override defaultCode = "invalid";

  protected override normalize(detail: Detail): Detail {
    return detail instanceof ErrorDetail ? [detail] : detail;
  }
}

/** The body cannot be read: 400. */
export class ParseError extends APIException {
  static override status = 400;
  static override defaultDetail = "Malformed request.";
  static override defaultCode = "parse_error";
}

/** The credentials are wrong: 401. */
export class AuthenticationFailed extends APIException {
  static override status = 401;
  static override defaultDetail = "Incorrect authentication credentials.";
  static override defaultCode = "authentication_failed";
}

/** There are no credentials where some are needed: 401. */
export class NotAuthenticated extends APIException {
  static override status = 401;
  static override defaultDetail = "Authentication credentials were not provided.";
  static override defaultCode = "not_authenticated";
}

/** The caller may not do this: 403. */
export class PermissionDenied extends APIException {
  static override status = 403;
  static override defaultDetail = "You do not have permission to perform this action.";
  static override defaultCode = "permission_denied";
}

/** There is no such thing: 404. */
export class NotFound extends APIException {
  static override status = 404;
  static override defaultDetail = "Not found.";
  static override defaultCode = "not_found";
}

/** The URL does not support the method: 405. */
export class MethodNotAllowed extends APIException {
  static override status = 405;
  static override defaultDetail = 'Method "{method}" not allowed.';
  static override defaultCode = "method_not_allowed";

  constructor(method: string, detail?: unknown, code?: string) {
    super(detail ?? MethodNotAllowed.defaultDetail.replace("{method}", () => method), code);
  }
}

/** None of the representations that the client accepts can be made: 406. */
export class NotAcceptable extends APIException {
  static override status = 406;
  static override defaultDetail = "Could not satisfy the request Accept header.";
  static override defaultCode = "not_acceptable";
}

/** No parser reads this type of body: 415. */
export class UnsupportedMediaType extends APIException {
  static override status = 415;
  static override defaultDetail = 'Unsupported media type "{media_type}" in request.';
  static override defaultCode = "unsupported_media_type";

  constructor(mediaType: string, detail?: unknown, code?: string) {
    super(detail ?? UnsupportedMediaType.defaultDetail.replace("{media_type}", () => mediaType), code);
  }
}

function throttledDetail(detail: string, wait: number | null): string {
  if (wait === null) return detail;
  return `${detail} Expected available in ${wait} ${wait === 1 ? "second" : "seconds"}.`;
}

/** Too many requests: 429, with `Retry-After` where it is known when there will be room. */
export class Throttled extends APIException {
  static override status = 429;
  static override defaultDetail = "Request was throttled.";
  static override defaultCode = "throttled";

  /** Seconds until there is room, rounded up; null if nobody knows. */
  readonly wait: number | null;

  constructor(wait: number | null = null, detail?: string, code?: string) {
    const seconds = wait === null ? null : Math.ceil(wait);
    super(throttledDetail(detail ?? Throttled.defaultDetail, seconds), code);
    this.wait = seconds;
  }
}

/**
 * Django's plain 404. DRF 3.14 answers “Not found.” whatever it says, later versions its own text.
 *
 * @example
 * throw new Http404("No Author matches the given query.");
 */
export class Http404 extends core.CoreError {
  static override code = "not_found";

  constructor(message = "", options: core.CoreErrorOptions = {}) {
    super(message, options);
  }
}

/** The answer to an error, before it is rendered. */
export interface ErrorResponse {
  status: number;
  headers: Record<string, string>;
  data: unknown;
}

/** What the handler may look at; whoever writes their own gets the same. */
export type ExceptionContext = Readonly<Record<string, unknown>>;

function conflict(detail: string): ErrorResponse {
  return { status: 409, headers: {}, data: { detail } };
}

/** The answers to errors of the layers below, or null; none of them repeats what the database said. */
function coreResponse(error: unknown): ErrorResponse | null {
  if (error instanceof core.ProtectedError || error instanceof core.RestrictedError) {
    return conflict("This cannot be deleted because other objects depend on it.");
  }
  if (error instanceof core.IntegrityError) return conflict("This conflicts with data that is already there.");
  if (error instanceof core.DataError) return respond(new ValidationError("A value is out of range."));
  if (error instanceof core.SuspiciousOperation) return respond(new ParseError());
  return error instanceof core.ValidationError ? respond(new ValidationError(modelErrorDetail(error))) : null;
}

/** The error of the layers below that is one of DRF's in other words, as such; others as they are. */
function translate(error: unknown): unknown {
  const message = error instanceof Error && !isLegacy() && error.message ? error.message : undefined;
  if (error instanceof Http404) return new NotFound(message);
  if (error instanceof core.ObjectDoesNotExist) return new NotFound();
  return error instanceof core.PermissionDenied ? new PermissionDenied(message) : error;
}

function respond(error: APIException): ErrorResponse {
  const headers: Record<string, string> = {};
  if (error.authHeader) headers["WWW-Authenticate"] = error.authHeader;
  if (error instanceof Throttled && error.wait) headers["Retry-After"] = String(error.wait);
  const { detail } = error;
  return { status: error.status, headers, data: detail instanceof ErrorDetail ? { detail } : detail };
}

/**
 * The answer to an error, as DRF's default handler gives it; null for an error that nobody expected, which the caller
 * answers with a 500 that tells nothing.
 *
 * @example
 * exceptionHandler(new NotFound(), {}); // { status: 404, headers: {}, data: { detail: "Not found." } }
 */
export function exceptionHandler(error: unknown, _context: ExceptionContext): ErrorResponse | null {
  const known = translate(error);
  return known instanceof APIException ? respond(known) : coreResponse(known);
}
