import type { Interval } from '../result.ts';
import type { Levels } from './bootstrap.ts';

export type Outcome = 'pass' | 'fail' | 'undecided';

export interface Decision {
  readonly outcome: Outcome;
  /** So many more would decide it if they were as those before; undefined where none would. */
  readonly moreRuns?: number;
}

/** More than anybody makes to have one question answered. */
const HOPELESS_RUNS = 500;

/**
 * Fewer runs decide nothing, however far they are from what is allowed: that all lie on one side of
 * the truth by chance is as likely as as many coins that fall alike.
 */
export function fewestRuns(level: number): number {
  return Math.max(2, Math.ceil(Math.log2(1 / level)));
}

/** @param excess how much worse than allowed; undefined where the runs were too few for an interval. */
export function decide(excess: Interval | undefined, runs: number, levels: Levels): Decision {
  const toFail = fewestRuns(levels.low);
  const toPass = fewestRuns(levels.high);
  if (!excess) return { outcome: 'undecided', moreRuns: Math.max(toFail, toPass) - runs };
  if (excess.low > 0 && runs >= toFail) return { outcome: 'fail' };
  if (excess.high <= 0 && runs >= toPass) return { outcome: 'pass' };
  const { estimate, low, high } = excess;
  const halfWidth = estimate > 0 ? estimate - low : high - estimate;
  // An interval narrows with the square root of the runs.
  const narrow = Math.ceil(runs * (halfWidth / estimate) ** 2);
  const needed = Math.max(estimate > 0 ? toFail : toPass, narrow, runs + 1);
  return needed <= HOPELESS_RUNS
    ? { outcome: 'undecided', moreRuns: needed - runs }
    : { outcome: 'undecided' };
}
