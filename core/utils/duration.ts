// datetime.timedelta and django.utils.duration: lengths of time, exact to the microsecond.

import { asciiDigits } from "./python_numbers.ts";

const microsecondsOf = { days: 86_400_000_000n, hours: 3_600_000_000n, minutes: 60_000_000n, seconds: 1_000_000n };
const day = microsecondsOf.days;
const largest = 999_999_999n * day + (day - 1n);
const smallest = -999_999_999n * day;

/** The parts that {@link Duration.of} adds up; fractions are rounded to the microsecond, half to even. */
export interface DurationParts {
  days?: number | bigint;
  hours?: number | bigint;
  minutes?: number | bigint;
  seconds?: number | bigint;
  milliseconds?: number | bigint;
  microseconds?: number | bigint;
}

const units: Record<keyof DurationParts, bigint> = { ...microsecondsOf, milliseconds: 1000n, microseconds: 1n };

/** Exact for the whole part; the fraction, below one unit, is rounded to the microsecond. */
function inMicroseconds(value: number | bigint, unit: bigint): bigint {
  if (typeof value === "bigint") return value * unit;
  if (!Number.isFinite(value)) throw new RangeError(`A duration cannot be made from ${value}.`);
  const whole = Math.trunc(value);
  return BigInt(whole) * unit + BigInt(roundHalfEven((value - whole) * Number(unit)));
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

function pad(value: bigint, width = 2): string {
  return value.toString().padStart(width, "0");
}

/**
 * A length of time, positive or negative, of up to 999,999,999 days. Immutable; compare with `<` and `>`.
 *
 * @throws RangeError if it is longer than that.
 * @example
 * Duration.of({ hours: 1, minutes: 30 }).toString(); // "01:30:00"
 * new Duration(-1_800_000_000n).toString(); // "-1 23:30:00"
 */
export class Duration {
  /** The whole of it. */
  readonly microseconds: bigint;

  constructor(microseconds: bigint) {
    if (microseconds > largest || microseconds < smallest) {
      throw new RangeError(`A duration has at most 999999999 days; ${microseconds} microseconds are more.`);
    }
    this.microseconds = microseconds;
  }

  /** The sum of its parts, as the arguments of Python's `timedelta`. */
  static of(parts: DurationParts): Duration {
    let total = 0n;
    for (const [name, value] of Object.entries(parts)) {
      if (value !== undefined) total += inMicroseconds(value, units[name as keyof DurationParts]);
    }
    return new Duration(total);
  }

  /** Reads what {@link parseDuration} reads. */
  static parse(text: string): Duration | null {
    return parseDuration(text);
  }

  /** Whole days, rounded down: minus half an hour is day -1. */
  get days(): number {
    return Number((this.microseconds - this.#rest) / day);
  }

  /** Microseconds that stand beside the days, never negative. */
  get #rest(): bigint {
    return ((this.microseconds % day) + day) % day;
  }

  /** The length in seconds as a double. */
  totalSeconds(): number {
    return Number(this.microseconds) / 1e6;
  }

  compare(other: Duration): number {
    return this.microseconds === other.microseconds ? 0 : this.microseconds < other.microseconds ? -1 : 1;
  }

  equals(other: Duration): boolean {
    return this.microseconds === other.microseconds;
  }

  /** Lets `<` and `>` compare two durations exactly. */
  valueOf(): bigint {
    return this.microseconds;
  }

  #clock(rest: bigint): [hours: bigint, minutes: bigint, seconds: bigint, fraction: string] {
    const seconds = rest / 1_000_000n;
    const below = rest % 1_000_000n;
    return [seconds / 3600n, (seconds / 60n) % 60n, seconds % 60n, below === 0n ? "" : `.${pad(below, 6)}`];
  }

  /** Django's form, `[D ]hh:mm:ss[.ffffff]`; negative as days below zero plus a positive rest. */
  toString(): string {
    const [hours, minutes, seconds, fraction] = this.#clock(this.#rest);
    const days = this.days === 0 ? "" : `${this.days} `;
    return `${days}${pad(hours)}:${pad(minutes)}:${pad(seconds)}${fraction}`;
  }

  /** Python's own `str(timedelta)`: `1 day, 2:03:04`. */
  toPythonString(): string {
    const [hours, minutes, seconds, fraction] = this.#clock(this.#rest);
    const days = this.days === 0 ? "" : `${this.days} day${Math.abs(this.days) === 1 ? "" : "s"}, `;
    return `${days}${hours}:${pad(minutes)}:${pad(seconds)}${fraction}`;
  }

  /** ISO 8601, `P3DT04H05M06S`. */
  toISOString(): string {
    const size = this.microseconds < 0n ? -this.microseconds : this.microseconds;
    const [hours, minutes, seconds, fraction] = this.#clock(size % day);
    return `${this.microseconds < 0n ? "-" : ""}P${size / day}DT${pad(hours)}H${pad(minutes)}M${pad(seconds)}${fraction}S`;
  }

  toJSON(): string {
    return this.toString();
  }
}

const standard = /^(?:(-?\d+) (?:days?, )?)?(-?)(?:(\d+):(?=\d+:\d+))?(?:(\d+):)?(\d+)(?:[.,](\d{1,6})\d{0,6})?\n?$/;
const part = String.raw`(\d+(?:[.,]\d+)?)`;
const iso = new RegExp(`^([-+]?)P(?:${part}D)?(?:T(?:${part}H)?(?:${part}M)?(?:${part}S)?)?\n?$`);
const postgres = /^(?:(-?\d+) days? ?)?(?:([-+])?(\d+):(\d\d):(\d\d)(?:\.(\d{1,6}))?)?\n?$/;

interface Matched {
  sign: string | undefined;
  days: string | undefined;
  hours?: string | undefined;
  minutes?: string | undefined;
  seconds?: string | undefined;
  fraction?: string | undefined;
}

function match(text: string): (Matched & { iso: boolean }) | null {
  const found = standard.exec(text) ?? null;
  if (found) return named(found[2], found[1], found.slice(3), false);
  const isoFound = iso.exec(text);
  if (isoFound) return named(isoFound[1], isoFound[2], isoFound.slice(3), true);
  const postgresFound = postgres.exec(text);
  return postgresFound && named(postgresFound[2], postgresFound[1], postgresFound.slice(3), false);
}

function named(sign: string | undefined, days: string | undefined, rest: (string | undefined)[], isIso: boolean) {
  const [hours, minutes, seconds, fraction] = rest;
  return { sign, days, hours, minutes, seconds, fraction, iso: isIso };
}

/** Whole numbers stay exact however long they are; only ISO 8601 has fractions here. */
function amount(text: string | undefined): number | bigint {
  if (text === undefined) return 0n;
  // No duration is that long, and reading so many digits would take a while.
  if (text.length > 100) throw new RangeError(`A duration has at most 999999999 days; ${text.slice(0, 20)}… is more.`);
  return /[.,]/.test(text) ? Number(text.replace(",", ".")) : BigInt(text);
}

/**
 * Reads a duration as Django does: `[D ][hh:[mm:]]ss[.ffffff]`, ISO 8601 without years and months, or PostgreSQL's
 * day-time interval. An empty text is zero.
 *
 * @returns null if it is malformed.
 * @throws RangeError if it is longer than a {@link Duration} can be.
 * @example
 * parseDuration("3 04:05:06"); parseDuration("P3DT4H5M6S"); parseDuration("3 days 04:05:06");
 */
export function parseDuration(text: string): Duration | null {
  const found = match(asciiDigits(text));
  if (!found) return null;
  const sign = found.sign === "-" ? -1n : 1n;
  const days = Duration.of({ days: amount(found.days) }).microseconds;
  const rest = Duration.of({
    hours: amount(found.hours),
    minutes: amount(found.minutes),
    seconds: amount(found.seconds),
    microseconds: found.fraction ? Number(found.fraction.padEnd(6, "0")) : 0,
  }).microseconds;
  return new Duration((found.iso ? sign * days : days) + sign * rest);
}
