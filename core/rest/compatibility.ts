// The settings that field values depend on, with their defaults where nothing was configured: fields work in a script or
// a test without a project.

import { isConfigured, settings } from "../conf/settings.ts";

/** Whether answers are those of DRF 3.14 on Django 3.2, where 3.18 on Django 5.2 answers otherwise. */
export function isLegacy(): boolean {
  return isConfigured() && settings.REST_FRAMEWORK.COMPATIBILITY === "3.14";
}

/** The time zone in which datetimes without an offset are read, and in which all are shown. */
export function currentTimezone(): string {
  return isConfigured() ? settings.TIME_ZONE : "UTC";
}

/** How field names are written on the wire. */
export function fieldCase(): "snake_case" | "camelCase" {
  return isConfigured() ? settings.REST_FRAMEWORK.FIELD_CASE : "snake_case";
}

/** What happens to keys of a body that the schema does not declare. */
export function unknownFields(): "ignore" | "reject" {
  return isConfigured() ? settings.REST_FRAMEWORK.UNKNOWN_FIELDS : "ignore";
}
