import type { Interval } from '../result.ts';
import type { Random } from './random.ts';
import { normalQuantile, normalTail, studentQuantile } from './student.ts';

/** How sure the two ends of an interval are: the chances that the truth lies beyond them. */
export interface Levels {
  readonly low: number;
  readonly high: number;
}

/** Groups of runs that are drawn from one by one: pairs, or each side by itself. */
export interface Blocks {
  /** Sizes of the groups. */
  readonly sizes: readonly number[];
  /**
   * @param times how often each block of each group counts.
   * @returns what there is to be told of them, always as many numbers.
   */
  statistics(times: readonly ArrayLike<number>[]): readonly number[];
}

const DRAWS = 10_000;

/**
 * Ends further out than this are not read off the draws, of which too few lie there, but carried on
 * from here as far as a normal distribution would.
 */
const FURTHEST = 0.002;

/**
 * Where each statistic of blocks lies, from drawing as many blocks as there are, with replacement, many
 * times (Efron's percentile interval). Its ends are moved out by what few blocks make it too narrow:
 * by the shares of a normal distribution that Student's t stands for (Hesterberg's expanded
 * percentile interval, The American Statistician 69:4, 2015).
 *
 * An outlier among the blocks widens it: what is not known is not claimed.
 * @param levels one for each statistic.
 * @throws RangeError for a group of less than two blocks, which say nothing of how far they vary.
 */
export function bootstrapIntervals(
  blocks: Blocks,
  levels: readonly Levels[],
  random: Random,
): Interval[] {
  const fewest = Math.min(...blocks.sizes);
  if (!(fewest >= 2)) throw new RangeError('an interval needs two blocks at least');
  const times = blocks.sizes.map((size) => new Uint16Array(size));
  const draws = levels.map(() => new Float64Array(DRAWS));
  for (let draw = 0; draw < DRAWS; draw++) {
    for (const of of times) {
      of.fill(0);
      for (let i = 0; i < of.length; i++) {
        const block = Math.floor(random.next() * of.length);
        of[block] = (of[block] ?? 0) + 1;
      }
    }
    blocks.statistics(times).forEach((value, which) => {
      const of = draws[which];
      if (of) of[draw] = value;
    });
  }
  const estimates = blocks.statistics(times.map((of) => of.fill(1)));
  return levels.map(({ low, high }, which) => {
    const of = (draws[which] ?? new Float64Array()).sort();
    const estimate = estimates[which] ?? Number.NaN;
    const mirrored = of.map((draw) => -draw).sort();
    return {
      estimate,
      low: Math.min(estimate, endOf(of, estimate, low, fewest)),
      high: Math.max(estimate, -endOf(mirrored, -estimate, high, fewest)),
    };
  });
}

/** The lower end; `draws` ascend. */
function endOf(draws: Float64Array, estimate: number, level: number, blocks: number): number {
  const z = Math.sqrt(blocks / (blocks - 1)) * studentQuantile(level, blocks - 1);
  const tail = normalTail(z);
  if (tail >= FURTHEST) return quantileOf(draws, tail);
  return estimate + (quantileOf(draws, FURTHEST) - estimate) * (z / normalQuantile(FURTHEST));
}

/** Of ascending values, the one with the share `tail` of them below it. */
function quantileOf(values: Float64Array, tail: number): number {
  return values[Math.floor(tail * values.length)] ?? Number.NaN;
}
