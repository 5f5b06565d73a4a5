// Standard deviations and variances, which SQLite has not: aggregates that may be windows as well.
import type { SqliteDatabase } from "./sqlite_driver.ts";

/** Welford's sums, which lose no digits where values are large and near each other. */
interface Moments {
  readonly count: number;
  readonly mean: number;
  /** The sum of the squared distances from the mean. */
  readonly squares: number;
}

const nothing: Moments = { count: 0, mean: 0, squares: 0 };

function added({ count, mean, squares }: Moments, value: number): Moments {
  const next = mean + (value - mean) / (count + 1);
  return { count: count + 1, mean: next, squares: squares + (value - mean) * (value - next) };
}

/** A row leaves the window. */
function removed({ count, mean, squares }: Moments, value: number): Moments {
  if (count <= 1) return nothing;
  const next = mean - (value - mean) / (count - 1);
  return { count: count - 1, mean: next, squares: Math.max(squares - (value - mean) * (value - next), 0) };
}

type Value = number | bigint | null;

function stepping(step: (moments: Moments, value: number) => Moments) {
  return (moments: Moments, value: Value) => (value === null ? moments : step(moments, Number(value)));
}

/** Of a population, or of a sample of one, which takes at least two. */
function variance({ count, squares }: Moments, isSample: boolean): number | null {
  const divisor = isSample ? count - 1 : count;
  return divisor <= 0 ? null : squares / divisor;
}

/** Registers them where the driver can; node:sqlite before Node 22.16 cannot, and the query then says so. */
export function registerStatistics(database: SqliteDatabase): void {
  for (const [suffix, isSample] of [
    ["POP", false],
    ["SAMP", true],
  ] as const) {
    const of = (moments: Moments) => variance(moments, isSample);
    const shared = { deterministic: true, start: nothing, step: stepping(added), inverse: stepping(removed) };
    database.aggregate?.(`VAR_${suffix}`, { ...shared, result: of });
    database.aggregate?.(`STDDEV_${suffix}`, { ...shared, result: (moments: Moments) => root(of(moments)) });
  }
}

function root(value: number | null): number | null {
  return value === null ? null : Math.sqrt(value);
}
