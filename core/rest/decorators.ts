import { snakeCase } from "../utils/text.ts";
import type { Policy } from "./plan.ts";
import type { SchemaClass } from "./serializers.ts";
import type { HttpMethod } from "./views.ts";

/** What an extra action may say; what it does not say is the viewset's. */
export interface ActionOptions extends Partial<Policy> {
  /** On one object (`/books/3/publish/`) or on the collection (`/books/recent/`). */
  detail: boolean;
  /** Default `["get"]`. */
  methods?: readonly HttpMethod[];
  /** The path's last part. Default: the method's name in snake_case. */
  urlPath?: string;
  /** The last part of the route's name. Default: the method's name with hyphens. */
  urlName?: string;
  /** What comes in and goes out, for this action alone. */
  schema?: SchemaClass;
  inputSchema?: SchemaClass;
  outputSchema?: SchemaClass;
}

/** An extra action as the router reads it. */
export interface ExtraAction {
  /** The viewset's method for each HTTP method. */
  mapping: Map<HttpMethod, string>;
  detail: boolean;
  urlPath: string;
  urlName: string;
  options: ActionOptions;
}

const extraActions = Symbol("core.actions");
type Holder = { [extraActions]?: Map<string, ExtraAction> };

/** The extra actions of a viewset's class and its parents, by the name of the method that declared each. */
export function actionsOf(prototype: object): Map<string, ExtraAction> {
  const parent = Object.getPrototypeOf(prototype);
  const inherited = parent && parent !== Object.prototype ? actionsOf(parent) : [];
  const own = Object.hasOwn(prototype, extraActions) ? ((prototype as Holder)[extraActions] ?? []) : [];
  return new Map([...inherited, ...own]);
}

function ownActions(prototype: Holder): Map<string, ExtraAction> {
  if (!Object.hasOwn(prototype, extraActions)) Object.defineProperty(prototype, extraActions, { value: new Map() });
  return prototype[extraActions] as Map<string, ExtraAction>;
}

/**
 * Makes a method of a viewset an action with a route of its own.
 *
 * @example
 * ```ts
 * @action({ detail: true, methods: ["post"] })
 * async publish() { const book = await this.getObject(); … }        // POST /books/3/publish/
 *
 * @action.mapping("publish", "delete")
 * async withdraw() { … }                                            // DELETE /books/3/publish/
 * ```
 */
export function action(options: ActionOptions) {
  return (prototype: object, name: string): void => {
    const methods = options.methods ?? ["get"];
    ownActions(prototype).set(name, {
      mapping: new Map(methods.map((method) => [method, name])),
      detail: options.detail,
      urlPath: options.urlPath ?? snakeCase(name),
      urlName: options.urlName ?? snakeCase(name).replaceAll("_", "-"),
      options,
    });
  };
}

/** Lets another method of the viewset answer further HTTP methods at an action's URL. */
action.mapping = (actionName: string, ...methods: HttpMethod[]) => {
  return (prototype: object, name: string): void => {
    const found = actionsOf(prototype).get(actionName);
    if (!found)
      throw new TypeError(`@action.mapping("${actionName}") on ${name}: no action of that name was declared above it.`);
    const mapping = new Map([...found.mapping, ...methods.map((method) => [method, name] as const)]);
    ownActions(prototype).set(actionName, { ...found, mapping });
  };
};
