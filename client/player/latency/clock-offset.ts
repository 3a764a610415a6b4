/**
 * How fast two unsynchronised monotonic clocks may drift apart: ±50 ppm is what quartz crystals are
 * sold with, once for each side.
 */
const DRIFT = 100e-6;

/** Four seconds of pings at their steady interval. */
const RTT_SAMPLES = 8;

interface Measurement {
  /** Browser clock when the ping left, microseconds: the worker read its clock at some time after. */
  readonly sentUs: number;
  /** Worker clock minus browser clock, microseconds. */
  readonly offsetUs: number;
  /** When the worker answered, the offset was at most this far from `offsetUs`: Cristian's bound, half the round trip. */
  readonly errorUs: number;
}

/**
 * Distance between the worker's clock and the browser's, from pings (Cristian's algorithm with the
 * minimum-RTT filter of RFC 5905 §10). A measurement's error bound grows with its age by
 * {@link DRIFT}; the one with the least bound is believed. All bounds grow alike, so the order
 * among measurements never changes and only the best has to be kept.
 */
export class ClockOffset {
  #best: Measurement | undefined;
  readonly #rttsUs: number[] = [];

  /** Median of the newest round trips in milliseconds; undefined before the first. */
  get rttMs(): number | undefined {
    if (this.#rttsUs.length === 0) return undefined;
    const sorted = this.#rttsUs.toSorted((a, b) => a - b);
    const median = sorted[sorted.length >> 1];
    return median === undefined ? undefined : median / 1000;
  }

  /** Times in microseconds; the first and the last are the browser's. A pong from the future is ignored. */
  handlePong(sentUs: number, workerUs: number, receivedUs: number): void {
    const rttUs = receivedUs - sentUs;
    if (rttUs < 0) return;
    this.#rttsUs.push(rttUs);
    if (this.#rttsUs.length > RTT_SAMPLES) this.#rttsUs.shift();
    const next: Measurement = {
      sentUs,
      offsetUs: workerUs - (sentUs + receivedUs) / 2,
      errorUs: rttUs / 2,
    };
    const best = this.#best;
    if (!best) {
      this.#best = next;
      return;
    }
    const bestErrorUs = this.#errorUs(best, receivedUs);
    // Bounds that do not overlap cannot both be true: a clock has stepped (a machine that slept).
    const nextErrorUs = this.#errorUs(next, receivedUs);
    const stepped = Math.abs(next.offsetUs - best.offsetUs) > bestErrorUs + nextErrorUs;
    if (stepped || nextErrorUs <= bestErrorUs) this.#best = next;
  }

  /**
   * How far {@link toBrowserMs} may be off at most, milliseconds: half the round trip of the ping that
   * is believed, however it was divided between the two ways, and what both clocks may have drifted
   * apart since. Undefined before the first pong.
   * @param nowMs the browser's clock.
   */
  errorMs(nowMs: number): number | undefined {
    return this.#best && this.#errorUs(this.#best, nowMs * 1000) / 1000;
  }

  /** A worker time (microseconds) on the browser's clock (milliseconds); undefined before the first pong. */
  toBrowserMs(workerUs: number): number | undefined {
    return this.#best && (workerUs - this.#best.offsetUs) / 1000;
  }

  #errorUs({ errorUs, sentUs }: Measurement, nowUs: number): number {
    return errorUs + Math.max(0, nowUs - sentUs) * DRIFT;
  }
}
