import { settings } from "../conf/settings.ts";
import { PageNumberPagination, type PaginationClass } from "./pagination.ts";
import { JSONParser } from "./parsers.ts";
import { IsAuthenticated } from "./permissions.ts";
import type { Policy } from "./plan.ts";
import { JSONRenderer } from "./renderers.ts";

interface Defaults extends Policy {
  paginationClass: PaginationClass | null;
}

/** What holds where neither a view nor the settings say otherwise: whoever is not signed in may nothing. */
const builtIn: Defaults = {
  permissionClasses: [IsAuthenticated],
  authenticationClasses: [],
  throttleClasses: [],
  rendererClasses: [JSONRenderer],
  parserClasses: [JSONParser],
  paginationClass: PageNumberPagination,
};

/** The settings' `REST_FRAMEWORK.DEFAULT_*` over the built-in policy. `setup()` has loaded what they name. */
export function defaultPolicy(): Defaults {
  const rest = settings.REST_FRAMEWORK;
  const given = {
    permissionClasses: rest.DEFAULT_PERMISSION_CLASSES,
    authenticationClasses: rest.DEFAULT_AUTHENTICATION_CLASSES,
    throttleClasses: rest.DEFAULT_THROTTLE_CLASSES,
    rendererClasses: rest.DEFAULT_RENDERER_CLASSES,
    parserClasses: rest.DEFAULT_PARSER_CLASSES,
    paginationClass: rest.DEFAULT_PAGINATION_CLASS,
  };
  const set = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...builtIn, ...(Object.fromEntries(set) as Partial<Defaults>) };
}
