import { z } from 'zod';

/** Buckets to each doubling: one is 4.4 % wide, so what is read from it is at most 2.2 % off. */
const BUCKETS_PER_OCTAVE = 16;

/** From 1 ms, below which all is one bucket, to 16.4 s, above which all is one. */
const OCTAVES = 14;

/** How many buckets there are. */
export const LATENCY_BUCKETS = BUCKETS_PER_OCTAVE * OCTAVES + 2;

/** More than a session of a month counts of one delay. */
const MAX_COUNT = 1_000_000_000;

/**
 * How often each delay came, without the empty buckets at both ends: for the usual session some fifty
 * small numbers. Two of them are merged by adding them up.
 */
export const latencyCountsSchema = z
  .strictObject({
    /** Bucket of the first count. */
    first: z
      .int()
      .min(0)
      .max(LATENCY_BUCKETS - 1),
    counts: z.array(z.int().min(0).max(MAX_COUNT)).min(1).max(LATENCY_BUCKETS),
  })
  .refine(
    ({ first, counts }) => first + counts.length <= LATENCY_BUCKETS,
    'no bucket beyond the last one',
  )
  .refine(({ counts }) => counts[0] !== 0 && counts.at(-1) !== 0, 'no empty bucket at either end');
export type LatencyCounts = z.infer<typeof latencyCountsSchema>;

/** How many delays were counted. */
export function latencyTotal({ counts }: LatencyCounts): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Lower edge of a bucket, milliseconds. */
function edgeMs(bucket: number): number {
  return bucket === 0 ? 0 : 2 ** ((bucket - 1) / BUCKETS_PER_OCTAVE);
}

/** Which bucket a delay falls into. */
export function latencyBucket(ms: number): number {
  if (!(ms >= 1)) return 0;
  const bucket = 1 + Math.floor(Math.log2(ms) * BUCKETS_PER_OCTAVE);
  return Math.min(bucket, LATENCY_BUCKETS - 1);
}

/**
 * Delay below which this share of what was counted lies, milliseconds; undefined where nothing was.
 * Within a bucket the counts are taken to be spread evenly.
 * @param counts of every bucket, whole numbers or not.
 * @param share 0 to 1.
 */
export function latencyPercentile(counts: ArrayLike<number>, share: number): number | undefined {
  let total = 0;
  for (let bucket = 0; bucket < counts.length; bucket++) total += counts[bucket] ?? 0;
  if (total <= 0) return undefined;
  const wanted = share * total;
  let below = 0;
  let last = 0;
  for (let bucket = 0; bucket < counts.length; bucket++) {
    const count = counts[bucket] ?? 0;
    if (count === 0) continue;
    last = bucket;
    if (below + count >= wanted) {
      const from = edgeMs(bucket);
      return from + ((wanted - below) / count) * (edgeMs(bucket + 1) - from);
    }
    below += count;
  }
  // Sums of fractions may miss the end by a rounding.
  return edgeMs(last + 1);
}

/** Counts delays in buckets that grow with the delay, so that counts of many sessions can be merged. */
export class LatencyHistogram {
  readonly #counts = new Float64Array(LATENCY_BUCKETS);

  record(ms: number): void {
    const bucket = latencyBucket(ms);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
  }

  /** @param weight of each delay in it. */
  add({ first, counts }: LatencyCounts, weight = 1): void {
    for (const [index, count] of counts.entries()) {
      const bucket = first + index;
      this.#counts[bucket] = (this.#counts[bucket] ?? 0) + count * weight;
    }
  }

  /** Milliseconds; see {@link latencyPercentile}. */
  percentile(share: number): number | undefined {
    return latencyPercentile(this.#counts, share);
  }

  /** Undefined while nothing was counted. */
  toCounts(): LatencyCounts | undefined {
    const first = this.#counts.findIndex((count) => count > 0);
    if (first < 0) return undefined;
    const last = this.#counts.findLastIndex((count) => count > 0);
    const counts = [...this.#counts.subarray(first, last + 1)];
    return { first, counts: counts.map((count) => Math.min(count, MAX_COUNT)) };
  }
}
