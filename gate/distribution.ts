import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  JsHistogram,
} from 'hdr-histogram-js';
import { RockpoolError } from '../protocol/errors.ts';

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

/** So many readings of a size, or of one the histogram does not tell from it. */
export interface Bucket {
  /** The largest that is not told from it. */
  readonly us: number;
  readonly count: number;
}

/** Whether one holds what the other would, to the same precision: adding it up again takes long. */
function isLike(one: JsHistogram, other: JsHistogram): boolean {
  return (
    one.numberOfSignificantValueDigits === other.numberOfSignificantValueDigits &&
    one.lowestDiscernibleValue === other.lowestDiscernibleValue &&
    one.highestTrackableValue >= other.highestTrackableValue
  );
}

/** Durations in a histogram of microseconds, kept to one part in a thousand. */
export class Distribution {
  #histogram: JsHistogram;

  constructor() {
    const histogram = build({
      lowestDiscernibleValue: 1,
      highestTrackableValue: HIGHEST_US,
      numberOfSignificantValueDigits: 3,
    });
    if (!(histogram instanceof JsHistogram)) throw new TypeError('not a histogram in JavaScript');
    this.#histogram = histogram;
  }

  static of(durationsMs: Iterable<number>): Distribution {
    const distribution = new Distribution();
    for (const ms of durationsMs) distribution.record(ms);
    return distribution;
  }

  /** One that holds what all of them hold. */
  static merged(all: Iterable<Distribution>): Distribution {
    const merged = new Distribution();
    for (const one of all) merged.#histogram.add(one.#histogram);
    return merged;
  }

  /**
   * @param text as {@link encoded} returns.
   * @throws RockpoolError `bad-configuration` for anything else.
   */
  static decoded(text: string): Distribution {
    const decoded = new Distribution();
    try {
      const histogram = decodeFromCompressedBase64(text);
      if (!(histogram instanceof JsHistogram)) throw new TypeError('not a histogram in JavaScript');
      if (isLike(histogram, decoded.#histogram)) decoded.#histogram = histogram;
      else decoded.#histogram.add(histogram);
    } catch (cause) {
      throw new RockpoolError('bad-configuration', 'This is no compressed HDR histogram.', {
        cause,
      });
    }
    return decoded;
  }

  /** HdrHistogram's V2 encoding, deflated, as base64. */
  encoded(): string {
    return encodeIntoCompressedBase64(this.#histogram);
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

  /** @returns milliseconds. */
  mean(): number {
    return this.count === 0 ? Number.NaN : this.#histogram.mean / 1000;
  }

  /** What was recorded, from the shortest on. */
  buckets(): Bucket[] {
    const histogram = this.#histogram;
    const buckets: Bucket[] = [];
    if (this.count === 0) return buckets;
    const last = histogram.countsArrayIndex(histogram.maxValue);
    for (let index = 0; index <= last; index++) {
      const count = histogram.getCountAtIndex(index);
      if (count === 0) continue;
      buckets.push({
        us: histogram.highestEquivalentValue(histogram.valueFromIndex(index)),
        count,
      });
    }
    return buckets;
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
