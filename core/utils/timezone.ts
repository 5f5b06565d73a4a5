// django.utils.timezone: offsets of the IANA time zones, read from the runtime's own tables.

const formatters = new Map<string, Intl.DateTimeFormat>();
const dayMs = 86_400_000;

function formatter(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone);
  if (known) return known;
  const created = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    era: "short",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  formatters.set(zone, created);
  return created;
}

/** Whether the runtime knows the time zone. */
export function isTimezone(zone: string): boolean {
  try {
    formatter(zone);
    return true;
  } catch {
    return false;
  }
}

/** Milliseconds since the epoch of these calendar fields in UTC; unlike `Date.UTC`, years below 100 are themselves. */
export function utcMs(year: number, month: number, day: number, hour = 0, minute = 0, second = 0, ms = 0): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.setUTCHours(hour, minute, second, ms);
}

/**
 * How far the zone's clocks are ahead of UTC at an instant, in milliseconds.
 *
 * @throws RangeError if the runtime does not know the zone.
 * @example
 * offsetAt("Europe/Madrid", Date.UTC(2024, 6, 1)); // 7_200_000
 */
export function offsetAt(zone: string, epochMs: number): number {
  if (zone === "UTC") return 0;
  const parts: Record<string, string> = {};
  for (const { type, value } of formatter(zone).formatToParts(epochMs)) parts[type] = value;
  const year = parts.era === "BC" ? 1 - Number(parts.year) : Number(parts.year);
  const [month, day, hour, minute, second] = [parts.month, parts.day, parts.hour, parts.minute, parts.second].map(
    Number,
  );
  const local = utcMs(year, month as number, day as number, hour, minute, second);
  return local - Math.floor(epochMs / 1000) * 1000;
}

/**
 * The instant at which the zone's clocks show these fields (given as if they were UTC), or null if they never do
 * because clocks were put forward. A time that occurs twice is the first of the two.
 */
export function localToUtc(zone: string, localMs: number): number | null {
  if (zone === "UTC") return localMs;
  for (const near of [localMs - dayMs, localMs + dayMs]) {
    const offset = offsetAt(zone, near);
    if (offsetAt(zone, localMs - offset) === offset) return localMs - offset;
  }
  return null;
}

/** `Z`, or `+02:00`; seconds are added for the local mean times of old dates. */
export function formatOffset(offsetMs: number): string {
  const seconds = Math.abs(offsetMs) / 1000;
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  if (parts[2] === 0) parts.pop();
  return (offsetMs < 0 ? "-" : "+") + parts.map((part) => String(part).padStart(2, "0")).join(":");
}
