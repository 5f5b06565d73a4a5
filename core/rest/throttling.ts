import type { Request } from "./request.ts";
import type { APIView } from "./views.ts";

/** Limits how often something is done. A request that is not allowed is answered 429. */
export abstract class BaseThrottle {
  abstract allowRequest(request: Request, view: APIView): boolean | Promise<boolean>;

  /** Seconds until it is worth trying again, or null where that is not known. */
  wait(): number | null {
    return null;
  }
}

export type ThrottleClass = new () => BaseThrottle;
