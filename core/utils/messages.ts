// Sentences with places for values, as the errors of Django (`%(name)s`) and of DRF (`{name}`) are written.

import { pythonRepr, pythonStr } from "./python_text.ts";

/** What {@link formatMessage} fills in. */
export type MessageParams = Readonly<Record<string, unknown>>;

/**
 * Fills `{name}` and `%(name)s` in a message with the parameters, written as Python writes them; `%(name)r` puts texts in
 * quotes. What has no parameter stays as it is.
 *
 * @example
 * formatMessage("At most {limit_value}.", { limit_value: 5 }); // "At most 5."
 * formatMessage("Value %(value)r is not a valid choice.", { value: "x" }); // "Value 'x' is not a valid choice."
 */
export function formatMessage(message: string, params: MessageParams): string {
  if (!message.includes("{") && !message.includes("%(")) return message;
  return message.replace(/\{(\w+)\}|%\((\w+)\)([sdr])/g, (whole, braced?: string, named = "", form = "s") => {
    const name = braced ?? named;
    if (!Object.hasOwn(params, name)) return whole;
    return form === "r" ? pythonRepr(params[name]) : pythonStr(params[name]);
  });
}
