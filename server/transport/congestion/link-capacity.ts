/** Weights of a new sample: one overuse says little by itself, a probe measures. */
const OVERUSE_GAIN = 0.05;
const PROBE_GAIN = 0.5;

/** Bounds of the variance, as a part of the estimate in kbit/s: ±11 % to ±28 % at 500 kbit/s. */
const MIN_VARIANCE = 0.4;
const MAX_VARIANCE = 2.5;

/** A rate further away than three deviations is of another link (draft-ietf-rmcat-gcc-02 §5.5). */
const DEVIATIONS = 3;

/** What the bottleneck carried each time it was found full. */
export class LinkCapacity {
  #kbps: number | undefined;
  /** Normalised by the estimate. */
  #variance = MIN_VARIANCE;

  /** Undefined while nothing is known. */
  get bitrateBps(): number | undefined {
    return this.#kbps === undefined ? undefined : this.#kbps * 1000;
  }

  /** Acknowledged rates above it are of another, faster link. */
  get upperBps(): number {
    return this.#kbps === undefined
      ? Number.POSITIVE_INFINITY
      : (this.#kbps + DEVIATIONS * this.#deviation(this.#kbps)) * 1000;
  }

  get lowerBps(): number {
    return this.#kbps === undefined
      ? 0
      : Math.max(0, this.#kbps - DEVIATIONS * this.#deviation(this.#kbps)) * 1000;
  }

  /** The path was overused while it delivered this much. */
  addOveruse(acknowledgedBps: number): void {
    this.#add(acknowledgedBps / 1000, OVERUSE_GAIN);
  }

  /** A probe measured this much. */
  addProbe(bitrateBps: number): void {
    this.#add(bitrateBps / 1000, PROBE_GAIN);
  }

  reset(): void {
    this.#kbps = undefined;
    this.#variance = MIN_VARIANCE;
  }

  #add(sampleKbps: number, gain: number): void {
    const before = this.#kbps ?? sampleKbps;
    const kbps = before + gain * (sampleKbps - before);
    this.#kbps = kbps;
    const error = sampleKbps - kbps;
    const variance = (1 - gain) * this.#variance + (gain * error * error) / Math.max(kbps, 1);
    this.#variance = Math.min(Math.max(variance, MIN_VARIANCE), MAX_VARIANCE);
  }

  #deviation(kbps: number): number {
    return Math.sqrt(this.#variance * kbps);
  }
}
