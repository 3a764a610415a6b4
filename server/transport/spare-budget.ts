/** Of the target: with more than this in use nothing is spare, as an estimate is no more exact. */
const FULL = 0.9;

/** What was not used a moment ago may still be used; what was not used before is gone. */
const SAVED_US = 100_000;

/** What a path carries beyond what is sent on it. It may be spent on chance: nothing else gets less. */
export class SpareBudget {
  #bytes = 0;
  #atUs = Number.NEGATIVE_INFINITY;

  /**
   * @param targetBps what the path is believed to carry.
   * @param sentBps what leaves, everything together.
   * @returns whether so many bytes may be sent on top, which counts as done.
   */
  take(bytes: number, targetBps: number, sentBps: number, nowUs: number): boolean {
    const spareBps = Math.max(0, targetBps * FULL - sentBps);
    const elapsedUs = Math.min(nowUs - this.#atUs, SAVED_US);
    const mostBytes = (spareBps * SAVED_US) / 8e6;
    this.#atUs = nowUs;
    this.#bytes = Math.min(this.#bytes + (spareBps * elapsedUs) / 8e6, mostBytes);
    if (bytes > this.#bytes) return false;
    this.#bytes -= bytes;
    return true;
  }
}
