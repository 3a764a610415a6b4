import { medianOf } from '../../gate/median.ts';

/** By how much something changed, from several rounds of it, and where that lies for certain. */
export interface Estimate {
  readonly ms: number;
  /** −∞ and ∞ where there are too few rounds to tell. */
  readonly lowMs: number;
  readonly highMs: number;
}

/** How often the truth may lie outside of an interval. */
const ERROR = 0.05;

/** Of how many subsets of 1 to n the sum is so much: how Wilcoxon's signed ranks are distributed. */
function subsetsBySum(n: number): number[] {
  const counts = new Array<number>((n * (n + 1)) / 2 + 1).fill(0);
  counts[0] = 1;
  for (let rank = 1; rank <= n; rank++) {
    for (let sum = counts.length - 1; sum >= rank; sum--) {
      counts[sum] = (counts[sum] ?? 0) + (counts[sum - rank] ?? 0);
    }
  }
  return counts;
}

/** How many means at each end lie outside of the interval; undefined where not even all suffice. */
function outside(n: number): number | undefined {
  const counts = subsetsBySum(n);
  let below = 0;
  for (let sum = 0; ; sum++) {
    below += counts[sum] ?? 0;
    if (below / 2 ** n > ERROR / 2) return sum === 0 ? undefined : sum - 1;
  }
}

/**
 * Hodges and Lehmann's estimate: the median of the means of all pairs of rounds, each with itself too,
 * and the interval that goes with Wilcoxon's signed ranks. Nothing is supposed of how a machine is
 * noisy but that it is so either way; a round in which it stood still counts as one. From six rounds
 * on there is an interval.
 * @param changes one of each round, milliseconds.
 */
export function estimateOf(changes: readonly number[]): Estimate {
  const means = changes
    .flatMap((one, i) => changes.slice(i).map((other) => (one + other) / 2))
    .toSorted((a, b) => a - b);
  const cut = outside(changes.length);
  return {
    ms: medianOf(means),
    lowMs: (cut !== undefined ? means[cut] : undefined) ?? Number.NEGATIVE_INFINITY,
    highMs: (cut !== undefined ? means.at(-1 - cut) : undefined) ?? Number.POSITIVE_INFINITY,
  };
}

/** Where the size of an error lies, whichever way it goes. */
export function sizeOf({ ms, lowMs, highMs }: Estimate): {
  readonly measured: number;
  readonly lowest: number;
  readonly highest: number;
} {
  const ends = [Math.abs(lowMs), Math.abs(highMs)] as const;
  const isEitherWay = lowMs <= 0 && highMs >= 0;
  return {
    measured: Math.abs(ms),
    lowest: isEitherWay ? 0 : Math.min(...ends),
    highest: Math.max(...ends),
  };
}
