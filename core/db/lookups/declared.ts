/**
 * Comparisons that were registered, for the compiler: what each of them takes. See `registerLookup()`.
 *
 * @example
 * declare module "core-framework/db" {
 *   interface CustomLookups { ne: unknown }
 *   interface CustomTransforms { length: number }
 * }
 */
// biome-ignore lint/suspicious/noEmptyInterface: users add to it
export interface CustomLookups {}

/** Functions that were registered, for the compiler: what each of them gives. See {@link CustomLookups}. */
// biome-ignore lint/suspicious/noEmptyInterface: users add to it
export interface CustomTransforms {}
