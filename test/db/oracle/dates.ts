// Parts of dates, by the calendar: a date is "2024-02-29", a datetime "2024-02-29T12:30:45.123456Z".

const day = 86_400_000;

function midnight(text: string): number {
  return Date.parse(`${text.slice(0, 10)}T00:00:00Z`);
}

/** The Thursday of the same ISO week, whose year and number the week has. */
function thursday(text: string): Date {
  const at = midnight(text);
  return new Date(at + (4 - isoWeekDay(text)) * day);
}

function isoWeekDay(text: string): number {
  return new Date(midnight(text)).getUTCDay() || 7;
}

function week(text: string): number {
  const middle = thursday(text);
  const first = Date.UTC(middle.getUTCFullYear(), 0, 1);
  return Math.floor((middle.getTime() - first) / (7 * day)) + 1;
}

/** What a transform makes of a value; a date or a time is text that can be compared. */
export const transforms: Readonly<Record<string, (text: string) => number | string>> = {
  year: (text) => Number(text.slice(0, 4)),
  month: (text) => Number(text.slice(5, 7)),
  day: (text) => Number(text.slice(8, 10)),
  quarter: (text) => Math.ceil(Number(text.slice(5, 7)) / 3),
  isoYear: (text) => thursday(text).getUTCFullYear(),
  week,
  weekDay: (text) => new Date(midnight(text)).getUTCDay() + 1,
  isoWeekDay,
  hour: (text) => Number(text.slice(11, 13)),
  minute: (text) => Number(text.slice(14, 16)),
  second: (text) => Number(text.slice(17, 19)),
  date: (text) => text.slice(0, 10),
  time: (text) => text.slice(11).replace("Z", ""),
};
