/** Something to be measured: one operation, awaited. */
export type Operation = () => unknown;

/** CPU time of this process for one operation, in microseconds: the median and the least of all rounds. */
export interface Measured {
  median: number;
  least: number;
}

export interface MeasureOptions {
  /** How many times the contenders take turns. */
  rounds?: number;
  /** How long each turn is to take, in milliseconds. */
  turnMs?: number;
}

/**
 * Measures contenders side by side: they take turns, in an order that changes, so that what else the machine does meets
 * all of them alike. CPU time is that of the whole process, garbage collection included.
 */
export async function measure<Name extends string>(
  contenders: Readonly<Record<Name, Operation>>,
  { rounds = 31, turnMs = 60 }: MeasureOptions = {},
): Promise<Record<Name, Measured>> {
  const entries = Object.entries<Operation>(contenders) as [Name, Operation][];
  const turns = await calibrate(entries, turnMs);
  const samples = new Map<Name, number[]>(entries.map(([name]) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, operation] of rotated(entries, round)) {
      samples.get(name)?.push(await cpuOf(operation, turns.get(name) as number));
    }
  }
  return Object.fromEntries([...samples].map(([name, values]) => [name, summary(values)])) as Record<Name, Measured>;
}

/** Warms each up, and finds out how many operations fill a turn. */
async function calibrate<Name extends string>(
  entries: readonly [Name, Operation][],
  turnMs: number,
): Promise<Map<Name, number>> {
  const turns = new Map<Name, number>();
  for (let pass = 0; pass < 2; pass++) {
    for (const [name, operation] of entries) {
      const start = performance.now();
      let count = 0;
      for (; performance.now() - start < turnMs * 5 || count < 3; count++) await operation();
      turns.set(name, Math.max(1, Math.round(count / 5)));
    }
  }
  return turns;
}

function rotated<T>(list: readonly T[], by: number): T[] {
  const at = by % list.length;
  return [...list.slice(at), ...list.slice(0, at)];
}

async function cpuOf(operation: Operation, count: number): Promise<number> {
  const before = process.cpuUsage();
  for (let done = 0; done < count; done++) await operation();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}

function summary(values: number[]): Measured {
  const sorted = [...values].sort((a, b) => a - b);
  return { median: sorted[sorted.length >> 1], least: sorted[0] };
}
