/** Smallest change, as a fraction of the rate in force, that is worth a keyframe. */
const MIN_CHANGE = 0.15;

/** Shortest time between two such changes, in ticks of the 90 kHz clock: one second. */
const MIN_INTERVAL_90K = 90_000;

/**
 * Holds back bitrate changes of encoders that answer each with a keyframe, which costs several
 * frames' worth of bits: only changes of at least 15 % pass, at most once a second. A target held
 * back is not lost; it passes once it may.
 */
export class BitrateGate {
  #currentBps: number;
  #targetBps: number;
  #changedAt90k = Number.NEGATIVE_INFINITY;

  constructor(bitrateBps: number) {
    this.#currentBps = bitrateBps;
    this.#targetBps = bitrateBps;
  }

  set target(bitrateBps: number) {
    this.#targetBps = bitrateBps;
  }

  /** @returns the rate to change to before the frame of this time, undefined to leave it. */
  next(timestamp90k: number): number | undefined {
    const change = Math.abs(this.#targetBps - this.#currentBps) / this.#currentBps;
    if (change < MIN_CHANGE || timestamp90k - this.#changedAt90k < MIN_INTERVAL_90K) return;
    this.#changedAt90k = timestamp90k;
    this.#currentBps = this.#targetBps;
    return this.#targetBps;
  }
}
