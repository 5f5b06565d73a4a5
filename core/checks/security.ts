// django.core.checks.security, under Django's ids, as far as the settings exist.
import { NEW_KEY_COMMAND, weakness } from "../conf/secret_key.ts";
import { settings } from "../conf/settings.ts";
import { WarningMessage } from "./messages.ts";
import { register, Tags } from "./registry.ts";

function* checkSecretKey() {
  const problem = weakness(settings.SECRET_KEY);
  if (problem === undefined) return;
  yield new WarningMessage(`SECRET_KEY ${problem}.`, {
    id: "security.W009",
    hint: `Make one with: ${NEW_KEY_COMMAND}`,
  });
}

function* checkSecretKeyFallbacks() {
  for (const [index, key] of settings.SECRET_KEY_FALLBACKS.entries()) {
    const problem = weakness(key);
    if (problem === undefined) continue;
    const hint = "Remove it once nothing signed with it is in use.";
    yield new WarningMessage(`SECRET_KEY_FALLBACKS[${index}] ${problem}.`, { id: "security.W025", hint });
  }
}

function* checkDebug() {
  if (!settings.DEBUG) return;
  yield new WarningMessage("DEBUG is true.", {
    id: "security.W018",
    hint: "Set DEBUG=false where the site is deployed.",
  });
}

function* checkAllowedHosts() {
  if (settings.ALLOWED_HOSTS.length > 0) return;
  const hint = 'List the names under which the site is reached: ["api.example.com"].';
  yield new WarningMessage("ALLOWED_HOSTS is empty.", { id: "security.W020", hint });
}

/** Registers the checks that `check --deploy` adds. */
export function registerSecurityChecks(): void {
  for (const check of [checkSecretKey, checkSecretKeyFallbacks, checkDebug, checkAllowedHosts]) {
    register(check, { tags: [Tags.security], deploy: true });
  }
}
