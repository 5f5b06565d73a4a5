// Fields whose value is a date, a time, an instant or a length of time.

import {
  DateTime,
  Duration,
  formatDatetime,
  formatFraction,
  microsecondOf,
  type ParsedDatetime,
  parseDate,
  parseDatetime,
  parseDuration,
  parseTime,
  toDateTime,
} from "../../utils/datetime.ts";
import { stringifyString } from "../../utils/json.ts";
import { pythonStr } from "../../utils/python_text.ts";
import { type ClockFields, humanizeFormat, strftime, strptime } from "../../utils/strptime.ts";
import { offsetAt, utcMs } from "../../utils/timezone.ts";
import { MaxValueValidator, MinValueValidator } from "../../utils/validators.ts";
import { currentTimezone, isLegacy } from "../compatibility.ts";
import { Field, type FieldContext, type FieldOptions } from "./base.ts";

/** The name of ISO 8601 among formats. */
export const ISO_8601 = "iso-8601";

export interface DateFieldOptions<T> extends FieldOptions<T> {
  /** How it is shown: `"iso-8601"` (default), strftime's codes, or null for the value itself. */
  format?: string | null;
  /** How it is read: `"iso-8601"` and strptime's codes, tried in order. */
  inputFormats?: readonly string[];
}

function isISO(format: string): boolean {
  return format.toLowerCase() === ISO_8601;
}

const pad = (value: number) => String(value).padStart(2, "0");

function dateOf({ year, month, day }: ClockFields): string {
  return `${String(year).padStart(4, "0")}-${pad(month)}-${pad(day)}`;
}

function timeOf({ hour, minute, second, microsecond }: ClockFields): string {
  return `${pad(hour)}:${pad(minute)}:${pad(second)}${formatFraction(microsecond)}`;
}

/** What this Django version takes for ISO 8601. */
function parseOptions(): { django: "3.2" | "5.2" } {
  return { django: isLegacy() ? "3.2" : "5.2" };
}

/** Base of the fields that are read and shown by formats. */
abstract class FormattedField<T> extends Field<T> {
  readonly format: string | null;
  readonly inputFormats: readonly string[];
  /** ISO 8601 in the words of the message. */
  protected abstract readonly isoFormat: string;

  constructor(options: DateFieldOptions<T>) {
    super(options);
    this.format = options.format === undefined ? ISO_8601 : options.format;
    this.inputFormats = options.inputFormats ?? [ISO_8601];
  }

  /** The value of a text in one of the formats, or null. */
  protected abstract parse(text: string, format: string): T | null;

  protected readText(data: unknown): T {
    for (const format of typeof data === "string" ? this.inputFormats : []) {
      const value = this.parse(data as string, format);
      if (value !== null) return value;
    }
    return this.fail("invalid", { format: this.#humanized() });
  }

  #humanized(): string {
    const replaced = this.inputFormats.map((format) => (isISO(format) ? this.isoFormat : humanizeFormat(format)));
    return replaced.join(", ");
  }

  override toJson(value: T, context: FieldContext): string {
    const shown = this.toRepresentation(value, context);
    return typeof shown === "string" ? stringifyString(shown) : super.toJson(value, context);
  }
}

export interface DateTimeFieldOptions extends DateFieldOptions<DateTime> {
  /** The zone of datetimes without an offset, and in which all are shown; `TIME_ZONE` by default. */
  defaultTimezone?: string;
}

function parsedOf(fields: ClockFields): ParsedDatetime {
  const { year, month, day, hour, minute, second, microsecond, offset } = fields;
  return {
    localMs: utcMs(year, month, day, hour, minute, second, Math.floor(microsecond / 1000)),
    below: microsecond % 1000,
    offset: offset === null ? null : offset * 60e6,
  };
}

function fieldsIn(value: Date, zone: string): ClockFields {
  const offset = offsetAt(zone, value.getTime());
  const local = new Date(value.getTime() + offset);
  return {
    year: local.getUTCFullYear(),
    month: local.getUTCMonth() + 1,
    day: local.getUTCDate(),
    hour: local.getUTCHours(),
    minute: local.getUTCMinutes(),
    second: local.getUTCSeconds(),
    microsecond: microsecondOf(value),
    offset: Math.round(offset / 60_000),
  };
}

/** An instant, with microseconds. */
export class DateTimeField extends FormattedField<DateTime> {
  static override defaultErrorMessages = {
    invalid: "Datetime has wrong format. Use one of these formats instead: {format}.",
    date: "Expected a datetime but got a date.",
    make_aware: 'Invalid datetime for the timezone "{timezone}".',
    overflow: "Datetime value out of range.",
  };
  protected readonly isoFormat = "YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z]";
  readonly #timezone: string | undefined;

  constructor(options: DateTimeFieldOptions = {}) {
    super(options);
    this.#timezone = options.defaultTimezone;
  }

  /** The zone of datetimes without an offset, and in which all are shown. */
  get timezone(): string {
    return this.#timezone ?? currentTimezone();
  }

  toInternalValue(data: unknown, _context: FieldContext): DateTime {
    return data instanceof Date ? DateTime.from(data) : this.readText(data);
  }

  protected parse(text: string, format: string): DateTime | null {
    const parsed = isISO(format) ? parseDatetime(text, parseOptions()) : this.#strptime(text, format);
    if (!parsed) return null;
    const { timezone } = this;
    const value = toDateTime(parsed, timezone);
    if (value === "overflow") return this.fail("overflow");
    return value === "imaginary" ? this.fail("make_aware", { timezone }) : value;
  }

