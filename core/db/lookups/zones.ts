// In which zone an instant has a day and an hour: django.utils.timezone.get_current_timezone_name().
import { isConfigured, settings } from "../../conf/settings.ts";
import { FieldError } from "../../exceptions.ts";
import { isTimezone } from "../../utils/timezone.ts";
import type { Vendor } from "../fields/field_types.ts";

/** A zone whose name may stand in SQL as a literal; null for UTC, in which instants are stored. */
export function zoneNamed(name: string): string | null {
  if (name === "UTC") return null;
  if (/^[\w+/-]+$/.test(name) && isTimezone(name)) return name;
  throw new FieldError(`${JSON.stringify(name)} is no time zone.`, { hint: 'Write a name such as "Europe/Madrid".' });
}

/** The zone of the setting `TIME_ZONE`. */
export function currentZone(): string | null {
  return isConfigured() ? zoneNamed(settings.TIME_ZONE) : null;
}

/** What a zone's clocks show at an instant. */
export function toLocal(sql: string, zone: string | null, vendor: Vendor): string {
  if (zone === null) return sql;
  return vendor === "sqlite" ? `core_to_zone(${sql}, '${zone}')` : `(${sql} AT TIME ZONE '${zone}')`;
}

/** The instant at which they show it. */
export function fromLocal(sql: string, zone: string | null, vendor: Vendor): string {
  if (zone === null) return sql;
  return vendor === "sqlite" ? `core_from_zone(${sql}, '${zone}')` : `(${sql} AT TIME ZONE '${zone}')`;
}
