/** Where random choices come from: fast-check's generator, or any other that can be seeded. */
export interface Source {
  nextInt(min: number, max: number): number;
}

/** Random choices of the shapes that data and queries are made of. */
export class Random {
  readonly #source: Source;

  constructor(source: Source) {
    this.#source = source;
  }

  /** A whole number from `min` to `max`, both included. */
  integer(min: number, max: number): number {
    return this.#source.nextInt(min, max);
  }

  /** True in `percent` of 100 cases. */
  chance(percent: number): boolean {
    return this.integer(1, 100) <= percent;
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.integer(0, choices.length - 1)];
  }

  many<T>(min: number, max: number, make: () => T): T[] {
    return Array.from({ length: this.integer(min, max) }, make);
  }

  /** One of several ways, by their weights. */
  weighted<T>(...choices: readonly (readonly [weight: number, make: () => T])[]): T {
    let left = this.integer(
      1,
      choices.reduce((sum, [weight]) => sum + weight, 0),
    );
    for (const [weight, make] of choices) {
      left -= weight;
      if (left <= 0) return make();
    }
    throw new RangeError("weights add up to nothing");
  }
}
