/** Smallest change, as a fraction of the rate in force, that is worth a keyframe. */
const MIN_CHANGE = 0.15;

/** Shortest time from a change to a higher rate, in ticks of the 90 kHz clock: one second. */
const MIN_RISE_INTERVAL_90K = 90_000;

/**
 * To a lower rate 300 ms, as often as keyframes may come at all: a rate the network cannot carry
 * costs more than a keyframe does.
 */
const MIN_FALL_INTERVAL_90K = 27_000;

/**
 * Holds back bitrate changes of encoders that answer each with a keyframe, which costs several
 * frames' worth of bits: only changes of at least 15 % pass, lower ones at most every 300 ms, higher
 * ones at most once a second. A target held back is not lost; it passes once it may.
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
    const change = (this.#targetBps - this.#currentBps) / this.#currentBps;
    const interval = change > 0 ? MIN_RISE_INTERVAL_90K : MIN_FALL_INTERVAL_90K;
    if (Math.abs(change) < MIN_CHANGE || timestamp90k - this.#changedAt90k < interval) return;
    this.#changedAt90k = timestamp90k;
    this.#currentBps = this.#targetBps;
    return this.#targetBps;
  }
}
