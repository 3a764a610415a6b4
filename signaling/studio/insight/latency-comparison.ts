import {
  LATENCY_BUCKETS,
  type LatencyCounts,
  latencyPercentile,
} from '../../../protocol/latency-histogram.ts';
import {
  type InsightVerdict,
  type LatencyDifference,
  MIN_COMPARED_SESSIONS,
} from '../../../protocol/studio-insight.ts';
import { inputWeight } from './insight-tally.ts';

/** Enough for the ends of a 95 % interval: ten resamples lie beyond each. */
const RESAMPLES = 400;

/** Some ten milliseconds of the largest samples there are. */
const RESAMPLES_AT_ONCE = 20;

/** Outside the interval: 2.5 % at either end. */
const TAIL = 0.025;

/** Of a difference below this nobody's play knows anything. */
const LEAST_FELT_MS = 1;

/** The newest so many of each build: more make the interval no narrower than is of use. */
export const MAX_COMPARED_SESSIONS = 600;

export interface LatencyComparison {
  readonly verdict: InsightVerdict;
  readonly p50: LatencyDifference | null;
  readonly p95: LatencyDifference | null;
}

/**
 * Whether one build is slower than another. Inputs of one session are alike (one network, one machine,
 * one screen), so not inputs but whole sessions are drawn anew, with replacement: the percentile
 * bootstrap of the difference, clustered by session. Where zero lies within the interval, what is seen
 * may be chance. It says nothing of why: players, regions and networks may differ as well.
 * @param random 0 to 1, such as from {@link seededRandom}: the same sessions get the same answer.
 * @param pause now and then lets others have a turn.
 */
export async function compareLatency(
  newer: readonly LatencyCounts[],
  older: readonly LatencyCounts[],
  random: () => number,
  pause: () => Promise<unknown>,
): Promise<LatencyComparison> {
  if (Math.min(newer.length, older.length) < MIN_COMPARED_SESSIONS) {
    return { verdict: 'too-few', p50: null, p95: null };
  }
  const [mine, theirs] = [new SessionSample(newer), new SessionSample(older)];
  const p50s = new Float64Array(RESAMPLES);
  const p95s = new Float64Array(RESAMPLES);
  for (let draw = 0; draw < RESAMPLES; draw++) {
    if (draw % RESAMPLES_AT_ONCE === 0) await pause();
    const [one, other] = [mine.resample(random), theirs.resample(random)];
    p50s[draw] = one.p50 - other.p50;
    p95s[draw] = one.p95 - other.p95;
  }
  const [seen, seenBefore] = [mine.percentiles, theirs.percentiles];
  const p50 = interval(seen.p50 - seenBefore.p50, p50s);
  const p95 = interval(seen.p95 - seenBefore.p95, p95s);
  return { verdict: verdictOf(p95), p50, p95 };
}

function verdictOf({ differenceMs, lowMs, highMs }: LatencyDifference): InsightVerdict {
  if (Math.abs(differenceMs) < LEAST_FELT_MS) return 'alike';
  if (lowMs > 0) return 'slower';
  return highMs < 0 ? 'faster' : 'alike';
}

function interval(differenceMs: number, draws: Float64Array): LatencyDifference {
  const sorted = draws.toSorted();
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))] ?? differenceMs;
  return { differenceMs, lowMs: at(TAIL), highMs: at(1 - TAIL) };
}

interface Pair {
  readonly p50: number;
  readonly p95: number;
}

/** Sessions laid out flat: they are added up hundreds of times. */
class SessionSample {
  readonly #buckets: Uint16Array;
  readonly #counts: Float64Array;
  /** Where each session begins, and the end of the last. */
  readonly #begins: Uint32Array;
  readonly #merged = new Float64Array(LATENCY_BUCKETS);
  /** Of all sessions, each once. */
  readonly percentiles: Pair;

  constructor(sessions: readonly LatencyCounts[]) {
    const filled = sessions.map(({ first, counts }) =>
      counts.flatMap((count, index) => (count > 0 ? [[first + index, count] as const] : [])),
    );
    const size = filled.reduce((sum, session) => sum + session.length, 0);
    this.#buckets = new Uint16Array(size);
    this.#counts = new Float64Array(size);
    this.#begins = new Uint32Array(sessions.length + 1);
    let at = 0;
    for (const [index, session] of sessions.entries()) {
      const weight = inputWeight(session);
      for (const [bucket, count] of filled[index] ?? []) {
        this.#buckets[at] = bucket;
        this.#counts[at] = count * weight;
        at++;
      }
      this.#begins[index + 1] = at;
    }
    let next = 0;
    this.percentiles = this.#merge(() => next++);
  }

  resample(random: () => number): Pair {
    const sessions = this.#begins.length - 1;
    return this.#merge(() => Math.floor(random() * sessions));
  }

  /** @param choose which session comes next, as often as there are sessions. */
  #merge(choose: () => number): Pair {
    const merged = this.#merged.fill(0);
    for (let drawn = 1; drawn < this.#begins.length; drawn++) {
      const session = choose();
      const end = this.#begins[session + 1] ?? 0;
      for (let at = this.#begins[session] ?? 0; at < end; at++) {
        const bucket = this.#buckets[at] ?? 0;
        merged[bucket] = (merged[bucket] ?? 0) + (this.#counts[at] ?? 0);
      }
    }
    return { p50: latencyPercentile(merged, 0.5) ?? 0, p95: latencyPercentile(merged, 0.95) ?? 0 };
  }
}

/** Numbers from 0 to 1 that look random, and are the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
