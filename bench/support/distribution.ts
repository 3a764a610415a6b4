import { build, type Histogram } from 'hdr-histogram-js';

/** A minute: whatever is measured here and takes longer is broken, and a histogram needs an end. */
const HIGHEST_US = 60_000_000;

/** Milliseconds; NaN where nothing was recorded. */
export interface Summary {
  readonly count: number;
  readonly min: number;
  readonly p5: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** Durations in a histogram of microseconds, kept to one part in a thousand. */
export class Distribution {
  readonly #histogram: Histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: HIGHEST_US,
    numberOfSignificantValueDigits: 3,
  });

  static of(durationsMs: Iterable<number>): Distribution {
    const distribution = new Distribution();
    for (const ms of durationsMs) distribution.record(ms);
    return distribution;
  }

  /** @param ms negative counts as 0, more than a minute as a minute. */
  record(ms: number): void {
    const us = Math.round(ms * 1000);
    this.#histogram.recordValue(Math.min(Math.max(us, 0), HIGHEST_US));
  }

  get count(): number {
    return this.#histogram.totalCount;
  }

  /** @returns milliseconds. */
  percentile(percent: number): number {
    return this.count === 0 ? Number.NaN : this.#histogram.getValueAtPercentile(percent) / 1000;
  }

  summary(): Summary {
    return {
      count: this.count,
      min: this.percentile(0),
      p5: this.percentile(5),
      p50: this.percentile(50),
      p95: this.percentile(95),
      p99: this.percentile(99),
      max: this.percentile(100),
    };
  }
}
