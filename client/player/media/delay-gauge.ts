/** Readings that one level is the median of; at four readings a second, a second. */
const LEVEL_READINGS = 4;

/** The middle one, or the upper of the two in the middle. */
export function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

/** Follows a delay that should stay where it is: its level now above the lowest there was. */
export class DelayGauge {
  readonly #readings: number[] = [];
  #lowestMs = Number.POSITIVE_INFINITY;
  #excessMs = 0;

  /** How far the level of the last second is above the lowest; 0 before there is one. */
  get excessMs(): number {
    return this.#excessMs;
  }

  /** @param readingMs undefined where nothing was measured: the level stays as it was. */
  handleReading(readingMs: number | undefined): void {
    if (readingMs === undefined) return;
    this.#readings.push(readingMs);
    if (this.#readings.length > LEVEL_READINGS) this.#readings.shift();
    if (this.#readings.length < LEVEL_READINGS) return;
    const levelMs = median(this.#readings) ?? 0;
    this.#lowestMs = Math.min(this.#lowestMs, levelMs);
    this.#excessMs = levelMs - this.#lowestMs;
  }

  /** A new connection: what was low before means nothing. */
  reset(): void {
    this.#readings.length = 0;
    this.#lowestMs = Number.POSITIVE_INFINITY;
    this.#excessMs = 0;
  }
}
