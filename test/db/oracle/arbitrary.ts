import fc from "fast-check";
import { Random } from "./random.ts";

/** Values that are made by random choices and, when one fails a test, replaced by simpler ones as long as these fail. */
export class Arbitrary<T> extends fc.Arbitrary<T> {
  readonly #make: (random: Random) => T;
  readonly #simpler: (value: T) => Iterable<T>;

  constructor(make: (random: Random) => T, simpler: (value: T) => Iterable<T> = () => []) {
    super();
    this.#make = make;
    this.#simpler = simpler;
  }

  override generate(random: fc.Random): fc.Value<T> {
    return new fc.Value(this.#make(new Random(random)), undefined);
  }

  override canShrinkWithoutContext(_value: unknown): _value is T {
    return true;
  }

  override shrink(value: T): fc.Stream<fc.Value<T>> {
    return fc
      .stream(this.#simpler(value)[Symbol.iterator]() as IterableIterator<T>)
      .map((next) => new fc.Value(next, undefined));
  }
}
