// Dates and times of day in UTC as text, from milliseconds since the epoch: a page of JSON has hundreds of them, and the
// runtime's own toISOString() takes five times as long.

const DAY = 86_400_000;

/** "00" to "99". */
const pairs: readonly string[] = Array.from({ length: 100 }, (_, value) => String(value).padStart(2, "0"));

/**
 * The date, for the years 0 to 9999.
 *
 * @example
 * utcDate(0); // "1970-01-01"
 */
export function utcDate(ms: number): string {
  // Howard Hinnant's civil_from_days: its years begin in March, so that a leap day is their last. `| 0` drops fractions.
  const days = (Math.floor(ms / DAY) + 719_468) | 0;
  const era = ((days < 0 ? days - 146_096 : days) / 146_097) | 0;
  const ofEra = days - era * 146_097;
  const yearOfEra = ((ofEra - ((ofEra / 1460) | 0) + ((ofEra / 36_524) | 0) - ((ofEra / 146_096) | 0)) / 365) | 0;
  const ofYear = ofEra - (365 * yearOfEra + (yearOfEra >> 2) - ((yearOfEra / 100) | 0));
  const fromMarch = ((5 * ofYear + 2) / 153) | 0;
  const day = ofYear - (((153 * fromMarch + 2) / 5) | 0) + 1;
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${pairs[(year / 100) | 0]}${pairs[year % 100]}-${pairs[month]}-${pairs[day]}`;
}

/**
 * The time of day in whole seconds.
 *
 * @example
 * utcTime(3_723_000); // "01:02:03"
 */
export function utcTime(ms: number): string {
  const second = ((ms - Math.floor(ms / DAY) * DAY) / 1000) | 0;
  const minute = (second / 60) | 0;
  return `${pairs[(minute / 60) | 0]}:${pairs[minute % 60]}:${pairs[second % 60]}`;
}
