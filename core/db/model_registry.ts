import type { ModelClass } from "./models.ts";

let installed: readonly ModelClass[] = [];

/** The models of all installed apps, once they are known. */
export function installedModels(): readonly ModelClass[] {
  return installed;
}

export function setInstalledModels(models: readonly ModelClass[]): void {
  installed = models;
}