  #strptime(text: string, format: string): ParsedDatetime | null {
    const fields = strptime(text, format);
    return fields && parsedOf(fields);
  }

  toRepresentation(value: DateTime | string, _context: FieldContext): string | Date {
    if (typeof value === "string" || this.format === null) return value;
    if (isISO(this.format)) return formatDatetime(value, this.timezone);
    return strftime(fieldsIn(value, this.timezone), this.format);
  }
}

const midnight = { hour: 0, minute: 0, second: 0, microsecond: 0, offset: null };

/** A date; code sees `YYYY-MM-DD`. */
export class DateField extends FormattedField<string> {
  static override defaultErrorMessages = {
    invalid: "Date has wrong format. Use one of these formats instead: {format}.",
    datetime: "Expected a date but got a datetime.",
  };
  protected readonly isoFormat = "YYYY-MM-DD";

  constructor(options: DateFieldOptions<string> = {}) {
    super(options);
  }

  toInternalValue(data: unknown, _context: FieldContext): string {
    return data instanceof Date ? this.fail("datetime") : this.readText(data);
  }

  protected parse(text: string, format: string): string | null {
    if (isISO(format)) return parseDate(text, parseOptions());
    const fields = strptime(text, format);
    return fields && dateOf(fields);
  }

  toRepresentation(value: string, _context: FieldContext): string {
    // Dropping the time of an instant means choosing a zone; that is for whoever wrote the schema.
    if ((value as unknown) instanceof Date) {
      throw new TypeError("A DateField was given an instant. Use a DateTimeField, or make a date of it first.");
    }
    if (this.format === null || isISO(this.format)) return value;
    const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(value);
    if (!match) return value;
    const [year, month, day] = match.slice(1).map(Number) as [number, number, number];
    return strftime({ year, month, day, ...midnight }, this.format);
  }
}

/** A time of day; code sees `hh:mm:ss[.ffffff]`. */
export class TimeField extends FormattedField<string> {
  static override defaultErrorMessages = {
    invalid: "Time has wrong format. Use one of these formats instead: {format}.",
  };
  protected readonly isoFormat = "hh:mm[:ss[.uuuuuu]]";

  constructor(options: DateFieldOptions<string> = {}) {
    super(options);
  }

  toInternalValue(data: unknown, _context: FieldContext): string {
    return this.readText(data);
  }

  protected parse(text: string, format: string): string | null {
    if (isISO(format)) return parseTime(text, parseOptions());
    const fields = strptime(text, format);
    return fields && timeOf(fields);
  }

  toRepresentation(value: string, _context: FieldContext): string {
    if (this.format === null || isISO(this.format)) return value;
    const match = /^(\d\d):(\d\d):(\d\d)(?:\.(\d{6}))?$/.exec(value);
    if (!match) return value;
    const [hour, minute, second, microsecond] = match.slice(1).map((text) => Number(text ?? 0)) as [
      number,
      number,
      number,
      number,
    ];
    return strftime({ year: 1900, month: 1, day: 1, hour, minute, second, microsecond, offset: null }, this.format);
  }
}

export interface DurationFieldOptions extends FieldOptions<Duration> {
  /** How it is shown: `"django"` (default, `[D ]hh:mm:ss[.ffffff]`) or `"iso-8601"`. */
  format?: "django" | "iso-8601";
  maxValue?: Duration;
  minValue?: Duration;
}

/** A length of time. */
export class DurationField extends Field<Duration> {
  static override defaultErrorMessages = {
    invalid: "Duration has wrong format. Use one of these formats instead: {format}.",
    max_value: "Ensure this value is less than or equal to {max_value}.",
    min_value: "Ensure this value is greater than or equal to {min_value}.",
    overflow: "The number of days must be between {min_days} and {max_days}.",
  };
  readonly format: "django" | "iso-8601";
  readonly maxValue: Duration | undefined;
  readonly minValue: Duration | undefined;

  constructor(options: DurationFieldOptions = {}) {
    super(options);
    const { maxValue, minValue } = options;
    this.format = options.format ?? "django";
    this.maxValue = maxValue;
    this.minValue = minValue;
    if (maxValue) {
      const message = this.message("max_value", { max_value: maxValue.toPythonString() });
      this.validators.push(new MaxValueValidator(maxValue, { message }));
    }
    if (minValue) {
      const message = this.message("min_value", { min_value: minValue.toPythonString() });
      this.validators.push(new MinValueValidator(minValue, { message }));
    }
  }

  toInternalValue(data: unknown, _context: FieldContext): Duration {
    if (data instanceof Duration) return data;
    return this.#parse(pythonStr(data)) ?? this.fail("invalid", { format: "[DD] [HH:[MM:]]ss[.uuuuuu]" });
  }

  #parse(text: string): Duration | null {
    try {
      return parseDuration(text);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return this.fail("overflow", { min_days: -999999999, max_days: 999999999 });
    }
  }

  toRepresentation(value: Duration, _context: FieldContext): string {
    return this.format === "django" ? value.toString() : value.toISOString();
  }

  override toJson(value: Duration, context: FieldContext): string {
    return `"${this.toRepresentation(value, context)}"`;
  }
}
