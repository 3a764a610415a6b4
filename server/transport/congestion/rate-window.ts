const BUCKET_US = 10_000;

/** 1.28 s: longer than any window asked for. */
const BUCKETS = 128;

/** Bytes by time, to ask for the rate over the last while. */
export class RateWindow {
  readonly #bytes = new Float64Array(BUCKETS);
  #firstUs: number | undefined;
  /** The newest bucket, counted from time zero. */
  #newest = 0;

  /** Times may come out of order, within about a second. */
  add(bytes: number, atUs: number): void {
    const bucket = Math.floor(atUs / BUCKET_US);
    if (this.#firstUs === undefined || Math.abs(bucket - this.#newest) >= BUCKETS) {
      // Nothing for so long, or a clock that was set: what was before is of no use.
      this.#bytes.fill(0);
      this.#firstUs = atUs;
      this.#newest = bucket;
    }
    while (this.#newest < bucket) {
      this.#newest++;
      this.#bytes[slotOf(this.#newest)] = 0;
    }
    const slot = slotOf(bucket);
    this.#bytes[slot] = (this.#bytes[slot] ?? 0) + bytes;
    this.#firstUs = Math.min(this.#firstUs, atUs);
  }

  /**
   * Over the time that ends with `untilUs`.
   * @param windowUs at most a second
   * @param minWindowUs less history than this tells nothing
   * @returns undefined where there is too little history.
   */
  bitrateBps(windowUs: number, minWindowUs: number, untilUs: number): number | undefined {
    if (this.#firstUs === undefined) return undefined;
    // From the beginning of a bucket on, so that what is counted and how long it took are of one time.
    const wholeUs = Math.floor((untilUs - windowUs) / BUCKET_US) * BUCKET_US;
    const fromUs = Math.max(this.#firstUs, wholeUs);
    const spanUs = untilUs - fromUs;
    if (spanUs <= 0 || spanUs < minWindowUs) return undefined;
    const last = Math.min(Math.floor(untilUs / BUCKET_US), this.#newest);
    const first = Math.max(Math.floor(fromUs / BUCKET_US), this.#newest - BUCKETS + 1);
    let sum = 0;
    for (let bucket = first; bucket <= last; bucket++) sum += this.#bytes[slotOf(bucket)] ?? 0;
    return (sum * 8e6) / spanUs;
  }
}

function slotOf(bucket: number): number {
  return ((bucket % BUCKETS) + BUCKETS) % BUCKETS;
}
