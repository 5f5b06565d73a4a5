import { inspect } from "node:util";
import { ImproperlyConfigured } from "../exceptions.ts";

/** One thing that is wrong with the settings. The ids are listed in docs/settings.md; a retired one is never reused. */
export interface SettingProblem {
  id: string;
  /** The setting or variable: `REST_FRAMEWORK.PAGE_SIZE`. */
  setting: string;
  /** A sentence that names the setting, what it is and what it should be. */
  message: string;
  hint?: string;
}

/** Everything that is wrong with the settings and the environment, in one error. */
export class InvalidSettings extends ImproperlyConfigured {
  static override code = "invalid_settings";

  readonly problems: readonly SettingProblem[];

  constructor(problems: readonly SettingProblem[]) {
    const [first] = problems;
    if (problems.length === 1) super(`(${first.id}) ${first.message}`, { hint: first.hint });
    else super(`The settings have ${problems.length} problems:\n${problems.map(problemLine).join("\n")}`);
    this.problems = problems;
  }
}

function problemLine({ id, message, hint }: SettingProblem): string {
  return hint === undefined ? `  (${id}) ${message}` : `  (${id}) ${message}\n    Hint: ${hint}`;
}

const SECRET_NAME = /API|AUTH|TOKEN|KEY|SECRET|PASS|SIGNATURE/i;

/** A value as an error may quote it: short, and without what must stay secret. */
export function describeValue(value: unknown, name = ""): string {
  if (value === null || value === undefined || typeof value === "boolean" || typeof value === "number")
    return `${value}`;
  if (typeof value === "function") return `the class or function ${value.name || "without a name"}`;
  if (SECRET_NAME.test(name)) return typeof value === "string" ? "the given string" : "the given value";
  if (typeof value === "string") return JSON.stringify(shorten(withoutCredentials(value)));
  return Array.isArray(value) ? `a list of ${value.length}` : `an object with ${shorten(inspect(Object.keys(value)))}`;
}

/** Hides user and password of anything that looks like a URL. */
export function withoutCredentials(text: string): string {
  return text.replace(/:\/\/.*@/s, "://***@");
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
