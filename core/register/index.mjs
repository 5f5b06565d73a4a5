/**
 * `core-framework/register`: importing it lets Node run TypeScript, with no build step.
 *
 *   node --import core-framework/register manage.ts
 *   await import("core-framework/register");            // later, from JavaScript
 *
 * Registering twice is harmless, also when two copies of this module are loaded (a checkout's `core/` and its `dist/`).
 */
import module from "node:module";

const registered = Symbol.for("core-framework.register");

/** The part of node:module that newer Node versions have and the types of Node 20 do not. */
const { registerHooks } = /** @type {{ registerHooks?: (hooks: object) => void }} */ (/** @type {unknown} */ (module));

// The threaded kind loads the hooks in its worker: this thread is spared the time, a tenth of `core --help`.
const hooks = registerHooks && (await import("./hooks.mjs"));

/**
 * Installs the hooks, once per thread.
 *
 * @example
 * register();
 * const settings = await import("./settings.ts");
 */
export function register() {
  const state = /** @type {{ [registered]?: boolean }} */ (globalThis);
  if (state[registered]) return;
  state[registered] = true;
  process.setSourceMapsEnabled(true);
  // In-thread hooks need no worker and start faster; Node 20 has only the threaded kind.
  if (registerHooks && hooks) registerHooks({ resolve: hooks.resolve, load: hooks.load });
  else module.register("./hooks.mjs", import.meta.url);
}

register();
