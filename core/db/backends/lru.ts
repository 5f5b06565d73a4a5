/** A map that forgets what was not used for longest, once it holds more than its limit. */
export class LruMap<K, V> {
  readonly #limit: number;
  readonly #entries = new Map<K, V>();
  readonly #evicted: ((key: K, value: V) => void) | undefined;

  constructor(limit: number, evicted?: (key: K, value: V) => void) {
    this.#limit = limit;
    this.#evicted = evicted;
  }

  get(key: K): V | undefined {
    const value = this.#entries.get(key);
    if (value === undefined || this.#entries.size < this.#limit) return value;
    // The order matters only to a map that is full.
    this.#entries.delete(key);
    this.#entries.set(key, value);
    return value;
  }

  set(key: K, value: V): void {
    this.#entries.set(key, value);
    if (this.#entries.size <= this.#limit) return;
    const [oldest, evicted] = this.#entries.entries().next().value as [K, V];
    this.#entries.delete(oldest);
    this.#evicted?.(oldest, evicted);
  }

  clear(): void {
    this.#entries.clear();
  }
}
