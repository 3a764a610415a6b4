const BUCKETS = 16;

/** The least value of about the last while, in sixteen steps. */
export class WindowedMinimum {
  readonly #bucketUs: number;
  readonly #minima = new Float64Array(BUCKETS).fill(Number.POSITIVE_INFINITY);
  #newest: number | undefined;

  constructor(windowUs: number) {
    this.#bucketUs = windowUs / BUCKETS;
  }

  /** @param atUs what lies before the newest counts as the newest. */
  add(value: number, atUs: number): void {
    const bucket = Math.floor(atUs / this.#bucketUs);
    let newest = this.#newest ?? bucket;
    if (bucket - newest >= BUCKETS) {
      this.#minima.fill(Number.POSITIVE_INFINITY);
      newest = bucket;
    }
    while (newest < bucket) {
      newest++;
      this.#minima[newest % BUCKETS] = Number.POSITIVE_INFINITY;
    }
    this.#newest = newest;
    const slot = newest % BUCKETS;
    this.#minima[slot] = Math.min(this.#minima[slot] ?? value, value);
  }

  /** Infinite before the first value. */
  get value(): number {
    let least = Number.POSITIVE_INFINITY;
    for (const minimum of this.#minima) least = Math.min(least, minimum);
    return least;
  }

  reset(): void {
    this.#minima.fill(Number.POSITIVE_INFINITY);
    this.#newest = undefined;
  }
}
