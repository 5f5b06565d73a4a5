import type { SettingProblem } from "./problems.ts";

/** What the keys that `startproject` writes begin with, so that they are recognised in production. */
export const INSECURE_PREFIX = "insecure-";
const MIN_LENGTH = 50;
const MIN_UNIQUE = 5;

/** What makes a key too weak to sign with (Django's security.W009), or undefined. The key itself is never quoted. */
export function weakness(key: string): string | undefined {
  if (key === "") return "is empty";
  if (key.startsWith(INSECURE_PREFIX) || key.startsWith("django-insecure-")) {
    return "is the one that startproject made for development";
  }
  if (key.length < MIN_LENGTH) return `is too short: ${key.length} of at least ${MIN_LENGTH} characters`;
  const unique = new Set(key).size;
  return unique < MIN_UNIQUE ? `is too uniform: ${unique} of at least ${MIN_UNIQUE} different characters` : undefined;
}

export const NEW_KEY_COMMAND = `node -p "require('crypto').randomBytes(48).toString('base64url')"`;

/** In production a weak key is an error at boot, not a warning of `check --deploy`. */
export function secretKeyProblem(key: string): SettingProblem[] {
  const problem = process.env.NODE_ENV === "production" ? weakness(key) : undefined;
  if (problem === undefined) return [];
  const message = `SECRET_KEY ${problem}, and NODE_ENV is production.`;
  return [{ id: "settings.E005", setting: "SECRET_KEY", message, hint: `Make one with: ${NEW_KEY_COMMAND}` }];
}
